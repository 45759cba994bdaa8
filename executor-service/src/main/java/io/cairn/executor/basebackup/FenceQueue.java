package io.cairn.executor.basebackup;

import io.cairn.events.BackupDue;
import io.cairn.executor.publish.CommittedBackup;
import io.cairn.model.backup.BackupLayout;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Where a run waits for its cluster's fence.
 *
 * <ul>
 *   <li>Another run of the cluster holds it: waits until the start deadline.
 *   <li>Another executor holds it for this same run, whose event came back because that executor
 *       had lost its record's lock: waits for the backup. The run has started in time, so the
 *       deadline does not count, but the holder has to move: one that {@linkplain Stall stands
 *       still} is ended.
 * </ul>
 */
final class FenceQueue {

    private static final Logger LOG = Logger.getLogger(FenceQueue.class);

    private final Destinations stores;
    private final RunSettings settings;
    private final RunClock clock;

    FenceQueue(Destinations stores, RunSettings settings, RunClock clock) {
        this.stores = stores;
        this.settings = settings;
        this.clock = clock;
    }

    /**
     * Waits until the fence is this session's, or need not or must not be.
     *
     * @param begun whether the run has had it before: then it has started in time
     */
    FenceEntry enter(
            SourceSession session, BackupDue due, List<BackupLayout> layouts, boolean begun)
            throws InterruptedException {
        Stall stall = new Stall(settings.stallTimeout());
        while (true) {
            boolean held = session.tryFence();
            // Asked after the fence, so that a backup which was committed before it came free is
            // seen.
            Optional<CommittedBackup> done = stores.find(commits -> commits.findAny(layouts));
            if (done.isPresent()) {
                return new FenceEntry.Done(done.get());
            }
            Instant now = clock.instant();
            boolean late = !begun && now.isAfter(due.startDeadline());
            if (held) {
                return late
                        ? new FenceEntry.TooLate(
                                "its start deadline " + due.startDeadline() + " had passed")
                        : new FenceEntry.Held();
            }
            Optional<FenceHolder> holder = session.fenceHolder();
            boolean ours =
                    holder.filter(it -> it.applicationName().equals(due.run().toString()))
                            .isPresent();
            if (late && !ours) {
                return new FenceEntry.TooLate(waitedFor(holder, due));
            }
            if (ours && stall.stands(holder.get(), () -> objects(layouts), now)) {
                end(session, holder.get(), due);
            } else {
                clock.pause(settings.fenceLook());
            }
        }
    }

    private static String waitedFor(Optional<FenceHolder> holder, BackupDue due) {
        return holder.map(it -> "'" + it.applicationName() + "' (process " + it.pid() + ")")
                        .orElse("another run")
                + " still held the cluster at the start deadline "
                + due.startDeadline();
    }

    private long objects(List<BackupLayout> layouts) {
        return stores.count(layouts.stream().map(BackupLayout::prefix).toList());
    }

    private void end(SourceSession session, FenceHolder holder, BackupDue due)
            throws InterruptedException {
        LOG.warnf(
                "%s: the executor that holds the fence (process %d of the server) has stood still for %s; its session is ended",
                due.run(), holder.pid(), settings.stallTimeout());
        if (!session.endFenceHolder(holder)) {
            clock.pause(settings.fenceLook());
        }
    }
}
