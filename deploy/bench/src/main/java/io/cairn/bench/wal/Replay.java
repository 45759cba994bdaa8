package io.cairn.bench.wal;

import io.cairn.bench.CairnRuns;
import io.cairn.bench.Folders;
import io.cairn.bench.Machine;
import io.cairn.restore.recovery.Recovery;
import io.cairn.restore.recovery.RecoveryPlan;
import io.cairn.restore.recovery.RecoveryRequest;
import io.cairn.restore.recovery.RecoverySettings;
import io.cairn.restore.recovery.RecoveryTarget;
import io.cairn.restore.recovery.TargetAction;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Recovers the workload's cluster from its backup to the workload's end, by the same code, server
 * and settings: with the WAL fetched from the store while it is replayed, or with all of it in
 * {@code pg_wal} before. The restore of the backup comes before and is not measured.
 */
final class Replay {

    private final Workload workload;
    private final CairnRuns runs;
    private final Path directory;
    private final RecoverySettings settings;

    /**
     * @param directory for what is restored; not there yet
     */
    Replay(Workload workload, CairnRuns runs, Path directory) {
        this.workload = workload;
        this.runs = runs;
        this.directory = directory;
        this.settings = RecoverySettings.defaults().withPostgres(Map.of());
    }

    /** From before the server's start, and the first fetch, until the last row is back. */
    Duration fetched() throws Exception {
        return run(restored());
    }

    /** The same without anything to fetch. */
    Duration local() throws Exception {
        RecoveryPlan plan = restored();
        workload.copy(directory.resolve("pg_wal"));
        return run(withoutWal(plan));
    }

    private RecoveryPlan restored() throws IOException, InterruptedException {
        Folders.delete(directory);
        RecoveryPlan plan =
                runs.recoveryPlanner()
                        .plan(
                                RecoveryRequest.of(
                                                Workload.CLUSTER,
                                                new RecoveryTarget.Lsn(workload.last()),
                                                directory)
                                        .withAction(TargetAction.SHUTDOWN));
        runs.restore(plan.base());
        return plan;
    }

    private static RecoveryPlan withoutWal(RecoveryPlan plan) {
        return new RecoveryPlan(
                plan.base(),
                plan.target(),
                plan.action(),
                plan.source(),
                plan.stopAt(),
                Optional.empty(),
                plan.end(),
                plan.lastRecord(),
                plan.unread(),
                plan.recoverableUntil(),
                plan.histories(),
                plan.notes());
    }

    private Duration run(RecoveryPlan plan) throws IOException, InterruptedException {
        Machine.settle();
        AtomicLong reached = new AtomicLong();
        long begin = System.nanoTime();
        new Recovery(settings)
                .run(
                        plan,
                        (replayed, _) -> {
                            if (replayed.compareTo(workload.last()) >= 0) {
                                reached.compareAndSet(0, System.nanoTime());
                            }
                        });
        if (reached.get() == 0) {
            throw new IllegalStateException(
                    "the recovery ended before it reached " + workload.last());
        }
        return Duration.ofNanos(reached.get() - begin);
    }

    void clean() throws IOException {
        Folders.delete(directory);
    }
}
