package io.cairn.replication.wal;

import io.cairn.events.WalArchived;
import io.cairn.model.Lsn;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How far events have told that each store holds each timeline: the furthest of each. Owned by who
 * guards it.
 */
final class StoredEnds {

    private final Map<Place, End> ends = new HashMap<>();

    /** What one stream fills. */
    record Place(
            StoreName store,
            SystemIdentifier systemIdentifier,
            Timeline timeline,
            Optional<String> divergence) {

        static Place of(WalArchived event) {
            return of(event, event.store());
        }

        static Place of(WalArchived event, StoreName store) {
            return new Place(store, event.systemIdentifier(), event.timeline(), event.divergence());
        }
    }

    private record End(Lsn lsn, Instant until) {

        static End of(WalArchived event) {
            return new End(event.end(), event.recoverableUntil().orElse(Instant.MIN));
        }

        End and(End other) {
            return new End(
                    lsn.compareTo(other.lsn) >= 0 ? lsn : other.lsn,
                    until.isAfter(other.until) ? until : other.until);
        }
    }

    void see(WalArchived event) {
        ends.merge(Place.of(event), End.of(event), End::and);
    }

    /** Whether the store is known to hold what the event tells of another. */
    boolean holds(StoreName store, WalArchived event) {
        End known = ends.get(Place.of(event, store));
        return known != null && known.lsn().compareTo(event.end()) >= 0;
    }

    /** Whether nothing new would be told of the store. */
    boolean covers(StoreName store, WalArchived event) {
        End known = ends.get(Place.of(event, store));
        return known != null && known.and(End.of(event)).equals(known);
    }
}
