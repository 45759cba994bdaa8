package io.cairn.scheduler.firing;

import static io.cairn.scheduler.firing.Plans.SHOP;
import static io.cairn.scheduler.firing.Plans.daily;
import static io.cairn.scheduler.firing.Plans.hourly;
import static io.cairn.scheduler.firing.Plans.shop;
import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.events.BackupDue;
import io.cairn.events.BackupRequested;
import io.cairn.events.BackupSkipped;
import io.cairn.events.BackupSuperseded;
import io.cairn.events.CairnEvent;
import io.cairn.events.DueCause;
import io.cairn.events.EventEnvelope;
import io.cairn.events.MonitoringCheckDue;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.Tier;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.BackupSchedule;
import io.cairn.model.policy.CatchUp;
import io.cairn.scheduler.policy.SchedulePlan;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SchedulerTest {

    private final Ledger ledger = new Ledger();
    private int offset;

    @Test
    void publishesADueTimeOnceWhenItComes() {
        Scheduler scheduler = started(shop(daily(CatchUp.LATEST)), "2026-11-21T12:00:00Z");

        assertThat(backups(tick(scheduler, "2026-11-22T01:59:59.999Z"))).isEmpty();
        assertThat(backups(tick(scheduler, "2026-11-22T02:00:00Z")))
                .containsExactly(
                        new BackupDue(
                                run("20261122T020000Z-F"),
                                Tier.OLTP,
                                at("2026-11-22T02:00:00Z"),
                                at("2026-11-22T08:00:00Z"),
                                DueCause.SCHEDULED,
                                Plans.RUN));
        assertThat(backups(tick(scheduler, "2026-11-22T02:00:01Z"))).isEmpty();
        assertThat(backups(tick(scheduler, "2026-11-22T02:01:00Z"))).isEmpty();
        assertThat(backups(tick(scheduler, "2026-11-23T01:59:59Z"))).isEmpty();
    }

    @Test
    void backfillsNothingForAPlatformThatStartsForTheFirstTime() {
        Scheduler scheduler = started(shop(daily(CatchUp.ALL)), "2026-11-22T02:00:01Z");

        assertThat(events(tick(scheduler, "2026-11-22T02:01:00Z"))).isEmpty();
    }

    @Test
    void backfillsNothingForAClusterThatWasAddedDuringADowntime() {
        ClusterName mail = new ClusterName("mail");
        List<BackupSchedule> schedules = List.of(daily(CatchUp.LATEST));
        started(fulls(Map.of(SHOP, Tier.OLTP), schedules), "2026-11-22T01:30:00Z");
        Map<ClusterName, Tier> both = new LinkedHashMap<>(Map.of(SHOP, Tier.OLTP));
        both.put(mail, Tier.CONTENT);

        Scheduler scheduler = started(fulls(both, schedules), "2026-11-22T03:00:00Z");

        assertThat(dues(tick(scheduler, "2026-11-22T03:00:00Z")))
                .extracting(BackupDue::cluster)
                .containsExactly(SHOP);
        assertThat(dues(tick(scheduler, "2026-11-23T02:00:00Z")))
                .extracting(BackupDue::cluster)
                .containsExactly(SHOP, mail);
    }

    private static SchedulePlan fulls(
            Map<ClusterName, Tier> clusters, List<BackupSchedule> schedules) {
        return SchedulePlan.of(Plans.config(clusters, schedules), Set.of(BackupKind.FULL));
    }

    @Test
    void catchesUpOnlyTheLatestFullAndSaysWhatCoversTheOthers() {
        BackupSchedule longDeadline =
                new BackupSchedule(
                        BackupKind.FULL, "0 2 * * *", CatchUp.LATEST, Duration.ofDays(3));
        Scheduler scheduler = started(shop(longDeadline), "2026-11-20T12:00:00Z");

        String now = "2026-11-23T09:00:00Z";
        String latest = "20261123T020000Z-F";

        assertThat(backups(tick(scheduler, now)))
                .satisfiesExactly(
                        event ->
                                assertThat(event)
                                        .isEqualTo(superseded("20261121T020000Z-F", latest, now)),
                        event ->
                                assertThat(event)
                                        .isEqualTo(superseded("20261122T020000Z-F", latest, now)),
                        event ->
                                assertThat(event)
                                        .isInstanceOfSatisfying(
                                                BackupDue.class,
                                                due -> {
                                                    assertThat(due.run()).isEqualTo(run(latest));
                                                    assertThat(due.cause())
                                                            .isEqualTo(DueCause.CAUGHT_UP);
                                                }));
    }

    @Test
    void skipsWhatIsPastItsStartDeadlineWithAnEvent() {
        Scheduler scheduler = started(shop(daily(CatchUp.LATEST)), "2026-11-21T12:00:00Z");

        assertThat(backups(tick(scheduler, "2026-11-22T08:00:00Z")))
                .singleElement()
                .isInstanceOfSatisfying(
                        BackupSkipped.class,
                        skipped -> {
                            assertThat(skipped.run()).isEqualTo(run("20261122T020000Z-F"));
                            assertThat(skipped.reason()).contains("2026-11-22T08:00:00Z");
                        });
    }

    @Test
    void stillPublishesJustBeforeTheStartDeadline() {
        Scheduler scheduler = started(shop(daily(CatchUp.LATEST)), "2026-11-21T12:00:00Z");

        assertThat(dues(tick(scheduler, "2026-11-22T07:59:59Z"))).hasSize(1);
    }

    @Test
    void catchesUpEveryOneOldestFirstWhereThePolicySaysAll() {
        Scheduler scheduler =
                started(shop(hourly(BackupKind.LOG, CatchUp.ALL)), "2026-11-22T00:30:00Z");

        assertThat(dues(tick(scheduler, "2026-11-22T03:10:00Z")))
                .extracting(due -> due.run().label().value())
                .containsExactly("20261122T010000Z-L", "20261122T020000Z-L", "20261122T030000Z-L");
    }

    @Test
    void catchesUpNoneWhereThePolicySaysSoButPublishesWhatIsDueNow() {
        Scheduler scheduler =
                started(shop(hourly(BackupKind.LOG, CatchUp.NONE)), "2026-11-22T00:30:00Z");

        List<CairnEvent> events = backups(tick(scheduler, "2026-11-22T03:00:02Z"));

        assertThat(events).hasSize(3);
        assertThat(events.subList(0, 2))
                .allSatisfy(event -> assertThat(event).isInstanceOf(BackupSkipped.class));
        assertThat(events.getLast())
                .isInstanceOfSatisfying(
                        BackupDue.class,
                        due -> {
                            assertThat(due.run()).isEqualTo(run("20261122T030000Z-L"));
                            assertThat(due.cause()).isEqualTo(DueCause.SCHEDULED);
                        });
    }

    @Test
    void letsAFullOrASnapshotBeatAnIncrementalAndALogBackupDueAtTheSameTime() {
        for (BackupKind whole : List.of(BackupKind.FULL, BackupKind.SNAPSHOT)) {
            Scheduler scheduler =
                    new Scheduler(
                            shop(
                                    hourly(BackupKind.INCREMENTAL, CatchUp.LATEST),
                                    hourly(BackupKind.LOG, CatchUp.ALL),
                                    new BackupSchedule(
                                            whole,
                                            "0 2 * * *",
                                            CatchUp.LATEST,
                                            Duration.ofHours(6))),
                            FiringRules.DEFAULT);
            Ledger own = new Ledger();
            apply(own, scheduler.begin(own, CursorStart.KEEP, at("2026-11-22T01:30:00Z")));

            List<CairnEvent> events =
                    backups(scheduler.decide(own, List.of(), at("2026-11-22T02:00:00Z")));

            String winner = "20261122T020000Z-" + whole.letter();
            assertThat(events)
                    .containsExactlyInAnyOrder(
                            superseded("20261122T020000Z-I", winner, "2026-11-22T02:00:00Z"),
                            superseded("20261122T020000Z-L", winner, "2026-11-22T02:00:00Z"),
                            dues(events).getFirst());
            assertThat(dues(events)).extracting(BackupDue::run).containsExactly(run(winner));
        }
    }

    @Test
    void letsAFullThatIsSkippedBeatNobody() {
        Scheduler scheduler =
                started(
                        shop(
                                new BackupSchedule(
                                        BackupKind.FULL,
                                        "0 2 * * *",
                                        CatchUp.LATEST,
                                        Duration.ofMinutes(1)),
                                hourly(BackupKind.INCREMENTAL, CatchUp.LATEST)),
                        "2026-11-22T01:30:00Z");

        List<CairnEvent> events = backups(tick(scheduler, "2026-11-22T02:30:00Z"));

        assertThat(events)
                .hasSize(2)
                .anySatisfy(event -> assertThat(event).isInstanceOf(BackupSkipped.class));
        assertThat(dues(events))
                .extracting(BackupDue::run)
                .containsExactly(run("20261122T020000Z-I"));
    }

    @Test
    void makesOneRunOfTwoSchedulesOfAKindThatCoincide() {
        Scheduler scheduler =
                started(
                        shop(
                                daily(CatchUp.LATEST),
                                new BackupSchedule(
                                        BackupKind.FULL,
                                        "0 */2 * * *",
                                        CatchUp.LATEST,
                                        Duration.ofHours(1))),
                        "2026-11-22T01:30:00Z");

        assertThat(dues(tick(scheduler, "2026-11-22T02:00:00Z"))).hasSize(1);
    }

    @Test
    void publishesOnlyTheKindsThatAreTakenAndNamesTheOthers() {
        SchedulePlan plan =
                SchedulePlan.of(
                        Plans.config(
                                Map.of(SHOP, Tier.OLTP),
                                List.of(
                                        daily(CatchUp.LATEST),
                                        hourly(BackupKind.INCREMENTAL, CatchUp.LATEST))),
                        EnumSet.of(BackupKind.FULL));
        Scheduler scheduler = started(plan, "2026-11-22T00:30:00Z");

        assertThat(backups(tick(scheduler, "2026-11-22T01:00:00Z"))).isEmpty();
        assertThat(dues(tick(scheduler, "2026-11-22T02:00:00Z"))).hasSize(1);
        assertThat(plan.notTaken())
                .containsExactly(
                        new SchedulePlan.NotTaken(Tier.OLTP, BackupKind.INCREMENTAL, "0 * * * *"));
    }

    @Test
    void publishesMaintenanceAndCatchesUpItsLatestTimeOnly() {
        Scheduler scheduler = started(shop(), "2026-11-22T00:30:00Z");

        assertThat(events(tick(scheduler, "2026-11-22T00:45:00Z")))
                .containsExactly(
                        new MonitoringCheckDue(
                                at("2026-11-22T00:45:00Z"), at("2026-11-22T01:00:00Z")));
        assertThat(events(tick(scheduler, "2026-11-22T05:50:00Z")))
                .containsExactly(
                        new MonitoringCheckDue(
                                at("2026-11-22T05:45:00Z"), at("2026-11-22T06:00:00Z")));
    }

    @Test
    void saysSoWhenMaintenanceIsPastItsStartDeadline() {
        Scheduler scheduler = started(shop(), "2026-11-22T00:30:00Z");

        Decision decision = tick(scheduler, "2026-11-22T01:10:00Z");

        assertThat(decision.events()).isEmpty();
        assertThat(decision.notices())
                .singleElement()
                .asString()
                .contains("monitoring-check", "2026-11-22T00:45:00Z");
    }

    @Test
    void saysSoWhenMoreTimesWereMissedThanAreAnnounced() {
        Scheduler scheduler =
                new Scheduler(
                        shop(hourly(BackupKind.INCREMENTAL, CatchUp.LATEST)),
                        new FiringRules(
                                Duration.ofMinutes(5),
                                3,
                                Duration.ofDays(7),
                                Duration.ofMinutes(5)));
        apply(ledger, scheduler.begin(ledger, CursorStart.KEEP, at("2026-11-21T00:30:00Z")));

        Decision decision = tick(scheduler, "2026-11-22T00:30:00Z");

        assertThat(backups(decision)).hasSize(3);
        assertThat(decision.notices())
                .anySatisfy(
                        notice -> assertThat(notice).contains("more than 3", "shop incremental"));
    }

    @Test
    void firesNothingTwiceWhenTheClockStepsBack() {
        Scheduler scheduler = started(shop(daily(CatchUp.LATEST)), "2026-11-22T01:00:00Z");
        tick(scheduler, "2026-11-22T02:00:05Z");

        Decision back = tick(scheduler, "2026-11-22T01:55:00Z");

        assertThat(back.isEmpty()).isTrue();
        assertThat(Scheduler.clockBehind(ledger, at("2026-11-22T01:55:00Z")))
                .isEqualTo(Duration.ofSeconds(305));
        assertThat(backups(tick(scheduler, "2026-11-22T02:00:00Z"))).isEmpty();
        assertThat(backups(tick(scheduler, "2026-11-22T02:00:06Z"))).isEmpty();
    }

    @Test
    void waitsForAClockThatHadRunAheadUnlessTheOperatorSetsTheCursorBack() {
        Scheduler scheduler = started(shop(daily(CatchUp.LATEST)), "2026-11-22T01:00:00Z");
        tick(scheduler, "2027-11-22T01:00:00Z");

        assertThat(backups(tick(scheduler, "2026-11-22T02:00:00Z"))).isEmpty();
        Decision restart = scheduler.begin(ledger, CursorStart.NOW, at("2026-11-22T03:00:00Z"));
        apply(ledger, restart);

        assertThat(restart.notices()).singleElement().asString().contains("2027-11-22T01:00:00Z");
        assertThat(dues(tick(scheduler, "2026-11-23T02:00:00Z"))).hasSize(1);
    }

    @Test
    void turnsARequestIntoADueEventThatNamesItsCause() {
        Scheduler scheduler = started(shop(), "2026-11-22T01:00:00Z");
        EventEnvelope<BackupRequested> request = request(SHOP, "key-1", "2026-11-22T01:10:11.987Z");

        Decision decision = decide(scheduler, "2026-11-22T01:10:12Z", incoming(request));

        assertThat(dues(decision))
                .containsExactly(
                        new BackupDue(
                                run("20261122T011011Z-F"),
                                Tier.OLTP,
                                at("2026-11-22T01:10:11Z"),
                                at("2026-11-22T02:10:11.987Z"),
                                DueCause.REQUESTED,
                                Plans.RUN));
        assertThat(decision.events())
                .allSatisfy(event -> {
                    assertThat(event.causationId()).contains(request.id());
                    assertThat(event.correlationId()).contains("shop:20261122T011011Z-F");
                });
    }

    @Test
    void makesOneRunOfRepeatedRequestsInOneReadAndInLaterOnes() {
        Scheduler scheduler = started(shop(), "2026-11-22T01:00:00Z");

        Decision first =
                decide(
                        scheduler,
                        "2026-11-22T01:10:12Z",
                        incoming(request(SHOP, "key-1", "2026-11-22T01:10:11Z")),
                        incoming(request(SHOP, "key-1", "2026-11-22T01:10:12Z")));
        Decision later =
                decide(
                        scheduler,
                        "2026-11-22T01:20:00Z",
                        incoming(request(SHOP, "key-1", "2026-11-22T01:19:59Z")));

        assertThat(dues(first)).hasSize(1);
        assertThat(dues(later)).isEmpty();
        assertThat(later.refusals()).isEmpty();
    }

    @Test
    void givesTwoRequestsOfTheSameSecondTheOneBackupThatBothWant() {
        Scheduler scheduler = started(shop(), "2026-11-22T01:00:00Z");

        Decision both =
                decide(
                        scheduler,
                        "2026-11-22T01:10:12Z",
                        incoming(request(SHOP, "key-1", "2026-11-22T01:10:11.100Z")),
                        incoming(request(SHOP, "key-2", "2026-11-22T01:10:11.900Z")));
        Decision third =
                decide(
                        scheduler,
                        "2026-11-22T01:10:13Z",
                        incoming(request(SHOP, "key-3", "2026-11-22T01:10:11.950Z")));

        assertThat(dues(both)).hasSize(1);
        assertThat(dues(third)).isEmpty();
        assertThat(ledger.requestsRemembered()).isEqualTo(3);
    }

    @Test
    void refusesARequestItCannotTurnIntoARunAndServesTheOthers() {
        Scheduler scheduler = started(shop(), "2026-11-22T01:00:00Z");

        Decision decision =
                decide(
                        scheduler,
                        "2026-11-22T01:10:12Z",
                        incoming(request(new ClusterName("nobody"), "a", "2026-11-22T01:10:11Z")),
                        incoming(request(SHOP, "", "2026-11-22T01:10:11Z")),
                        incoming(request(SHOP, "k".repeat(201), "2026-11-22T01:10:11Z")),
                        incoming(request(SHOP, "future", "2026-11-22T01:15:13Z")),
                        incoming(request(SHOP, "good", "2026-11-22T01:10:11Z")));

        assertThat(decision.refusals())
                .extracting(refusal -> refusal.why().code())
                .containsExactly(
                        ErrorCode.CLUSTER_UNKNOWN,
                        ErrorCode.REQUEST_INVALID,
                        ErrorCode.REQUEST_INVALID,
                        ErrorCode.REQUEST_INVALID);
        assertThat(dues(decision)).hasSize(1);
    }

    @Test
    void forgetsAnIdempotencyKeyAfterItsTime() {
        Scheduler scheduler = started(shop(), "2026-11-22T01:00:00Z");
        decide(
                scheduler,
                "2026-11-22T01:10:12Z",
                incoming(request(SHOP, "key-1", "2026-11-22T01:10:11Z")));

        tick(scheduler, "2026-11-29T01:10:12Z");
        assertThat(ledger.requestsRemembered()).isEqualTo(1);
        tick(scheduler, "2026-11-29T01:11:12Z");
        assertThat(ledger.requestsRemembered()).isZero();
    }

    private Scheduler started(SchedulePlan plan, String now) {
        Scheduler scheduler = new Scheduler(plan, FiringRules.DEFAULT);
        apply(ledger, scheduler.begin(ledger, CursorStart.KEEP, at(now)));
        return scheduler;
    }

    private Decision tick(Scheduler scheduler, String now) {
        return decide(scheduler, now);
    }

    private Decision decide(Scheduler scheduler, String now, Incoming... incoming) {
        Decision decision = scheduler.decide(ledger, List.of(incoming), at(now));
        apply(ledger, decision);
        return decision;
    }

    private static void apply(Ledger ledger, Decision decision) {
        decision.records().forEach(ledger::apply);
    }

    private Incoming incoming(EventEnvelope<BackupRequested> request) {
        return new Incoming.Request(new Incoming.Position(0, offset++), request);
    }

    private static EventEnvelope<BackupRequested> request(
            ClusterName cluster, String key, String at) {
        BackupRequested request =
                new BackupRequested(
                        cluster, BackupKind.FULL, at(at), "ada", key, Duration.ofHours(1));
        return EventEnvelope.of(request, "/test", at(at));
    }

    private static List<CairnEvent> events(Decision decision) {
        List<CairnEvent> events = new ArrayList<>();
        decision.events().forEach(event -> events.add(event.data()));
        return events;
    }

    private static List<CairnEvent> backups(Decision decision) {
        return events(decision).stream()
                .filter(event -> !(event instanceof MonitoringCheckDue))
                .toList();
    }

    private static List<BackupDue> dues(Decision decision) {
        return dues(events(decision));
    }

    private static List<BackupDue> dues(List<CairnEvent> events) {
        return events.stream()
                .filter(BackupDue.class::isInstance)
                .map(BackupDue.class::cast)
                .toList();
    }

    private static BackupSuperseded superseded(String label, String by, String at) {
        return new BackupSuperseded(run(label), Tier.OLTP, run(by), at(at));
    }

    private static RunId run(String label) {
        return new RunId(SHOP, new BackupLabel(label));
    }

    private static Instant at(String time) {
        return Instant.parse(time);
    }
}
