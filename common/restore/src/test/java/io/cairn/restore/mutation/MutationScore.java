package io.cairn.restore.mutation;

import io.cairn.model.ObjectKey;
import io.cairn.restore.mutation.Mutation.Stored;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How many changes to a store a check has found. Every class of object there is in the store is
 * changed in every way: of each the first, the middle and the last object, truncated by a byte and
 * by half, removed, exchanged with another of its class, without what the store knows of it and
 * with; and with one byte flipped in several places.
 *
 * @param missed what was not found, one line each
 */
public record MutationScore(int caught, int total, List<String> missed) {

    /** Looks at a whole store. */
    @FunctionalInterface
    public interface Check {

        /** Whether anything is wrong in it. */
        boolean finds(ObjectStore store) throws InterruptedException;
    }

    public MutationScore {
        missed = List.copyOf(missed);
    }

    /** Both together. */
    public MutationScore and(MutationScore other) {
        return new MutationScore(
                caught + other.caught,
                total + other.total,
                Stream.concat(missed.stream(), other.missed.stream()).toList());
    }

    /** 1 if everything was found. */
    public double value() {
        return total == 0 ? 0 : (double) caught / total;
    }

    /**
     * @param sound is only read
     * @param prefix of the cluster's objects, with which others are exchanged
     * @param changed which of them are changed
     * @param flips of each object
     * @throws IllegalStateException if the check finds something in what is sound
     */
    public static MutationScore of(
            ObjectStore sound,
            String prefix,
            Predicate<ObjectKey> changed,
            Check check,
            int flips,
            RandomGenerator random)
            throws InterruptedException {
        if (check.finds(sound)) {
            throw new IllegalStateException("something is found in what is sound");
        }
        int caught = 0;
        List<String> missed = new ArrayList<>();
        for (Map.Entry<ObjectKey, List<Mutation>> each :
                mutations(sound, prefix, changed, flips, random).entrySet()) {
            Stored stored = Stored.read(each.getKey(), sound);
            for (Mutation mutation : each.getValue()) {
                Optional<Stored> mutated = mutation.of(stored, sound);
                if (check.finds(MutatedStore.of(sound, each.getKey(), mutated))) {
                    caught++;
                } else {
                    missed.add(mutation + " of " + each.getKey());
                }
            }
        }
        return new MutationScore(caught, caught + missed.size(), missed);
    }

    private static Map<ObjectKey, List<Mutation>> mutations(
            ObjectStore store,
            String prefix,
            Predicate<ObjectKey> changed,
            int flips,
            RandomGenerator random) {
        Map<ObjectClass, List<ObjectInfo>> classes;
        try (Stream<ObjectInfo> listed = store.list(prefix)) {
            classes =
                    listed.collect(
                            Collectors.groupingBy(
                                    info -> ObjectClass.of(info.key()),
                                    TreeMap::new,
                                    Collectors.toList()));
        }
        classes.remove(ObjectClass.OTHER);
        Map<ObjectKey, List<Mutation>> mutations = new LinkedHashMap<>();
        for (List<ObjectInfo> objects : classes.values()) {
            for (ObjectInfo object : chosen(objects, changed)) {
                Optional<ObjectKey> other = different(object, objects, store);
                mutations.put(object.key(), mutations(object, other, flips, random));
            }
        }
        return mutations;
    }

    /** The first, the middle and the last one. */
    private static List<ObjectInfo> chosen(List<ObjectInfo> all, Predicate<ObjectKey> changed) {
        List<ObjectInfo> objects = all.stream().filter(info -> changed.test(info.key())).toList();
        if (objects.isEmpty()) {
            return List.of();
        }
        ObjectInfo middle = objects.get(objects.size() / 2);
        return Stream.of(objects.getFirst(), middle, objects.getLast()).distinct().toList();
    }

    /** Another object of the class whose bytes are others. */
    private static Optional<ObjectKey> different(
            ObjectInfo object, List<ObjectInfo> objects, ObjectStore store) {
        Stored stored = Stored.read(object.key(), store);
        return objects.stream()
                .map(ObjectInfo::key)
                .filter(key -> !key.equals(object.key()))
                .filter(key -> !Arrays.equals(stored.bytes(), Stored.read(key, store).bytes()))
                .findFirst();
    }

    private static List<Mutation> mutations(
            ObjectInfo object, Optional<ObjectKey> other, int flips, RandomGenerator random) {
        int length = Math.toIntExact(object.length());
        List<Mutation> all = new ArrayList<>();
        all.add(new Mutation.Truncated(1));
        all.add(new Mutation.Truncated(length - length / 2));
        all.add(new Mutation.Removed());
        other.ifPresent(key -> {
            all.add(new Mutation.Swapped(key));
            all.add(new Mutation.Overwritten(key));
        });
        for (int flip = 0; flip < flips; flip++) {
            all.add(new Mutation.Flipped(random.nextInt(length), 1 << random.nextInt(8)));
        }
        return all;
    }

    @Override
    public String toString() {
        return "validator_mutation_score=%.4f (%d of %d)".formatted(value(), caught, total);
    }
}
