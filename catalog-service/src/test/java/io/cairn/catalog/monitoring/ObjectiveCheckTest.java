package io.cairn.catalog.monitoring;

import static io.cairn.catalog.Histories.POLICY;
import static io.cairn.catalog.Histories.PRIMARY;
import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.catalog.Fixtures;
import io.cairn.catalog.Histories;
import io.cairn.catalog.backup.Backup;
import io.cairn.catalog.backup.CataloguedBackup;
import io.cairn.catalog.backup.Copy;
import io.cairn.catalog.backup.Drill;
import io.cairn.catalog.cluster.ClusterStanding;
import io.cairn.catalog.cluster.StoredWal;
import io.cairn.catalog.wal.ArchivedRange;
import io.cairn.catalog.wal.ArchivedWal;
import io.cairn.events.BackupCompleted;
import io.cairn.events.CairnEvent;
import io.cairn.events.Objective;
import io.cairn.events.ObjectiveBreached;
import io.cairn.events.ObjectiveMet;
import io.cairn.model.AttemptId;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.RunId;
import io.cairn.model.Tier;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.policy.RunPolicy;
import io.cairn.model.policy.TierPolicy;
import io.cairn.model.record.Shredded;
import io.cairn.model.wal.RecoverableWindow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.recursive.comparison.RecursiveComparisonConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ObjectiveCheckTest {

    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final ClusterName SHOP = new ClusterName("shop");
    private static final RunId RUN = RunId.parse("shop:20261122T020000Z-F");
    private static final AttemptId ATTEMPT = new AttemptId("00000000000000aa");
    private static final TierPolicy OLTP =
            new TierPolicy(Tier.OLTP, Duration.ofDays(90), POLICY, List.of());
    private static final Duration QUARTER = Duration.ofMinutes(15);
    private static final RecursiveComparisonConfiguration WITHOUT_WINDOWS =
            RecursiveComparisonConfiguration.builder()
                    .withIgnoredFields("recoverable")
                    .withStrictTypeChecking(true)
                    .build();

    @Test
    void aClusterThatWasNeverBackedUpBreachesBoth() {
        assertThat(check(ClusterStanding.unknown(SHOP)))
                .containsExactly(
                        Fixtures.breached(
                                SHOP,
                                Tier.OLTP,
                                Objective.RPO,
                                QUARTER,
                                Optional.empty(),
                                "shop has no backup",
                                NOW),
                        Fixtures.breached(
                                SHOP,
                                Tier.OLTP,
                                Objective.RTO,
                                QUARTER,
                                Optional.empty(),
                                "no backup of shop was ever restored in a drill, so nobody knows whether 15 min are enough",
                                NOW));
    }

    @Test
    void ageAndDrillWithinTheirBoundsAreMetToTheLastSecond() {
        assertThat(check(standing(Optional.of(backup(QUARTER)), Optional.of(QUARTER))))
                .containsExactly(
                        Fixtures.met(SHOP, Tier.OLTP, Objective.RPO, QUARTER, QUARTER, NOW),
                        Fixtures.met(SHOP, Tier.OLTP, Objective.RTO, QUARTER, QUARTER, NOW));
    }

    @Test
    void aBackupTooOldAndADrillTooSlowAreBreachesThatSayWhichAndByHowMuch() {
        Duration age = Duration.ofHours(10).minusMinutes(20);
        List<CairnEvent> events =
                check(standing(Optional.of(backup(age)), Optional.of(Duration.ofSeconds(1205))));

        assertThat(events)
                .satisfiesExactly(
                        rpo ->
                                assertThat(rpo)
                                        .isEqualTo(
                                                Fixtures.breached(
                                                        SHOP,
                                                        Tier.OLTP,
                                                        Objective.RPO,
                                                        QUARTER,
                                                        Optional.of(age),
                                                        "the newest point that shop can be restored to, backup 20261122T020000Z-F, is 9 h 40 min old;"
                                                                + " tier oltp allows 15 min",
                                                        NOW)),
                        rto ->
                                assertThat(rto)
                                        .isEqualTo(
                                                Fixtures.breached(
                                                        SHOP,
                                                        Tier.OLTP,
                                                        Objective.RTO,
                                                        QUARTER,
                                                        Optional.of(Duration.ofSeconds(1205)),
                                                        "the last restore drill of shop, backup 20261122T020000Z-F from store 'primary', took 20 min 5 s;"
                                                                + " tier oltp allows 15 min",
                                                        NOW)));
    }

    @Test
    void aBackupThatCannotBeRestoredIsNoRecoveryPoint() {
        ClusterStanding standing =
                new ClusterStanding(
                        SHOP,
                        Optional.of(Tier.OLTP),
                        Optional.of(backup(Duration.ofMinutes(1))),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        List.of(),
                        List.of(),
                        List.of(),
                        StoredWal.NONE);

        assertThat(check(standing).getFirst())
                .isInstanceOfSatisfying(
                        ObjectiveBreached.class,
                        breached ->
                                assertThat(breached.message())
                                        .isEqualTo(
                                                "no backup of shop can be restored: the newest, 20261122T020000Z-F, is damaged or"
                                                        + " invalid, or its keys were shredded"));
    }

    @Test
    void aBackupFromTheFutureIsAsOldAsNow() {
        assertThat(
                        check(
                                        standing(
                                                Optional.of(backup(Duration.ofSeconds(-3))),
                                                Optional.empty()))
                                .getFirst())
                .isEqualTo(
                        Fixtures.met(SHOP, Tier.OLTP, Objective.RPO, QUARTER, Duration.ZERO, NOW));
    }

    @Test
    void whatCanBeRecoveredIsToldWithEveryObjective() {
        ClusterStanding standing = streaming(backup(Duration.ofHours(10)), NOW);

        List<RecoverableWindow> windows = standing.wal().windows();
        assertThat(windows).hasSize(1);
        assertThat(check(standing).getFirst())
                .isInstanceOfSatisfying(
                        ObjectiveMet.class, met -> assertThat(met.recoverable()).contains(windows));
        assertThat(check(standing).getLast())
                .isInstanceOfSatisfying(
                        ObjectiveBreached.class,
                        breached -> assertThat(breached.recoverable()).contains(windows));
    }

    @Test
    void anIdleClusterWhoseStreamLivesIsWithinItsObjectiveHoweverOldItsBackup() {
        Instant keptAlive = NOW.minusSeconds(12);

        assertThat(check(streaming(backup(Duration.ofHours(10)), keptAlive)).getFirst())
                .usingRecursiveComparison(WITHOUT_WINDOWS)
                .isEqualTo(
                        Fixtures.met(
                                SHOP,
                                Tier.OLTP,
                                Objective.RPO,
                                QUARTER,
                                Duration.ofSeconds(12),
                                NOW));
    }

    @Test
    void aStreamThatStoppedIsABreachThatSaysHowFarItsWalLeads() {
        Duration age = QUARTER.plusSeconds(1);

        assertThat(check(streaming(backup(Duration.ofHours(10)), NOW.minus(age))).getFirst())
                .usingRecursiveComparison(WITHOUT_WINDOWS)
                .isEqualTo(
                        Fixtures.breached(
                                SHOP,
                                Tier.OLTP,
                                Objective.RPO,
                                QUARTER,
                                Optional.of(age),
                                "the newest point that shop can be restored to, WAL to 0/5000000 in store 'primary', is 15 min 1 s old;"
                                        + " tier oltp allows 15 min",
                                NOW));
    }

    @Test
    void nothingIsLostWhereCommitsWaitForTheStream() {
        assertThat(losingNothing(NOW.minusSeconds(12), Optional.of(NOW.minusSeconds(40))))
                .usingRecursiveComparison(WITHOUT_WINDOWS)
                .isEqualTo(
                        Fixtures.met(
                                SHOP,
                                Tier.QUEUE,
                                Objective.RPO,
                                Duration.ZERO,
                                Duration.ZERO,
                                NOW));
    }

    @Test
    void aStreamThatNoCommitWaitsForBreaksThePromiseToLoseNothing() {
        Instant now = NOW.minusSeconds(12);
        String message =
                "commits of shop do not wait until their WAL is stored, so that those of the last 12 s can be lost; tier queue allows none";

        assertThat(losingNothing(now, Optional.empty()))
                .usingRecursiveComparison(WITHOUT_WINDOWS)
                .isEqualTo(lost(12, message));
        assertThat(losingNothing(now, Optional.of(NOW.minusSeconds(121))))
                .usingRecursiveComparison(WITHOUT_WINDOWS)
                .isEqualTo(lost(12, message));
    }

    @Test
    void aSynchronousStreamThatTellsNothingMoreIsABreach() {
        Instant stopped = NOW.minusSeconds(121);

        assertThat(losingNothing(stopped, Optional.of(NOW)))
                .usingRecursiveComparison(WITHOUT_WINDOWS)
                .isEqualTo(
                        lost(
                                121,
                                "the newest point that shop can be restored to, WAL to 0/5000000 in store 'primary', is 2 min 1 s old;"
                                        + " tier queue allows 0 s"));
    }

    private static ObjectiveBreached lost(long seconds, String message) {
        return Fixtures.breached(
                SHOP,
                Tier.QUEUE,
                Objective.RPO,
                Duration.ZERO,
                Optional.of(Duration.ofSeconds(seconds)),
                message,
                NOW);
    }

    @Test
    void aBackupWhoseKeysWereShreddedIsNoRecoveryPoint() {
        ClusterStanding standing = standing(Optional.of(backup(QUARTER)), Optional.of(QUARTER));
        ClusterStanding gone = standing.without(_ -> Optional.of(new Shredded(NOW, "kim@desk", 2)));

        assertThat(gone.last()).isEqualTo(standing.last());
        assertThat(standing.without(_ -> Optional.empty())).isEqualTo(standing);
        assertThat(check(gone).getFirst())
                .isInstanceOfSatisfying(
                        ObjectiveBreached.class,
                        breached -> {
                            assertThat(breached.objective()).isEqualTo(Objective.RPO);
                            assertThat(breached.message()).contains("its keys were shredded");
                        });
    }

    private static CairnEvent losingNothing(Instant until, Optional<Instant> synchronousAt) {
        RunPolicy run =
                new RunPolicy(
                        POLICY.retention(),
                        POLICY.rto(),
                        Duration.ZERO,
                        POLICY.copies(),
                        POLICY.gzipLevel(),
                        POLICY.volumeBytes());
        return new ObjectiveCheck(
                        streaming(backup(Duration.ofHours(10)), until, synchronousAt),
                        new TierPolicy(Tier.QUEUE, Duration.ofDays(30), run, List.of()),
                        NOW)
                .events()
                .getFirst();
    }

    @ParameterizedTest
    @CsvSource({
        "PT0S, 0 s",
        "PT59S, 59 s",
        "PT15M, 15 min",
        "PT1H30S, 1 h",
        "PT25H, 1 d 1 h",
        "PT48H, 2 d"
    })
    void durationsAreToldInTheirTwoLargestUnits(Duration duration, String words) {
        assertThat(ObjectiveCheck.words(duration)).isEqualTo(words);
    }

    private static List<CairnEvent> check(ClusterStanding standing) {
        return new ObjectiveCheck(standing, OLTP, NOW).events();
    }

    private static ClusterStanding standing(
            Optional<CataloguedBackup> restorable, Optional<Duration> rto) {
        Optional<Copy> drilled =
                rto.map(took ->
                        Copy.of(RUN, ATTEMPT, PRIMARY)
                                .with(
                                        Drill.of(
                                                new Drill.Passed(
                                                        NOW.minusSeconds(60),
                                                        took,
                                                        QUARTER,
                                                        1,
                                                        1,
                                                        true))));
        return new ClusterStanding(
                SHOP,
                Optional.of(Tier.OLTP),
                restorable,
                restorable,
                Optional.empty(),
                Optional.empty(),
                drilled,
                List.of(),
                List.of(),
                List.of(),
                StoredWal.NONE);
    }

    private static ClusterStanding streaming(CataloguedBackup backup, Instant until) {
        return streaming(backup, until, Optional.empty());
    }

    private static ClusterStanding streaming(
            CataloguedBackup backup, Instant until, Optional<Instant> synchronousAt) {
        Backup base = backup.backup();
        RecoverableWindow window =
                new RecoverableWindow(
                        PRIMARY,
                        base.systemIdentifier(),
                        new RecoverableWindow.Point(
                                base.timeline(), base.stopLsn(), base.completedAt()),
                        new RecoverableWindow.Point(base.timeline(), Lsn.parse("0/5000000"), until),
                        true,
                        Optional.empty());
        return new ClusterStanding(
                SHOP,
                Optional.of(Tier.OLTP),
                Optional.of(backup),
                Optional.of(backup),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of(),
                List.of(),
                new StoredWal(
                        List.of(window),
                        List.of(
                                new ArchivedWal(
                                        SHOP,
                                        base.systemIdentifier(),
                                        PRIMARY,
                                        base.timeline(),
                                        Optional.empty(),
                                        List.of(
                                                new ArchivedRange(
                                                        Lsn.parse("0/2000000"),
                                                        Lsn.parse("0/5000000"),
                                                        Optional.of(until),
                                                        synchronousAt)),
                                        until)),
                        List.of()));
    }

    private static CataloguedBackup backup(Duration age) {
        CommitObject commit = Histories.commit(RUN, Tier.OLTP, ATTEMPT, NOW.minus(age), false);
        return new CataloguedBackup(
                Backup.of(BackupCompleted.of(commit, Histories.object(commit), PRIMARY)),
                List.of());
    }
}
