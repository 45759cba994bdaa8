package io.cairn.restore.lease;

import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.record.ReadLease;
import io.cairn.model.record.Tombstone;
import io.cairn.model.wal.LsnRange;
import io.cairn.restore.plan.RestorePlan;
import io.cairn.restore.recovery.RecoveryPlan;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Keeps what a restore, a drill or a verification reads from expiring, until it is closed and up to
 * {@link ReadLease#TERM} longer: a record in a store that it reads from, written anew four times a
 * term.
 *
 * <p>A lease that no store takes is no reason not to read: it is said, and that is all.
 */
public final class HeldLease implements AutoCloseable {

    private static final Duration RENEWAL = ReadLease.TERM.dividedBy(4);

    private final ClusterRoot root;
    private final List<ObjectStore> stores;
    private final InstantSource clock;
    private final Consumer<String> problems;
    private ReadLease lease;
    private final Thread renewal;
    private volatile boolean closed;

    private HeldLease(
            ClusterRoot root,
            List<ObjectStore> stores,
            ReadLease lease,
            InstantSource clock,
            Consumer<String> problems,
            Duration pause) {
        this.root = root;
        this.stores = stores;
        this.lease = lease;
        this.clock = clock;
        this.problems = problems;
        this.renewal = Thread.ofVirtual().name("read-lease").unstarted(() -> renew(pause));
    }

    /** Who reads, and for what. */
    public record Reader(ReadLease.Purpose purpose, String by) {}

    /**
     * Takes a lease on all that a plan reads.
     *
     * @param recovery the plan's, if WAL is replayed
     * @param problems is told, in one line, that no store took it; also later, by another thread
     * @throws CairnException {@link ErrorCode#BACKUP_NOT_FOUND} if one of the backups has expired
     *     since the plan was made
     */
    public static HeldLease on(
            RestorePlan plan,
            Optional<RecoveryPlan> recovery,
            Reader reader,
            InstantSource clock,
            RandomGenerator random,
            Consumer<String> problems) {
        return on(plan, recovery, reader, clock, random, problems, RENEWAL);
    }

    static HeldLease on(
            RestorePlan plan,
            Optional<RecoveryPlan> recovery,
            Reader reader,
            InstantSource clock,
            RandomGenerator random,
            Consumer<String> problems,
            Duration renewal) {
        ReadLease lease =
                new ReadLease(
                        AttemptId.random(random),
                        clock.instant(),
                        reader.purpose(),
                        reader.by(),
                        plan.chain().stream().map(backup -> backup.commit().label()).toList(),
                        recovery.flatMap(RecoveryPlan::wal).map(LsnRange::start));
        return new HeldLease(
                        plan.commit().layout().root(),
                        plan.chain().getLast().copies(),
                        lease,
                        clock,
                        problems,
                        renewal)
                .held();
    }

    /**
     * Takes a lease on one backup, of which one copy is read whole.
     *
     * @param walFrom where the WAL begins that is read besides
     * @param problems is told, in one line, that the store did not take it; also later, by another
     *     thread
     * @throws CairnException {@link ErrorCode#BACKUP_NOT_FOUND} if it has expired
     */
    public static HeldLease on(
            BackupLayout layout,
            Optional<Lsn> walFrom,
            ObjectStore store,
            Reader reader,
            InstantSource clock,
            RandomGenerator random,
            Consumer<String> problems) {
        ReadLease lease =
                new ReadLease(
                        AttemptId.random(random),
                        clock.instant(),
                        reader.purpose(),
                        reader.by(),
                        List.of(layout.label()),
                        walFrom);
        return new HeldLease(layout.root(), List.of(store), lease, clock, problems, RENEWAL).held();
    }

    private HeldLease held() {
        write();
        requireNotExpired();
        renewal.start();
        return this;
    }

    /** Into the first store that takes it: whoever removes something looks into all of them. */
    private void write() {
        Optional<CairnException> refused = Optional.empty();
        for (ObjectStore store : stores) {
            try {
                store.putIfAbsent(lease.key(root), ObjectBody.of(lease.toJson()));
                return;
            } catch (CairnException e) {
                refused = refused.or(() -> Optional.of(e));
            }
        }
        refused.filter(_ -> !closed)
                .ifPresent(why ->
                        problems.accept(
                                "what is read here may expire meanwhile, no store takes a record of it: "
                                        + why.getMessage()));
    }

    /**
     * Whoever removes backups looks for leases after the tombstones: one of both sees the other.
     */
    private void requireNotExpired() {
        for (BackupLabel label : lease.labels()) {
            ObjectKey tombstone = Tombstone.key(root, label);
            for (ObjectStore store : stores) {
                if (isThere(store, tombstone)) {
                    throw new CairnException(
                            ErrorCode.BACKUP_NOT_FOUND,
                            "the backup " + label + " of " + root.cluster() + " has just expired",
                            "see what there is with: cairn list");
                }
            }
        }
    }

    /** A store that does not answer loses nothing either: nothing is removed while one is away. */
    private static boolean isThere(ObjectStore store, ObjectKey key) {
        try {
            return store.isListed(key);
        } catch (CairnException _) {
            return false;
        }
    }

    private void renew(Duration pause) {
        try {
            while (true) {
                Thread.sleep(pause);
                lease = lease.renewed(clock.instant());
                write();
            }
        } catch (InterruptedException _) {
            // It is closed.
        }
    }

    /** Writes no more leases; the last one runs out by itself. */
    @Override
    public void close() {
        closed = true;
        renewal.interrupt();
        boolean interrupted = false;
        while (renewal.isAlive()) {
            try {
                renewal.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
