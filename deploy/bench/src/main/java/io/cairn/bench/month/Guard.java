package io.cairn.bench.month;

import io.cairn.archive.key.Identity;
import io.cairn.bench.month.Unguarded.Around;
import io.cairn.model.StoreName;
import io.cairn.storage.ObjectStore;
import java.util.List;
import java.util.Map;

/**
 * What keeps an invariant true, where it is, and how a month looks that must fail without it. A
 * guard is taken away by composition: the worker gets another store, clock, policy or verifier, and
 * Cairn's own code stays as it is.
 */
enum Guard {
    /** {@code ObjectStore.putIfAbsent}: of two writers one creates the object. */
    CONDITIONAL_PUT(
            Invariant.WRITE_ONCE,
            "If-None-Match in storage.s3.S3ObjectStore",
            Worker.EXECUTOR,
            (store, _) -> new Unguarded.Overwriting(store),
            Event.SECOND_AWAY,
            Event.FULL,
            Event.RERUN),

    /** A writer goes on only when the store has the object. */
    DURABLE_PUT(
            Invariant.COMPLETE,
            "executor.basebackup: complete is said when the last PUT has returned",
            Worker.EXECUTOR,
            (store, _) -> new Unguarded.Forgetting(store, Unguarded::isVolume)),

    COMMIT_LAST(
            Invariant.COMPLETE,
            "replication.copy.BackupCopier",
            Worker.COPIER,
            (store, around) -> new Unguarded.CommitFirst(store, around.others(store)),
            Event.SECOND_AWAY,
            Event.FULL,
            Event.RECOVERY,
            Event.COPY_CUT_OFF),

    COPIED_DIGESTS(
            Invariant.COMPLETE,
            "storage.ObjectStores.copy, by replication.copy.Transfers",
            Worker.COPIER,
            (store, _) -> new Unguarded.Unchecked(store),
            Event.SECOND_AWAY,
            Event.FULL,
            Event.VOLUME_DAMAGED,
            Event.RECOVERY,
            Event.COPY),

    TOMBSTONES(
            Invariant.EXPIRED,
            "sync.RootSync passes over labels with a tombstone",
            Worker.REPAIRER,
            (store, _) -> new Unguarded.Hiding(store, "/records/tombstones/"),
            Event.DAY,
            Event.FULL,
            Event.DAYS,
            Event.DAY,
            Event.DAY,
            Event.VALIDATION,
            Event.CLEAN_UP_CUT_OFF,
            Event.REPAIR),

    CHAINS(
            Invariant.CHAIN,
            "catalog.retention.RetentionPlanner keeps what a kept backup builds on",
            Worker.RETENTION,
            (store, _) -> new Unguarded.Parentless(store),
            Event.DAY,
            Event.INCREMENTAL,
            Event.FULL,
            Event.DAYS,
            Event.DAY,
            Event.VALIDATION,
            Event.CLEAN_UP),

    RETENTION(
            Invariant.KEPT,
            "catalog.retention.RetentionPlanner keeps for as long as the policy says",
            Event.DAY,
            Event.FULL,
            Event.DAYS,
            Event.VALIDATION,
            Event.CLEAN_UP),

    WINDOW_WAL(
            Invariant.WINDOW,
            "catalog.retention.RetentionPlanner keeps the WAL of the point-in-time window",
            Event.STREAM,
            Event.DAY,
            Event.STREAM,
            Event.FULL,
            Event.DAYS,
            Event.VALIDATION,
            Event.COPY,
            Event.REPAIR,
            Event.CLEAN_UP),

    CLOCK(
            Invariant.KEPT,
            "catalog.retention.Retention compares its clock with the stores'",
            Event.FULL,
            Event.VALIDATION,
            Event.WRONG_CLOCK),

    PROOFS(
            Invariant.NEWEST_VERIFIED,
            "catalog.retention.RetentionPlanner takes only for proven what has a record of it",
            Worker.RETENTION,
            (store, _) -> new Unguarded.Proven(store),
            Event.VALIDATION,
            Event.DAY,
            Event.FULL,
            Event.DAYS,
            Event.DAY,
            Event.DAY,
            Event.CLEAN_UP),

    VERIFICATION(
            Invariant.VERIFIED,
            "restore.verify.Verifier reads every byte",
            Event.VOLUME_DAMAGED,
            Event.VALIDATION),

    HOLDS(
            Invariant.HELD,
            "catalog.retention.RetentionPlanner keeps what a hold covers",
            Worker.RETENTION,
            (store, _) -> new Unguarded.Unprotected(new Unguarded.Hiding(store, "/records/holds/")),
            Event.HOLD,
            Event.DAY,
            Event.FULL,
            Event.DAYS,
            Event.DAY,
            Event.DAY,
            Event.VALIDATION,
            Event.CLEAN_UP),

