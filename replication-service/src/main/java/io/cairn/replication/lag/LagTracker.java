package io.cairn.replication.lag;

import io.cairn.model.ObjectKey;
import io.cairn.replication.route.Copy;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which objects are known to be in the source and not yet in a target. The lag of a cluster's copy
 * is the age of the oldest of them, by this process's clock against the time at which the object
 * was stored.
 *
 * <p>Bounded by who announces: at most the backlog of hints and the backups under way. Thread-safe.
 */
@Singleton
public final class LagTracker {

    private final Map<Copy, Map<ObjectKey, Instant>> pending = new HashMap<>();

    /** The oldest object that is missing but was not kept one by one. */
    private final Map<Copy, Instant> unlisted = new HashMap<>();

    /** The object is in the source and not in the target. */
    public synchronized void missing(Copy copy, ObjectKey key, Instant storedAt) {
        pending.computeIfAbsent(copy, _ -> new HashMap<>()).putIfAbsent(key, storedAt);
    }

    /** All objects that are known to be missing. */
    public synchronized List<ObjectKey> missing(Copy copy) {
        return List.copyOf(pending.getOrDefault(copy, Map.of()).keySet());
    }

    /** The object is in the target, or will never be. */
    public synchronized void settled(Copy copy, ObjectKey key) {
        pending.computeIfPresent(
                copy,
                (_, keys) -> {
                    keys.remove(key);
                    return keys.isEmpty() ? null : keys;
                });
    }

    /**
     * The object is missing, and will be found by its backup's completion; until a backup is whole,
     * it counts.
     */
    public synchronized void unlisted(Copy copy, ObjectKey key, Instant storedAt) {
        settled(copy, key);
        unlisted.merge(copy, storedAt, (known, more) -> known.isBefore(more) ? known : more);
    }

    /**
     * A backup that was stored at {@code storedAt} is whole in the target: what is older is no
     * longer missing.
     */
    public synchronized void whole(Copy copy, Instant storedAt) {
        unlisted.computeIfPresent(copy, (_, oldest) -> oldest.isAfter(storedAt) ? oldest : null);
    }

    /** Age of the oldest missing object; zero if there is none. */
    public synchronized Duration lag(Copy copy, Instant now) {
        Optional<Instant> oldest =
                Stream.concat(
                                pending.getOrDefault(copy, Map.of()).values().stream(),
                                Stream.ofNullable(unlisted.get(copy)))
                        .min(Instant::compareTo);
        return oldest.filter(storedAt -> storedAt.isBefore(now))
                .map(storedAt -> Duration.between(storedAt, now))
                .orElse(Duration.ZERO);
    }
}
