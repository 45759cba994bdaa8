package io.cairn.postgres.wal;

import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import java.util.Optional;

/**
 * A physical replication slot as it was found.
 *
 * @param restartLsn the oldest WAL that it holds; absent while it holds none: it was made without
 *     reserving, or was invalidated
 * @param timeline of {@code restartLsn}
 * @param activePid the server process that streams from it
 * @param walStatus whether the WAL from {@code restartLsn} on is there; absent without one
 * @param invalidationReason {@code wal_removed}, {@code idle_timeout} and others, since PostgreSQL
 *     17
 * @see <a
 *     href="https://www.postgresql.org/docs/current/view-pg-replication-slots.html">pg_replication_slots</a>
 */
public record ReplicationSlot(
        String name,
        Optional<Lsn> restartLsn,
        Optional<Timeline> timeline,
        Optional<Integer> activePid,
        Optional<WalStatus> walStatus,
        Optional<String> invalidationReason) {

    /** {@code pg_replication_slots.wal_status}. */
    public enum WalStatus {
        /** Within {@code max_wal_size}. */
        RESERVED,
        /** Beyond it, held by this slot or {@code wal_keep_size}. */
        EXTENDED,
        /** No longer held: the next checkpoint removes it, unless the stream catches up before. */
        UNRESERVED,
        /** Removed: the slot cannot be used any more. */
        LOST
    }

    public boolean active() {
        return activePid.isPresent();
    }

    /** Whether WAL that it was to hold has been given up; only a new slot can hold WAL again. */
    public boolean lost() {
        return invalidationReason.isPresent()
                || walStatus.filter(status -> status == WalStatus.LOST).isPresent();
    }
}
