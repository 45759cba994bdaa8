package io.cairn.scheduler.firing;

import static io.cairn.scheduler.firing.Plans.SHOP;
import static io.cairn.scheduler.firing.Plans.daily;
import static io.cairn.scheduler.firing.Plans.hourly;
import static io.cairn.scheduler.firing.Plans.shop;
import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.events.BackupDue;
import io.cairn.events.BackupSkipped;
import io.cairn.events.BackupSuperseded;
import io.cairn.events.CairnEvent;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.RunId;
import io.cairn.model.policy.CatchUp;
import io.cairn.scheduler.policy.ClusterSchedule;
import io.cairn.scheduler.policy.SchedulePlan;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * What holds whatever the clock does, whoever dies, and whichever of two schedulers is in charge.
 */
class SchedulerPropertyTest {

    private static final Instant START = Instant.parse("2026-11-22T00:00:30Z");
    private static final FiringRules RULES =
            new FiringRules(
                    Duration.ofMinutes(5), 10_000, Duration.ofDays(7), Duration.ofMinutes(5));
    private static final SchedulePlan PLAN =
            shop(
                    daily(CatchUp.LATEST),
                    hourly(BackupKind.INCREMENTAL, CatchUp.LATEST),
                    hourly(BackupKind.LOG, CatchUp.ALL));

    /** What happens next. */
    private sealed interface Step {

        /** The clock moves, forwards or back, and the scheduler in charge looks at it. */
        record Tick(Duration by, int scheduler) implements Step {}

        /** The one in charge decides and dies before its transaction is committed. */
        record DieBeforeCommit(Duration by, int scheduler) implements Step {}

        /** A scheduler starts and reads back what was committed. */
        record Start(int scheduler) implements Step {}
    }

    @Provide
    Arbitrary<List<Step>> histories() {
        Arbitrary<Duration> moves =
                Arbitraries.frequencyOf(
                        net.jqwik.api.Tuple.of(
                                8, Arbitraries.longs().between(1, 120).map(Duration::ofSeconds)),
                        net.jqwik.api.Tuple.of(
                                3, Arbitraries.longs().between(1, 40).map(Duration::ofHours)),
                        net.jqwik.api.Tuple.of(
                                2, Arbitraries.longs().between(-7200, 0).map(Duration::ofSeconds)));
        Arbitrary<Integer> schedulers = Arbitraries.integers().between(0, 1);
        Arbitrary<Step> steps =
                Arbitraries.frequencyOf(
                        net.jqwik.api.Tuple.of(
                                8, Combinators.combine(moves, schedulers).as(Step.Tick::new)),
                        net.jqwik.api.Tuple.of(
                                2,
                                Combinators.combine(moves, schedulers)
                                        .as(Step.DieBeforeCommit::new)),
                        net.jqwik.api.Tuple.of(1, schedulers.map(Step.Start::new)));
        return steps.list().ofMinSize(1).ofMaxSize(60);
    }

    /** The log as the broker keeps it: what is committed, and who opened it last. */
    private static final class Log {

        private final List<ScheduleRecord> committed = new ArrayList<>();
        private final List<CairnEvent> published = new ArrayList<>();
        private int inCharge = -1;

        Ledger open(int scheduler) {
            inCharge = scheduler;
            Ledger ledger = new Ledger();
            committed.forEach(ledger::apply);
            return ledger;
        }

        boolean commit(int scheduler, Decision decision) {
            if (scheduler != inCharge) {
                return false;
            }
            committed.addAll(decision.records());
            decision.events().forEach(event -> published.add(event.data()));
            return true;
        }
    }

    @Property(tries = 300)
    void answersEveryDueTimeExactlyOnce(@ForAll("histories") List<Step> history) {
        Scheduler scheduler = new Scheduler(PLAN, RULES);
        Log log = new Log();
        Ledger[] ledgers = new Ledger[2];
        Instant now = START;
        Instant latest = START;
        ledgers[0] = start(scheduler, log, 0, now);

        for (Step step : history) {
            switch (step) {
                case Step.Start start ->
                        ledgers[start.scheduler()] = start(scheduler, log, start.scheduler(), now);
                case Step.DieBeforeCommit die -> {
                    now = now.plus(die.by());
                    if (ledgers[die.scheduler()] != null) {
                        scheduler.decide(ledgers[die.scheduler()], List.of(), now);
                        ledgers[die.scheduler()] = null;
                    }
                }
                case Step.Tick tick -> {
                    now = now.plus(tick.by());
                    if (tick(scheduler, log, ledgers, tick.scheduler(), now)) {
                        latest = now.isAfter(latest) ? now : latest;
                    }
                }
            }
        }
        // Whatever happened, the next start catches up.
        ledgers[0] = start(scheduler, log, 0, now);
        Instant end = (now.isAfter(latest) ? now : latest).plusSeconds(60);
        tick(scheduler, log, ledgers, 0, end);

        assertThat(runs(log.published))
                .doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(expected(end));
    }

    @Property(tries = 200)
    void publishesOnlyWhatMayStillStartAndNamesOnlyRunsThatExist(
            @ForAll("histories") List<Step> history) {
        Scheduler scheduler = new Scheduler(PLAN, RULES);
        Log log = new Log();
        Ledger[] ledgers = {start(scheduler, log, 0, START), null};
        Instant now = START;
        for (Step step : history) {
            if (step instanceof Step.Tick tick) {
                now = now.plus(tick.by());
                int before = log.published.size();
                tick(scheduler, log, ledgers, 0, now);
                for (CairnEvent event : log.published.subList(before, log.published.size())) {
                    if (event instanceof BackupDue due) {
                        assertThat(due.startDeadline()).isAfter(now);
                        assertThat(due.dueAt()).isBeforeOrEqualTo(now);
                    }
                }
            }
        }

        Set<RunId> all = new HashSet<>(runs(log.published));
        log.published.stream()
                .filter(BackupSuperseded.class::isInstance)
                .map(BackupSuperseded.class::cast)
                .forEach(superseded -> assertThat(all).contains(superseded.supersededBy()));
    }

    private static Ledger start(Scheduler scheduler, Log log, int number, Instant now) {
        Ledger ledger = log.open(number);
        Decision begin = scheduler.begin(ledger, CursorStart.KEEP, now);
        log.commit(number, begin);
        begin.records().forEach(ledger::apply);
        return ledger;
    }

    private static boolean tick(
            Scheduler scheduler, Log log, Ledger[] ledgers, int number, Instant now) {
        Ledger ledger = ledgers[number];
        if (ledger == null) {
            return false;
        }
        Decision decision = scheduler.decide(ledger, List.of(), now);
        if (!log.commit(number, decision)) {
            ledgers[number] = null;
            return false;
        }
        decision.records().forEach(ledger::apply);
        return true;
    }

    private static List<RunId> runs(List<CairnEvent> events) {
        List<RunId> runs = new ArrayList<>();
        for (CairnEvent event : events) {
            switch (event) {
                case BackupDue due -> runs.add(due.run());
                case BackupSkipped skipped -> runs.add(skipped.run());
                case BackupSuperseded superseded -> runs.add(superseded.run());
                default -> {}
            }
        }
        return runs;
    }

    /** Every hour an incremental and a log backup, every day at two a full. */
    private static List<RunId> expected(Instant end) {
        ClusterSchedule shop = PLAN.cluster(SHOP).orElseThrow();
        return shop.kinds().stream()
                .flatMap(kind ->
                        kind.times().between(START, end, Integer.MAX_VALUE).times().stream()
                                .map(due -> new RunId(SHOP, BackupLabel.of(due, kind.kind()))))
                .toList();
    }
}
