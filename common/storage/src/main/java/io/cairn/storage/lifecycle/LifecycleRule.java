package io.cairn.storage.lifecycle;

import io.cairn.model.archival.StorageClass;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One rule of a bucket's lifecycle configuration, as far as Cairn has to know it.
 *
 * @param prefix of the keys it is about; empty for all
 * @param tags that an object must have, all of them
 * @param transitions moves to other storage classes
 * @param removals what it deletes of objects and their versions, in words; empty for nothing
 * @param stored as the bucket has it, for putting it back unchanged; absent for a new one
 */
public record LifecycleRule(
        String id,
        boolean enabled,
        String prefix,
        Map<String, String> tags,
        List<Transition> transitions,
        List<Removal> removals,
        Optional<Object> stored) {

    /** Rules whose ids begin so are Cairn's own. */
    public static final String OWN = "cairn-";

    public LifecycleRule {
        tags = Map.copyOf(tags);
        transitions = List.copyOf(transitions);
        removals = List.copyOf(removals);
    }

    /**
     * @param days after which it is done, where the rule counts the days of an object
     * @param when {@code after 30d}, or what else the rule says
     * @param storageClass S3's name, which need not be one of {@link StorageClass}
     */
    public record Transition(Optional<Integer> days, String when, String storageClass) {

        public static Transition after(int days, String storageClass) {
            return new Transition(Optional.of(days), "after " + days + "d", storageClass);
        }

        @Override
        public String toString() {
            return "to " + storageClass + " " + when;
        }
    }

    /**
     * @param days after which it is done, where the rule counts days
     * @param what {@code expires after 30d}
     */
    public record Removal(Optional<Integer> days, String what) {

        @Override
        public String toString() {
            return what;
        }
    }

    public boolean own() {
        return id.startsWith(OWN);
    }

    /** Whether it does anything to objects. */
    boolean acts() {
        return enabled && !(transitions.isEmpty() && removals.isEmpty());
    }

    /** Whether both do the same to the same objects. */
    boolean does(LifecycleRule other) {
        return enabled == other.enabled
                && prefix.equals(other.prefix)
                && tags.equals(other.tags)
                && transitions.equals(other.transitions)
                && removals.equals(other.removals);
    }

    /** In one line: {@code prefix logs/, tag a=b: to GLACIER after 30d}. */
    public String sentence() {
        String filter =
                Stream.concat(
                                prefix.isEmpty() ? Stream.of() : Stream.of("prefix " + prefix),
                                tags.entrySet().stream()
                                        .sorted(Map.Entry.comparingByKey())
                                        .map(tag -> tag.getKey() + "=" + tag.getValue()))
                        .collect(Collectors.joining(", "));
        String effect =
                Stream.concat(transitions.stream(), removals.stream())
                        .map(Object::toString)
                        .collect(Collectors.joining(", "));
        return (filter.isEmpty() ? "everything" : filter)
                + ": "
                + (effect.isEmpty() ? "nothing to objects" : effect)
                + (enabled ? "" : " (disabled)");
    }
}
