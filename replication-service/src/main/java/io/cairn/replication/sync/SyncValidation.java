package io.cairn.replication.sync;

import io.cairn.config.CairnConfig;
import io.cairn.config.ClusterConfig;
import io.cairn.events.EventEnvelope;
import io.cairn.events.SyncValidated;
import io.cairn.events.ValidationFailed;
import io.cairn.model.StoreName;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.service.events.EventPublisher;
import io.cairn.service.storage.Stores;
import io.cairn.storage.ObjectStore;
import io.cairn.sync.Depth;
import io.cairn.sync.Difference;
import io.cairn.sync.StoreSync;
import io.cairn.sync.SyncLimits;
import io.cairn.sync.SyncReport;
import io.cairn.sync.Turns;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Compares all stores of a cluster's policy, repairs what differs, and tells what it found: {@link
 * SyncValidated}, and {@link ValidationFailed} of each copy of a backup that no store has whole any
 * more. Thread-safe; blocks.
 */
public final class SyncValidation {

    private static final Logger LOG = Logger.getLogger(SyncValidation.class);

    private final CairnConfig config;
    private final Stores stores;
    private final EventPublisher events;
    private final Schedule schedule;
    private final SyncLimits limits;
    private final InstantSource clock;

    /**
     * Days, each 1 or more.
     *
     * @param reread in which every byte is read once
     * @param digests in which every digest is compared by metadata
     * @param window from one comparison to the next
     */
    public record Schedule(int reread, int digests, int window) {

        static Schedule of(SyncSettings settings) {
            return new Schedule(
                    days(settings.reread()), days(settings.digests()), days(settings.window()));
        }

        private static int days(Duration time) {
            return Math.toIntExact(Math.max(1, time.toDays()));
        }

        /** What is looked at in a comparison that is due that day. */
        Depth on(LocalDate day) {
            LocalDate first = day.minusDays(window - 1L);
            return Depth.of(new Turns(digests, first, day), new Turns(reread, first, day));
        }
    }

    public SyncValidation(
            CairnConfig config,
            Stores stores,
            EventPublisher events,
            Schedule schedule,
            SyncLimits limits,
            InstantSource clock) {
        this.config = config;
        this.stores = stores;
        this.events = events;
        this.schedule = schedule;
        this.limits = limits;
        this.clock = clock;
    }

    /** The clusters whose policy names more than one store. */
    public List<ClusterConfig> clusters() {
        return config.clusters().values().stream()
                .filter(cluster -> copies(cluster).size() > 1)
                .toList();
    }

    private List<StoreName> copies(ClusterConfig cluster) {
        return config.policy(cluster.tier()).run().copies();
    }

    /**
     * @param due when the comparison was due: the day says whose turn it is
     * @throws CairnException a {@code STORE_…} code, if a store cannot be used now; {@link
     *     ErrorCode#BROKER_UNREACHABLE}
     */
    public SyncReport compare(ClusterConfig cluster, Instant due, Optional<EventEnvelope<?>> cause)
            throws InterruptedException {
        return compare(
                cluster, schedule.on(LocalDate.ofInstant(due, ZoneOffset.UTC)), false, cause);
    }

    /** As the other, and reads everything. */
    public SyncReport compareAll(ClusterConfig cluster, Optional<EventEnvelope<?>> cause)
            throws InterruptedException {
        return compare(cluster, Depth.EVERYTHING, true, cause);
    }

    private SyncReport compare(
            ClusterConfig cluster, Depth depth, boolean whole, Optional<EventEnvelope<?>> cause)
            throws InterruptedException {
        List<ObjectStore> compared = copies(cluster).stream().map(stores::store).toList();
        SyncReport report =
                new StoreSync(compared, true, limits, clock).compare(cluster.name(), depth);
        log(report);
        for (Difference lost : report.differences()) {
            tellLost(lost, cause);
        }
        events.publish(
                new SyncValidated(
                        cluster.name(),
                        cluster.tier(),
                        report.stores(),
                        whole,
                        report.startedAt(),
                        report.endedAt(),
                        report.objects(),
                        report.bytesCompared(),
                        report.bytesRead(),
                        report.pending(),
                        report.missing(),
                        report.damaged(),
                        report.repaired(),
                        report.lost(),
                        report.undecided(),
                        report.differences().stream()
                                .filter(difference -> !difference.repaired())
                                .map(Difference::key)
                                .distinct()
                                .limit(SyncValidated.WRONG_MAX)
                                .toList()),
                cause);
        return report;
    }

    private static void log(SyncReport report) {
        for (Difference difference : report.differences()) {
            String line =
                    "%s in store '%s' %s: %s"
                            .formatted(
                                    difference.key(),
                                    difference.store(),
                                    difference.why(),
                                    difference.repaired()
                                            ? "repaired"
                                            : difference.kind().name().toLowerCase(Locale.ROOT));
            if (difference.repaired()) {
                LOG.warn(line);
            } else {
                LOG.error(line);
            }
        }
        LOG.infof(
                "Compared %d objects of '%s' in %s: %d bytes read, %d missing, %d damaged, %d repaired, %d lost, %d undecided, %d on their way, in %d s",
                report.objects(),
                report.cluster(),
                report.stores(),
                report.bytesRead(),
                report.missing(),
                report.damaged(),
                report.repaired(),
                report.lost(),
                report.undecided(),
                report.pending(),
                report.duration().toSeconds());
    }

    /** Of WAL the event of the comparison tells. */
    private void tellLost(Difference lost, Optional<EventEnvelope<?>> cause) {
        if (lost.kind() != Difference.Kind.LOST
                || lost.run().isEmpty()
                || lost.attempt().isEmpty()) {
            return;
        }
        events.publish(
                new ValidationFailed(
                        lost.run().get(),
                        lost.attempt().get(),
                        lost.store(),
                        ValidationFailed.BYTES,
                        clock.instant(),
                        ErrorCode.STORE_OBJECT_DIFFERS,
                        lost.key()
                                + " in store '"
                                + lost.store()
                                + "' "
                                + lost.why()
                                + ", and no other store has it",
                        Optional.of("restore from another backup; take a full backup now"),
                        Optional.of(lost.key())),
                cause);
    }
}