    FIRST_LOCKS(Invariant.LOCKED_AT_ONCE, "storage.LockingStore"),

    LOCKS(
            Invariant.LOCKED,
            "catalog.retention.RetentionPlanner keeps what is locked",
            Worker.RETENTION,
            (store, _) -> new Unguarded.Unprotected(store),
            Event.LOCK,
            Event.DAY,
            Event.FULL,
            Event.DAYS,
            Event.DAY,
            Event.DAY,
            Event.VALIDATION,
            Event.CLEAN_UP),

    LOCKS_READ_BACK(
            Invariant.LOCKED,
            "catalog.lock.LockRound reads every lock back",
            Worker.LOCKER,
            (store, _) -> new Unguarded.Believed(store),
            Event.LOCK),

    SHARE(
            Invariant.ASKED,
            "catalog.retention.RetentionGuards.share",
            Event.DAY,
            Event.FULL,
            Event.DAY,
            Event.FULL,
            Event.DAY,
            Event.FULL,
            Event.WEEK,
            Event.VALIDATION,
            Event.CLEAN_UP),

    CHANGED_POLICY(
            Invariant.ASKED,
            "catalog.retention.FollowedPolicy",
            Worker.RETENTION,
            (store, _) -> new Unguarded.Hiding(store, "/records/policies/"),
            Event.CLEAN_UP,
            Event.DAYS,
            Event.FULL,
            Event.POLICY,
            Event.DAYS,
            Event.FULL,
            Event.FULL,
            Event.FULL,
            Event.DAY,
            Event.VALIDATION,
            Event.CLEAN_UP),

    SIGNATURES(
            Invariant.AUTHENTIC,
            "restore.backup.BackupReader verifies who signed a commit object",
            Worker.READER,
            (store, around) -> new Unguarded.Signed(store, around.signer()),
            Event.FORGERY),

    EVERY_COPY(
            Invariant.RESTORES,
            "restore.engine.RestoreEngine takes each part from whichever copy has it",
            Worker.READER,
            (store, around) -> around.isFirst(store) ? store : new Unguarded.Hiding(store, ""),
            Event.VOLUME_DAMAGED),

    LAG(
            Invariant.TOLD,
            "replication.lag.LagTracker counts what is missing until it is copied",
            Event.SECOND_AWAY,
            Event.FULL,
            Event.DAY),

    JUDGE(
            Invariant.MOVED,
            "replication.region.Judge decides that a store is left",
            Event.FIRST_AWAY),

    PROOF_OF_RETURN(
            Invariant.RETURNED,
            "replication.region.Failback compares the stores",
            Event.FIRST_AWAY,
            Event.FULL,
            Event.RETURN),

    DURABLE_WAL(
            Invariant.RECOVERED,
            "executor.wal: WAL is acknowledged when its PUT has returned",
            Worker.EXECUTOR,
            (store, _) -> new Unguarded.Forgetting(store, Unguarded::isWal),
            Event.STREAM),

    BOTH_ATTEMPTS(
            Invariant.BOTH,
            "replication.copy.CommitMerge stores the second under another name",
            Worker.COPIER,
            (store, _) -> new Unguarded.Forgetting(store, Unguarded::isSecondCommit),
            Event.SPLIT_VIEW,
            Event.COPY);

    /** The stores of all, and what is known that no worker knows. */
    record Surroundings(Map<StoreName, ObjectStore> stores, Identity signer) {

        List<ObjectStore> others(ObjectStore store) {
            return stores.values().stream()
                    .filter(other -> !other.name().equals(store.name()))
                    .toList();
        }

        boolean isFirst(ObjectStore store) {
            return stores.keySet().iterator().next().equals(store.name());
        }
    }

    private final Invariant invariant;
    private final String place;
    private final List<Worker> workers;
    private final Around around;
    private final List<Event> script;

    /** One that is not in a store. */
    Guard(Invariant invariant, String place, Event... script) {
        this.invariant = invariant;
        this.place = place;
        this.workers = List.of();
        this.around = (store, _) -> store;
        this.script = List.of(script);
    }

    Guard(Invariant invariant, String place, Worker worker, Around around, Event... script) {
        this.invariant = invariant;
        this.place = place;
        this.workers = List.of(worker);
        this.around = around;
        this.script = List.of(script);
    }

    Invariant invariant() {
        return invariant;
    }

    /** Where in Cairn it is. */
    String place() {
        return place;
    }

    /** What happens, after a first full backup, for its absence to be noticed. */
    List<Event> script() {
        return script;
    }

    /** A store as a worker sees it without the guard. */
    ObjectStore without(Worker worker, ObjectStore store, Surroundings surroundings) {
        return workers.contains(worker) ? around.put(store, surroundings) : store;
    }
}
