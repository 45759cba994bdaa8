package io.cairn.catalog.lock;

import io.cairn.model.StoreName;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.storage.LockingStore;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Finds out whose keys were wrapped anew: a rotation is the custodian's, who has no catalog, and
 * the short lock that its wraps are stored with must not end before somebody has looked. Lists the
 * keys of each cluster once a day. For one thread.
 */
final class NewWraps {

    private static final Duration EVERY = Duration.ofDays(1);

    /** By which clocks may differ. */
    private static final Duration SKEW = Duration.ofHours(1);

    /** {@code <first wrap>.<rotation>.cms}. */
    private static final Pattern ROTATED = Pattern.compile(".*\\.[0-9a-f]{16}\\.cms");

    private final InstantSource clock;
    private final Map<Place, Instant> looked = new HashMap<>();

    NewWraps(InstantSource clock) {
        this.clock = clock;
    }

    private record Place(StoreName store, ClusterRoot root) {}

    /**
     * Those of the clusters that got a rotation's wrap in this store since they were last asked
     * for; the first time, within the time of the lock that comes with it. Empty for those that
     * were asked for within a day.
     */
    Set<ClusterRoot> since(ObjectStore store, Collection<ClusterRoot> roots) {
        Instant now = clock.instant();
        Set<ClusterRoot> anew = new HashSet<>();
        for (ClusterRoot root : roots) {
            Place place = new Place(store.name(), root);
            Instant last = looked.get(place);
            if (last != null && now.isBefore(last.plus(EVERY))) {
                continue;
            }
            Instant since = (last == null ? now.minus(LockingStore.FIRST) : last).minus(SKEW);
            try (Stream<ObjectInfo> keys = store.list(root.keysPrefix())) {
                if (keys.anyMatch(
                        info ->
                                info.lastModified().isAfter(since)
                                        && ROTATED.matcher(info.key().value()).matches())) {
                    anew.add(root);
                }
            }
            looked.put(place, now);
        }
        return anew;
    }
}
