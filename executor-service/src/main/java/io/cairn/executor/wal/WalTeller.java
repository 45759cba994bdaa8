package io.cairn.executor.wal;

import io.cairn.events.BackupRequested;
import io.cairn.events.TimelineSwitched;
import io.cairn.events.WalArchived;
import io.cairn.events.WalGapCause;
import io.cairn.events.WalGapDetected;
import io.cairn.model.BackupKind;
import io.cairn.model.Lsn;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.WalFolder;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Says in events, log and metrics what one cluster's stream came upon. Never waits. */
final class WalTeller {

    private static final Logger LOG = Logger.getLogger(WalTeller.class);

    static final String REMOVED =
            "the server has removed WAL that was not stored: its slot was lost, or never there";

    /** How long a full backup that a gap asks for may wait for its start. */
    private static final Duration FULL_START_DEADLINE = Duration.ofHours(6);

    private final WalTarget target;
    private final WalEvents events;
    private final WalMeter meter;
    private final InstantSource clock;
    private volatile Optional<Instant> synchronousAt = Optional.empty();

    WalTeller(WalTarget target, WalEvents events, WalMeter meter, InstantSource clock) {
        this.target = target;
        this.events = events;
        this.meter = meter;
        this.clock = clock;
    }

    /** Where a session's WAL goes. */
    record Place(SystemIdentifier systemIdentifier, WalFolder folder, StoreName store) {

        Timeline timeline() {
            return folder.timeline();
        }
    }

    SessionListener in(Place place) {
        synchronousAt = Optional.empty();
        return new SessionListener() {
            @Override
            public void received(long bytes) {
                meter.received(target.cluster(), bytes);
            }

            @Override
            public void stored(long bytes) {
                meter.stored(target.cluster(), bytes);
            }

            @Override
            public void archived(
                    Optional<String> divergence,
                    Lsn start,
                    Lsn end,
                    Optional<Instant> recoverableUntil) {
                meter.held(target.cluster(), recoverableUntil);
                events.tell(
                        new WalArchived(
                                target.cluster(),
                                target.tier(),
                                place.systemIdentifier(),
                                place.timeline(),
                                divergence,
                                place.store(),
                                start,
                                end,
                                recoverableUntil,
                                synchronousAt,
                                clock.instant()));
            }

            @Override
            public void diverged(Lsn at, String folder) {
                gap(
                        place,
                        WalGapCause.DIVERGED,
                        at,
                        Optional.empty(),
                        Optional.of(folder),
                        "the server sends other WAL than is stored; it goes on beside that");
            }
        };
    }

    /** Whether commits wait for the stream, as the server says now. */
    void sawWaiting(boolean synchronous) {
        synchronousAt = synchronous ? Optional.of(clock.instant()) : Optional.empty();
    }

    /** Tells of a gap, and asks for the full backup without which nothing behind it can be used. */
    void gap(
            Place place,
            WalGapCause cause,
            Lsn from,
            Optional<Lsn> until,
            Optional<String> divergence,
            String reason) {
        WalGapDetected gap = tell(place, cause, from, until, divergence, reason);
        LOG.errorf(
                "WAL of %s has a gap on timeline %s from %s%s: %s; a full backup is requested",
                gap.cluster(),
                gap.timeline(),
                from,
                until.map(it -> " to " + it).orElse(""),
                reason);
        meter.gap(target.cluster());
    }

    /** Of what an earlier session came upon: it may have died before it could tell. */
    void gapBefore(Place place, LsnRange missing) {
        tell(
                place,
                WalGapCause.REMOVED,
                missing.start(),
                Optional.of(missing.end()),
                Optional.empty(),
                REMOVED);
    }

    private WalGapDetected tell(
            Place place,
            WalGapCause cause,
            Lsn from,
            Optional<Lsn> until,
            Optional<String> divergence,
            String reason) {
        WalGapDetected gap =
                new WalGapDetected(
                        target.cluster(),
                        target.tier(),
                        place.systemIdentifier(),
                        place.timeline(),
                        place.store(),
                        cause,
                        from,
                        until,
                        divergence,
                        reason,
                        clock.instant());
        events.tell(gap);
        events.tell(
                new BackupRequested(
                        target.cluster(),
                        BackupKind.FULL,
                        gap.detectedAt(),
                        "executor-service",
                        gap.deterministicId(),
                        FULL_START_DEADLINE));
        return gap;
    }

    void switched(Place place, Timeline to, Lsn at) {
        LOG.infof(
                "%s goes on on timeline %s at %s; timeline %s is stored up to there",
                target.cluster(), to, at, place.timeline());
        events.tell(
                new TimelineSwitched(
                        target.cluster(),
                        target.tier(),
                        place.systemIdentifier(),
                        place.store(),
                        place.timeline(),
                        to,
                        at,
                        clock.instant()));
    }
}
