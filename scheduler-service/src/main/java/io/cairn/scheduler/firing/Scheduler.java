package io.cairn.scheduler.firing;

import io.cairn.events.BackupDue;
import io.cairn.events.BackupRequested;
import io.cairn.events.CairnEvent;
import io.cairn.events.DueCause;
import io.cairn.events.EventEnvelope;
import io.cairn.events.MaintenanceDue;
import io.cairn.events.MonitoringCheckDue;
import io.cairn.events.RetentionCleanupDue;
import io.cairn.events.SyncValidationDue;
import io.cairn.events.ValidationDue;
import io.cairn.model.BackupLabel;
import io.cairn.model.RunId;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.scheduler.firing.Decision.Refusal;
import io.cairn.scheduler.firing.ScheduleRecord.Answered;
import io.cairn.scheduler.firing.ScheduleRecord.Cursor;
import io.cairn.scheduler.firing.ScheduleRecord.Forgotten;
import io.cairn.scheduler.firing.ScheduleRecord.Known;
import io.cairn.scheduler.policy.ClusterSchedule;
import io.cairn.scheduler.policy.DueTimes;
import io.cairn.scheduler.policy.MaintenanceTimes;
import io.cairn.scheduler.policy.SchedulePlan;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Decides what is published. A due time is considered in exactly one interval between two cursors,
 * and the cursor moves in the transaction that publishes, so it is published once whatever dies in
 * between. A clock that steps back finds nothing new to consider until it is past the cursor again;
 * one that steps forward finds a longer interval.
 *
 * <p>Decides only; has no effect, and leaves the ledger as it is. Thread-safe as far as the ledger
 * is.
 */
public final class Scheduler {

    /** CloudEvents source of everything published here. */
    public static final String SOURCE = "/cairn/scheduler-service";

    private static final int KEY_LENGTH_MAX = 200;
    private static final int FORGOTTEN_AT_ONCE = 1000;

    private final SchedulePlan plan;
    private final FiringRules rules;

    public Scheduler(SchedulePlan plan, FiringRules rules) {
        this.plan = plan;
        this.rules = rules;
    }

    /**
     * What has to be remembered before the first {@link #decide}: who is new begins now, and gets
     * nothing from the past.
     */
    public Decision begin(Ledger ledger, CursorStart start, Instant now) {
        List<ScheduleRecord> records = new ArrayList<>();
        List<String> notices = new ArrayList<>();
        Optional<Instant> considered = ledger.considered();
        if (considered.isEmpty()) {
            records.add(new Cursor(now));
        } else if (start == CursorStart.NOW) {
            records.add(new Cursor(now));
            notices.add(
                    "the cursor is set from %s to %s, nothing in between is caught up; set it to keep again"
                            .formatted(considered.get(), now));
        }
        Stream.concat(
                        plan.clusters().stream().map(ClusterSchedule::id),
                        plan.maintenance().stream().map(MaintenanceTimes::id))
                .filter(schedule -> ledger.since(schedule).isEmpty())
                .forEach(schedule -> records.add(new Known(schedule, now)));
        return new Decision(List.of(), records, List.of(), notices);
    }

    /** By how much the clock is behind what was already considered; zero in ordinary times. */
    public static Duration clockBehind(Ledger ledger, Instant now) {
        Duration behind = Duration.between(now, ledger.considered().orElse(now));
        return behind.isNegative() ? Duration.ZERO : behind;
    }

    /**
     * What is due now, and what the requests ask for.
     *
     * @param incoming requests in the order in which they were read
     * @param now the clock's time
     */
    public Decision decide(Ledger ledger, List<Incoming> incoming, Instant now) {
        Draft draft = new Draft(ledger, now);
        draft.considerSchedules();
        incoming.forEach(draft::consider);
        return draft.decision();
    }

    /** A decision that is being made. */
    private final class Draft {

        private final Ledger ledger;
        private final Instant now;
        private final List<EventEnvelope<?>> events = new ArrayList<>();
        private final List<ScheduleRecord> records = new ArrayList<>();
        private final List<Refusal> refusals = new ArrayList<>();
        private final List<String> notices = new ArrayList<>();

        /** Requests answered in this decision, which the ledger does not know yet. */
        private final Map<String, RunId> answers = new HashMap<>();

        private final Set<RunId> runs = new HashSet<>();

        Draft(Ledger ledger, Instant now) {
            this.ledger = ledger;
            this.now = now;
        }

        Decision decision() {
            return new Decision(events, records, refusals, notices);
        }

        /**
         * Cron knows minutes, so an interval within one minute holds nothing; the cursor moves once
         * a minute.
         */
        void considerSchedules() {
            Instant considered = ledger.considered().orElse(now);
            if (!minute(now).isAfter(minute(considered))) {
                return;
            }
            plan.clusters().forEach(cluster -> consider(cluster, after(considered, cluster.id())));
            plan.maintenance().forEach(kind -> consider(kind, after(considered, kind.id())));
            records.add(new Cursor(now));
            ledger.answeredBefore(now.minus(rules.requestMemory()))
                    .limit(FORGOTTEN_AT_ONCE)
                    .forEach(request -> records.add(new Forgotten(request.key())));
        }

