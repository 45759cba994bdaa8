package io.cairn.scheduler.dispatch;

import io.cairn.events.BackupDue;
import io.cairn.events.BackupSkipped;
import io.cairn.events.BackupSuperseded;
import io.cairn.events.CairnEvent;
import io.cairn.events.MaintenanceDue;
import io.cairn.model.BackupKind;
import io.cairn.model.Tier;
import io.cairn.model.error.CairnException;
import io.cairn.scheduler.firing.Decision;
import io.cairn.scheduler.firing.Ledger;
import io.cairn.service.metrics.MetricNames;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** What the loop does, for the log, the metrics and readiness. */
@ApplicationScoped
class DispatchStatus implements DispatchObserver {

    static final String LAST_TICK = "cairn_schedule_last_tick_timestamp_seconds";
    static final String CLOCK_BEHIND = "cairn_schedule_clock_behind_seconds";
    static final String REQUESTS_REFUSED = "cairn_schedule_requests_refused_total";

    /** Ticks come every second or so; half a minute without one is an outage. */
    static final Duration STALE = Duration.ofSeconds(30);

    private static final Logger LOG = Logger.getLogger(DispatchStatus.class);

    private final MeterRegistry meters;
    private final InstantSource clock;
    private final Duration clockTolerance;
    private volatile @Nullable Instant lastTick;
    private volatile Duration clockBehind = Duration.ZERO;
    private volatile @Nullable String failure;

    @Inject
    DispatchStatus(MeterRegistry meters, InstantSource clock, DispatchSettings settings) {
        this.meters = meters;
        this.clock = clock;
        this.clockTolerance = settings.clockTolerance();
        Gauge.builder(LAST_TICK, this, status -> status.lastTickSeconds())
                .description("When the scheduler last looked at the clock")
                .register(meters);
        Gauge.builder(CLOCK_BEHIND, this, status -> status.clockBehind.toSeconds())
                .description(
                        "By how much the clock is behind the time up to which due times were considered")
                .register(meters);
    }

    private double lastTickSeconds() {
        Instant tick = lastTick;
        return tick == null ? 0 : tick.toEpochMilli() / 1000.0;
    }

    @Override
    public void opened(Ledger ledger) {
        LOG.infof(
                "In charge of the schedule; due times considered up to %s",
                ledger.considered().orElseThrow());
    }

    @Override
    public void committed(Decision decision) {
        decision.notices().forEach(LOG::warn);
        decision.refusals()
                .forEach(refusal ->
                        LOG.warnf(
                                "A request goes to the dead letter topic: %s: %s",
                                refusal.why().code(), refusal.why().messageWithHint()));
        meters.counter(REQUESTS_REFUSED).increment(decision.refusals().size());
        decision.events().forEach(event -> published(event.data(), event.time()));
    }

    private void published(CairnEvent event, Instant now) {
        switch (event) {
            case BackupDue due -> {
                LOG.infof(
                        "%s is due (%s), to be started until %s",
                        due.run(), due.cause().id(), due.startDeadline());
                count(due.tier(), due.kind(), "due");
                meters.timer(MetricNames.SCHEDULER_DELAY)
                        .record(Duration.between(due.dueAt(), now));
            }
            case BackupSuperseded superseded -> {
                LOG.infof("%s gives way to %s", superseded.run(), superseded.supersededBy());
                count(superseded.tier(), superseded.run().label().kind(), "superseded");
            }
            case BackupSkipped skipped -> {
                LOG.warnf("%s is skipped: %s", skipped.run(), skipped.reason());
                count(skipped.tier(), skipped.run().label().kind(), "skipped");
            }
            case MaintenanceDue due -> LOG.infof("%s is due", due.deterministicId());
            default -> throw CairnException.bug("the scheduler does not publish " + event.type());
        }
    }

    private void count(Tier tier, BackupKind kind, String outcome) {
        meters.counter(
                        MetricNames.DUE_EVENTS,
                        MetricNames.TIER,
                        tier.id(),
                        MetricNames.KIND,
                        kind.id(),
                        MetricNames.OUTCOME,
                        outcome)
                .increment();
    }

    @Override
    public void ticked(Instant now, Duration behind) {
        if (isTooMuch(behind) && !isTooMuch(clockBehind)) {
            LOG.errorf(
                    "The clock says %s, which is %s behind the time up to which due times were considered; nothing is"
                            + " due until it is past that. hint: correct the clock; if it had run ahead before, start"
                            + " once with CAIRN_SCHEDULER_CURSOR=now",
                    now, behind);
        }
        lastTick = clock.instant();
        clockBehind = behind;
        failure = null;
    }

    private boolean isTooMuch(Duration behind) {
        return behind.compareTo(clockTolerance) > 0;
    }

    @Override
    public void failed(CairnException why) {
        failure = why.code() + ": " + why.getMessage();
    }

    /** Whether the loop looked at the clock lately. */
    boolean isTicking() {
        Instant tick = lastTick;
        return tick != null && tick.plus(STALE).isAfter(clock.instant());
    }

    /** Whether the clock is so far behind that due times do not come. */
    boolean isClockBehind() {
        return isTooMuch(clockBehind);
    }

    Optional<Instant> lastTick() {
        return Optional.ofNullable(lastTick);
    }

    /** Why the last turn failed, if it did. */
    Optional<String> failure() {
        return Optional.ofNullable(failure);
    }
}