        private EventEnvelope<CairnEvent> of(CairnEvent event, RunId run) {
            return EventEnvelope.of(event, SOURCE, now).correlatedWith(run.toString());
        }

        private Instant after(Instant considered, String schedule) {
            Instant since = ledger.since(schedule).orElse(now);
            return since.isAfter(considered) ? since : considered;
        }

        private void consider(ClusterSchedule cluster, Instant after) {
            ClusterFirings firings = new ClusterFirings(cluster, rules, after, now);
            notices.addAll(firings.notices());
            firings.events().forEach((run, event) -> events.add(of(event, run)));
        }

        private void consider(MaintenanceTimes maintenance, Instant after) {
            DueTimes due = maintenance.times().between(after, now, 1);
            if (due.times().isEmpty()) {
                return;
            }
            Instant latest = due.times().getLast();
            if (latest.plus(maintenance.startDeadline()).isAfter(now)) {
                events.add(EventEnvelope.of(event(maintenance, latest), SOURCE, now));
            } else {
                notices.add(
                        "maintenance %s due %s was missed until its start deadline had passed"
                                .formatted(maintenance.kind().id(), latest));
            }
        }

        void consider(Incoming incoming) {
            switch (incoming) {
                case Incoming.Unreadable unreadable ->
                        refusals.add(new Refusal(unreadable.position(), unreadable.why()));
                case Incoming.Request request -> {
                    try {
                        answer(request.event());
                    } catch (CairnException e) {
                        refusals.add(new Refusal(request.position(), e));
                    }
                }
            }
        }

        private void answer(EventEnvelope<BackupRequested> event) {
            BackupRequested request = event.data();
            ClusterSchedule cluster = check(request);
            String key = Answered.key(request.cluster(), request.idempotencyKey());
            if (answers.containsKey(key)
                    || ledger.answer(request.cluster(), request.idempotencyKey()).isPresent()) {
                return;
            }
            Instant due = request.requestedAt().truncatedTo(ChronoUnit.SECONDS);
            RunId run = new RunId(request.cluster(), BackupLabel.of(due, request.kind()));
            // Two requests of the same kind in the same second get the one backup that both want.
            if (runs.add(run) && !ledger.hasRun(run)) {
                Instant deadline = request.requestedAt().plus(request.startDeadline());
                BackupDue answer =
                        new BackupDue(
                                run,
                                cluster.tier(),
                                due,
                                deadline,
                                DueCause.REQUESTED,
                                cluster.run());
                events.add(of(answer, run).causedBy(event));
            }
            answers.put(key, run);
            records.add(new Answered(request.cluster(), request.idempotencyKey(), run, now));
        }

        private ClusterSchedule check(BackupRequested request) {
            Optional<ClusterSchedule> cluster = plan.cluster(request.cluster());
            if (cluster.isEmpty()) {
                throw new CairnException(
                        ErrorCode.CLUSTER_UNKNOWN,
                        "a backup of '"
                                + request.cluster()
                                + "' was requested, and no such cluster is configured",
                        "correct the name, or add the cluster to the configuration and restart the scheduler");
            }
            if (request.idempotencyKey().isEmpty()
                    || request.idempotencyKey().length() > KEY_LENGTH_MAX) {
                throw invalid(
                        request,
                        "its idempotency key must have 1 to " + KEY_LENGTH_MAX + " characters");
            }
            if (!request.startDeadline().isPositive()) {
                throw invalid(request, "its start deadline must be positive");
            }
            if (request.requestedAt().isAfter(now.plus(rules.clockTolerance()))) {
                throw invalid(
                        request,
                        "it says it was made at "
                                + request.requestedAt()
                                + ", which is in the future");
            }
            return cluster.get();
        }
    }

    private static MaintenanceDue event(MaintenanceTimes maintenance, Instant due) {
        Instant deadline = due.plus(maintenance.startDeadline());
        return switch (maintenance.kind()) {
            case VALIDATION -> new ValidationDue(due, deadline);
            case MONITORING_CHECK -> new MonitoringCheckDue(due, deadline);
            case RETENTION_CLEANUP -> new RetentionCleanupDue(due, deadline);
            case SYNC_VALIDATION -> new SyncValidationDue(due, deadline);
        };
    }

    private static Instant minute(Instant time) {
        return time.truncatedTo(ChronoUnit.MINUTES);
    }

    private static CairnException invalid(BackupRequested request, String why) {
        return new CairnException(
                ErrorCode.REQUEST_INVALID,
                "the request for a backup of '" + request.cluster() + "' is refused: " + why,
                "correct the request and send it again");
    }
}
