package io.cairn.executor.basebackup;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.events.BackupCompleted;
import io.cairn.events.BackupDue;
import io.cairn.events.BackupFailed;
import io.cairn.events.BackupSkipped;
import io.cairn.events.BackupStarted;
import io.cairn.events.BackupSuperseded;
import io.cairn.events.CairnEvent;
import io.cairn.events.DueCause;
import io.cairn.events.EventObject;
import io.cairn.events.RestoreDrillCompleted;
import io.cairn.events.ValidationFailed;
import io.cairn.events.ValidationPassed;
import io.cairn.executor.publish.Commits;
import io.cairn.executor.publish.CommittedBackup;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.Lsn;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.RunPolicy;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.WalLayout;
import io.cairn.model.wal.WalSegment;
import io.cairn.postgres.basebackup.BaseBackupOptions;
import io.cairn.postgres.basebackup.RelationCuts;
import io.cairn.postgres.basebackup.RelationFork;
import io.cairn.postgres.manifest.BackupManifest;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectStore;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Backups that need others: what is chosen, and what is taken where there is nothing to choose. */
class ChainRunTest {

    private final RunFixture fixture = new RunFixture();

    @Test
    void anIncrementalBuildsOnTheNewestOfItsChain() throws InterruptedException {
        taken(due(BackupKind.FULL, 0));
        CommitObject first = taken(due(BackupKind.INCREMENTAL, 1));
        CommitObject second = taken(due(BackupKind.INCREMENTAL, 2));

        assertThat(first.parent()).contains(label(BackupKind.FULL, 0));
        assertThat(second.parent()).contains(label(BackupKind.INCREMENTAL, 1));
        assertThat(second.parentAttempt()).contains(first.attempt());
        assertThat(second.reason()).isEmpty();
        assertThat(fixture.cluster.asked())
                .extracting(BaseBackupOptions::incremental)
                .containsExactly(false, true, true);
        assertThat(fixture.cluster.parents()).hasSize(2);
        assertThat(
                        BackupManifest.parse(
                                        fixture.cluster
                                                .parents()
                                                .getFirst()
                                                .getBytes(StandardCharsets.UTF_8))
                                .files())
                .isNotEmpty();
    }

    @Test
    void withoutAFullOneIsTakenAsARunOfItsOwn() throws InterruptedException {
        BackupDue due = due(BackupKind.INCREMENTAL, 1);

        CommitObject commit = taken(due);

        assertThat(commit.label()).isEqualTo(label(BackupKind.FULL, 1));
        assertThat(commit.reason()).contains("there is no full backup of the last 48 h");
        assertThat(fixture.events.only(BackupCompleted.class).run()).isEqualTo(commit.run());
        assertThat(fixture.events.only(BackupStarted.class).run()).isEqualTo(commit.run());
        BackupSuperseded superseded = fixture.events.only(BackupSuperseded.class);
        assertThat(superseded.run()).isEqualTo(due.run());
        assertThat(superseded.supersededBy()).isEqualTo(commit.run());
        assertThat(superseded.reason()).isEqualTo(commit.reason());
    }

    @Test
    void aRedeliveredRunFindsWhatWasTakenInstead() throws InterruptedException {
        BackupDue due = due(BackupKind.INCREMENTAL, 1);
        taken(due);

        assertThat(fixture.run(due)).isInstanceOf(RunOutcome.Found.class);

        List<BackupSuperseded> told = fixture.events.all(BackupSuperseded.class);
        assertThat(told).hasSize(2);
        assertThat(told.getFirst()).isEqualTo(told.getLast());
        assertThat(fixture.cluster.asked()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(
            value = ErrorCode.class,
            names = {
                "POSTGRES_TIMELINE_DIVERGED",
                "POSTGRES_WAL_SUMMARIES_LAGGING",
                "POSTGRES_WAL_SUMMARIES_MISSING"
            })
    void whatTheServerCannotBuildOnIsTakenAsAFull(ErrorCode code) throws InterruptedException {
        taken(due(BackupKind.FULL, 0));
        fixture.cluster.refuseParents(new CairnException(code, "it cannot", "never mind"));

        CommitObject commit = taken(due(BackupKind.INCREMENTAL, 1));

        assertThat(commit.kind()).isEqualTo(BackupKind.FULL);
        assertThat(commit.parent()).isEmpty();
        assertThat(commit.reason()).contains("it cannot");
        assertThat(fixture.events.all(BackupFailed.class)).isEmpty();
    }

    @Test
    void anIncrementalThatLacksBlocksBehindACutIsThrownAway() throws InterruptedException {
        taken(due(BackupKind.FULL, 0));
        fixture.cluster.sends(
                TestBackup.of(400_000).incremental("base/5/INCREMENTAL.16384", 12, 3, 9, 11));
        cut(10);

        CommitObject commit = taken(due(BackupKind.INCREMENTAL, 1));

        assertThat(commit.kind()).isEqualTo(BackupKind.FULL);
        assertThat(commit.reason().orElseThrow())
                .contains("relation 1663/5/16384 was cut to 10 blocks")
                .contains("grown to 12");
        BackupFailed failed = fixture.events.only(BackupFailed.class);
        assertThat(failed.code()).isEqualTo(ErrorCode.POSTGRES_INCREMENTAL_INCOMPLETE);
        assertThat(failed.run().label()).isEqualTo(label(BackupKind.INCREMENTAL, 1));
        assertThat(failed.retried()).isTrue();
        assertThat(
                        new Commits(fixture.store)
                                .find(
                                        RunFixture.CLUSTER,
                                        List.of(label(BackupKind.INCREMENTAL, 1))))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 40})
    void anIncrementalWithEveryBlockBehindACutIsKept(long length) throws InterruptedException {
        taken(due(BackupKind.FULL, 0));
        fixture.cluster.sends(
                TestBackup.of(400_000).incremental("base/5/INCREMENTAL.16384", 12, 3, 9, 11));
        cut(length);

        assertThat(taken(due(BackupKind.INCREMENTAL, 1)).kind()).isEqualTo(BackupKind.INCREMENTAL);
    }

    @Test
    void anIncrementalThatCannotBeCheckedIsThrownAway() throws InterruptedException {
        taken(due(BackupKind.FULL, 0));
        fixture.cluster.cuts(() -> {
            throw new CairnException(
                    ErrorCode.POSTGRES_WAL_SUMMARIES_MISSING, "they are gone", "never mind");
        });

        CommitObject commit = taken(due(BackupKind.INCREMENTAL, 1));

        assertThat(commit.kind()).isEqualTo(BackupKind.FULL);
        assertThat(commit.reason().orElseThrow()).contains("they are gone");
    }

    private void cut(long length) {
        fixture.cluster.cuts(() ->
                new RelationCuts(Map.of(new RelationFork(1663, 5, 16384, 0), length), 1 << 17));
    }

    /** As after two stores were merged: the name of the full is another attempt's. */
    @Test
    void anIncrementalOfAnAttemptThatHasLostItsNameIsNotBuiltOn() throws InterruptedException {
        CommitObject lost = taken(due(BackupKind.FULL, 0));
        taken(due(BackupKind.INCREMENTAL, 1));
        fixture.store.delete(lost.layout().commit());
        CommitObject full = taken(due(BackupKind.FULL, 0));

        CommitObject commit = taken(due(BackupKind.INCREMENTAL, 2));

        assertThat(commit.parent()).contains(full.label());
        assertThat(commit.parentAttempt()).contains(full.attempt());
    }

    @Test
    void aParentThatLacksAPartIsNone() throws InterruptedException {
        CommitObject full = taken(due(BackupKind.FULL, 0));
        fixture.store.delete(full.archives().getFirst().volumes().getFirst().object().key());

        CommitObject commit = taken(due(BackupKind.INCREMENTAL, 1));

        assertThat(commit.kind()).isEqualTo(BackupKind.FULL);
        assertThat(commit.reason().orElseThrow()).contains("is missing or has another length");
    }

    @Test
    void aParentThatFailedItsValidationIsNotBuiltOn() throws InterruptedException {
        CommitObject full = taken(due(BackupKind.FULL, 0));
        taken(due(BackupKind.INCREMENTAL, 1));
        record(failed(full, ValidationFailed.BYTES, 2));

        CommitObject commit = taken(due(BackupKind.INCREMENTAL, 3));

        assertThat(commit.label()).isEqualTo(label(BackupKind.FULL, 3));
        assertThat(commit.reason())
                .contains(
                        "20261122T020000Z-F failed its validation (bytes) at 2026-11-22T04:00:00Z: it is not whole");
        assertThat(fixture.events.only(BackupSuperseded.class).reason()).isEqualTo(commit.reason());
        assertThat(taken(due(BackupKind.INCREMENTAL, 4)).parent()).contains(commit.label());
    }

    @Test
    void whatFailedIsPassedOverForWhatIsOlderAndSound() throws InterruptedException {
        taken(due(BackupKind.FULL, 0));
        CommitObject first = taken(due(BackupKind.INCREMENTAL, 1));
        record(passed(first, 2));
        CommitObject second = taken(due(BackupKind.INCREMENTAL, 2));
        taken(due(BackupKind.INCREMENTAL, 3));
        record(failed(second, ValidationFailed.DRILL, 3));

        assertThat(taken(due(BackupKind.INCREMENTAL, 4)).parent()).contains(first.label());
    }

    @Test
    void aFailureThatWasRefutedOrIsOfAnotherCopyIsNone() throws InterruptedException {
        CommitObject full = taken(due(BackupKind.FULL, 0));
        record(failed(full, ValidationFailed.BYTES, 1));
        record(failed(full, ValidationFailed.DRILL, 1));
        record(passed(full, 2));
        record(drilled(full, 2));
        record(failed(full, new AttemptId("00000000deadbeef"), "primary", 3));
        record(failed(full, full.attempt(), "secondary", 3));

        assertThat(taken(due(BackupKind.INCREMENTAL, 4)).parent()).contains(full.label());
    }

    @Test
    void wholeBytesDoNotRefuteAFailedDrill() throws InterruptedException {
        CommitObject full = taken(due(BackupKind.FULL, 0));
        record(failed(full, ValidationFailed.DRILL, 1));
        record(passed(full, 2));

        assertThat(taken(due(BackupKind.INCREMENTAL, 3)).reason().orElseThrow())
                .contains("failed its validation (drill)");
    }

    @Test
    void aRecordThatCannotBeReadVouchesForNothing() throws InterruptedException {
        CommitObject full = taken(due(BackupKind.FULL, 0));
        ClusterRoot root = RunFixture.LAYOUT.root();
        fixture.store.putIfAbsent(
                root.record(EventObject.VERIFICATIONS, full.label().value(), "0"),
                ObjectBody.of("{}".getBytes(StandardCharsets.UTF_8)));

        assertThat(taken(due(BackupKind.INCREMENTAL, 1)).reason().orElseThrow())
                .contains("what is recorded of 20261122T020000Z-F is not known");
    }

    @Test
    void whereFullsKeepFailingTheirValidationLogBackupsAreTaken() throws InterruptedException {
        record(failed(taken(due(BackupKind.FULL, 0)), ValidationFailed.DRILL, 1));
        CommitObject second = taken(due(BackupKind.INCREMENTAL, 2));
        assertThat(second.kind()).isEqualTo(BackupKind.FULL);
        record(failed(second, ValidationFailed.DRILL, 3));

        CommitObject commit = taken(due(BackupKind.INCREMENTAL, 4));

        assertThat(commit.label()).isEqualTo(label(BackupKind.LOG, 4));
        assertThat(commit.reason().orElseThrow())
                .startsWith("the last two full backups are not valid either")
                .contains(second.label() + " failed its validation (drill)");
    }

    @Test
    void whereRecordsMayNotBeReadLogBackupsAreTaken() throws InterruptedException {
        record(passed(taken(due(BackupKind.FULL, 0)), 1));

        RunOutcome outcome =
                fixture.on(withoutRecords(), fixture.events).run(due(BackupKind.INCREMENTAL, 2));

        CommitObject commit = ((RunOutcome.Taken) outcome).backup().commit();
        assertThat(commit.label()).isEqualTo(label(BackupKind.LOG, 2));
        assertThat(commit.reason().orElseThrow()).startsWith("records may not be read");
    }

    private ObjectStore withoutRecords() {
        InvocationHandler rights =
                (_, method, arguments) -> {
                    if (method.getName().equals("read")
                            && arguments[0].toString().contains("/records/")) {
                        throw new CairnException(
                                ErrorCode.STORE_ACCESS_DENIED, "records may not be read", "");
                    }
                    try {
                        return method.invoke(fixture.store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                };
        return (ObjectStore)
                Proxy.newProxyInstance(
                        ObjectStore.class.getClassLoader(),
                        new Class<?>[] {ObjectStore.class},
                        rights);
    }

    private void record(CairnEvent event) {
        EventObject object = EventObject.of(event);
        BackupLabel label = event.correlatedRun().orElseThrow().label();
        fixture.store.putIfAbsent(
                object.key(RunFixture.LAYOUT.root(), EventObject.VERIFICATIONS, label),
                ObjectBody.of(object.toJson()));
    }

    private static ValidationFailed failed(CommitObject commit, String stage, int hours) {
        return failed(commit, commit.attempt(), "primary", stage, hours);
    }

    private static ValidationFailed failed(
            CommitObject commit, AttemptId attempt, String store, int hours) {
        return failed(commit, attempt, store, ValidationFailed.BYTES, hours);
    }

    private static ValidationFailed failed(
            CommitObject commit, AttemptId attempt, String store, String stage, int hours) {
        return new ValidationFailed(
                commit.run(),
                attempt,
                new StoreName(store),
                stage,
                at(hours),
                ErrorCode.ARCHIVE_CORRUPT,
                "it is not whole",
                Optional.empty(),
                Optional.empty());
    }

    private static ValidationPassed passed(CommitObject commit, int hours) {
        return new ValidationPassed(
                commit.run(),
                commit.attempt(),
                new StoreName("primary"),
                at(hours),
                at(hours),
                1,
                1,
                1);
    }

    private static RestoreDrillCompleted drilled(CommitObject commit, int hours) {
        return drilled(commit, hours, 1);
    }

    private static RestoreDrillCompleted drilled(CommitObject commit, int hours, long bytes) {
        return new RestoreDrillCompleted(
                commit.run(),
                commit.attempt(),
                new StoreName("primary"),
                at(hours),
                at(hours),
                Duration.ofSeconds(9),
                Duration.ofMinutes(15),
                1,
                1,
                1,
                true,
                Optional.of(new RestoreDrillCompleted.Restored(List.of(commit.label()), bytes)),
                Optional.empty(),
                Optional.empty());
    }

    @Test
    void aParentWhoseOwnParentIsGoneIsPassedOver() throws InterruptedException {
        CommitObject full = taken(due(BackupKind.FULL, 0));
        taken(due(BackupKind.INCREMENTAL, 1));
        fixture.store.delete(full.layout().commit());

        CommitObject commit = taken(due(BackupKind.INCREMENTAL, 2));

        assertThat(commit.kind()).isEqualTo(BackupKind.FULL);
        assertThat(commit.reason().orElseThrow()).contains("which is missing");
    }

    @ParameterizedTest
    @EnumSource(
            value = ErrorCode.class,
            names = {"POSTGRES_NOT_PERMITTED", "POSTGRES_SUMMARIZE_WAL_OFF"})
    void whatTheServerIsNotSetUpForIsTakenAsALogBackup(ErrorCode code) throws InterruptedException {
        taken(due(BackupKind.FULL, 0));
        fixture.cluster.refuseParents(new CairnException(code, "it is not", "set it up"));

        CommitObject commit = taken(due(BackupKind.INCREMENTAL, 1));

        assertThat(commit.label()).isEqualTo(label(BackupKind.LOG, 1));
        assertThat(commit.reason()).contains("it is not");
        assertThat(fixture.events.only(BackupSuperseded.class).reason()).isEqualTo(commit.reason());
    }

    @Test
    void whereIncrementalsAreSwitchedOffLogBackupsAreTaken() throws InterruptedException {
        switchOff();
        taken(due(BackupKind.FULL, 0));

        CommitObject commit = taken(due(BackupKind.INCREMENTAL, 1));

        assertThat(commit.kind()).isEqualTo(BackupKind.LOG);
        assertThat(commit.reason().orElseThrow()).contains("switched off");
    }

    @Test
    void whereIncrementalsAreSwitchedOffAndNoWalIsStoredTheRunIsSkipped()
            throws InterruptedException {
        switchOff();
        taken(due(BackupKind.FULL, 0));
        fixture.cluster.walEnds(end(1));

        RunOutcome outcome = fixture.run(due(BackupKind.INCREMENTAL, 1));

        assertThat(outcome).isInstanceOf(RunOutcome.Skipped.class);
        assertThat(fixture.events.only(BackupSkipped.class).reason())
                .contains("switched off")
                .contains("a log backup cannot be taken");
        assertThat(fixture.events.only(BackupFailed.class).run().label())
                .isEqualTo(label(BackupKind.LOG, 1));
        assertThat(fixture.cluster.asked()).hasSize(1);
    }

    private void switchOff() {
        fixture.settings = fixture.settings.withChains(chains(0, 100));
    }

    private static ChainSettings chains(int incrementals, int restoreRate) {
        return new ChainSettings(
                incrementals,
                Duration.ofDays(2),
                Duration.ofMinutes(1),
                Duration.ofMinutes(1),
                restoreRate);
    }

    @Test
    void aChainIsNoLongerThanItsLimit() throws InterruptedException {
        fixture.settings = fixture.settings.withChains(chains(1, 100));
        taken(due(BackupKind.FULL, 0));
        taken(due(BackupKind.INCREMENTAL, 1));

        CommitObject commit = taken(due(BackupKind.INCREMENTAL, 2));

        assertThat(commit.kind()).isEqualTo(BackupKind.FULL);
        assertThat(commit.reason().orElseThrow()).contains("1 incrementals follow");
        assertThat(taken(due(BackupKind.INCREMENTAL, 3)).parent()).contains(commit.label());
    }

    @Test
    void aChainWhoseRestoreWouldMissTheRtoGoesOnWithAFull() throws InterruptedException {
        // 2.5 MB each, at 1 MB/s.
        fixture.settings = fixture.settings.withChains(chains(24, 1));
        Duration rto = Duration.ofSeconds(4);
        taken(within(rto, due(BackupKind.FULL, 0)));
        assertThat(taken(within(rto, due(BackupKind.INCREMENTAL, 1))).parent()).isPresent();

        CommitObject commit = taken(within(rto, due(BackupKind.INCREMENTAL, 2)));

        assertThat(commit.kind()).isEqualTo(BackupKind.FULL);
        assertThat(commit.reason().orElseThrow()).contains("longer than the RTO of 4 s");
    }

    @Test
    void whatALargeDrillMeasuredCountsInsteadOfTheConfiguredRate() throws InterruptedException {
        fixture.settings = fixture.settings.withChains(chains(24, 1));
        Duration rto = Duration.ofSeconds(4);
        CommitObject full = taken(within(rto, due(BackupKind.FULL, 0)));
        record(drilled(full, 1, 2_000_000_000));
        taken(within(rto, due(BackupKind.INCREMENTAL, 1)));

        assertThat(taken(within(rto, due(BackupKind.INCREMENTAL, 2))).parent()).isPresent();

        // The newest counts; of one that restored little, the start of the server is the most.
        record(drilled(full, 2, 9_000_000));
        assertThat(taken(within(rto, due(BackupKind.INCREMENTAL, 3))).parent()).isPresent();
    }

    private static BackupDue within(Duration rto, BackupDue due) {
        RunPolicy policy = due.policy();
        return new BackupDue(
                due.run(),
                due.tier(),
                due.dueAt(),
                due.startDeadline(),
                due.cause(),
                new RunPolicy(
                        policy.retention(),
                        rto,
                        policy.rpo(),
                        policy.copies(),
                        policy.gzipLevel(),
                        policy.volumeBytes()));
    }

    @Test
    void aSnapshotIsABaseBackupThatNothingIsBuiltOn() throws InterruptedException {
        CommitObject snapshot = taken(due(BackupKind.SNAPSHOT, 0));

        assertThat(snapshot.includesWal()).isTrue();
        assertThat(snapshot.executorsManifest()).isEmpty();
        assertThat(taken(due(BackupKind.INCREMENTAL, 1)).kind()).isEqualTo(BackupKind.FULL);
    }

    @Test
    void aLogBackupRecordsTheRangeSinceTheBackupBefore() throws InterruptedException {
        CommitObject full = taken(due(BackupKind.FULL, 0));
        Lsn end = end(1);
        fixture.cluster.walEnds(end);
        store(full.stopLsn(), end);

        CommitObject log = taken(due(BackupKind.LOG, 1));

        assertThat(log.startLsn()).isEqualTo(full.stopLsn());
        assertThat(log.stopLsn()).isEqualTo(end);
        assertThat(log.archives()).isEmpty();
        assertThat(log.timeline()).isEqualTo(full.timeline());

        Lsn later = end(3);
        fixture.cluster.walEnds(later);
        store(end, later);
        CommitObject next = taken(due(BackupKind.LOG, 2));
        assertThat(next.startLsn()).isEqualTo(end);
        assertThat(next.stopLsn()).isEqualTo(later);
    }

    @Test
    void aLogBackupWhoseWalNobodyStoresFailsInTime() throws InterruptedException {
        taken(due(BackupKind.FULL, 0));
        fixture.cluster.walEnds(end(1));
        fixture.settings = fixture.settings.withAttempts(1);

        RunOutcome outcome = fixture.run(due(BackupKind.LOG, 1));

        assertThat(outcome).isInstanceOf(RunOutcome.Failed.class);
        BackupFailed failed = fixture.events.only(BackupFailed.class);
        assertThat(failed.code()).isEqualTo(ErrorCode.WAL_NOT_STORED);
        assertThat(failed.message()).contains("from " + TestBackup.STOP);
    }

    @Test
    void aHoleInTheStoredWalIsNoRange() throws InterruptedException {
        taken(due(BackupKind.FULL, 0));
        fixture.cluster.walEnds(end(3));
        store(end(2), end(3));
        fixture.settings = fixture.settings.withAttempts(1);

        assertThat(fixture.run(due(BackupKind.LOG, 1))).isInstanceOf(RunOutcome.Failed.class);
    }

    @Test
    void anOldServersIncrementalIsALogBackup() throws InterruptedException {
        taken(due(BackupKind.FULL, 0));
        fixture.cluster.is(16);

        CommitObject commit = taken(due(BackupKind.INCREMENTAL, 1));

        assertThat(commit.label()).isEqualTo(label(BackupKind.LOG, 1));
        assertThat(commit.reason()).contains("PostgreSQL 16 has no incremental backups");
        assertThat(fixture.events.only(BackupSuperseded.class).supersededBy())
                .isEqualTo(commit.run());
    }

    @Test
    void anOldServersIncrementalIsAFullWhereNoWalIsStored() throws InterruptedException {
        taken(due(BackupKind.FULL, 0));
        fixture.cluster.is(16);
        fixture.cluster.walEnds(end(1));

        CommitObject commit = taken(due(BackupKind.INCREMENTAL, 1));

        assertThat(commit.kind()).isEqualTo(BackupKind.FULL);
        assertThat(commit.reason().orElseThrow())
                .contains("PostgreSQL 16 has no incremental backups")
                .contains("holds the WAL of cluster shop");
        BackupFailed failed = fixture.events.only(BackupFailed.class);
        assertThat(failed.run().label()).isEqualTo(label(BackupKind.LOG, 1));
        assertThat(failed.retried()).isTrue();
    }

    private static final SegmentSize SIZE =
            new SegmentSize(Math.toIntExact(TestBackup.SEGMENT_BYTES));

    /** The end of the segment so many behind the one where the backup stopped. */
    private static Lsn end(int segments) {
        return SIZE.startOf(TestBackup.STOP).plus((long) SIZE.bytes() * (segments + 1));
    }

    private void store(Lsn start, Lsn end) {
        WalLayout layout = new WalLayout(RunFixture.LAYOUT.root());
        for (WalSegment segment :
                WalSegment.of(TestBackup.TIMELINE, new LsnRange(start, end), SIZE)) {
            fixture.store.putIfAbsent(layout.segment(segment), ObjectBody.of(new byte[1]));
        }
    }

    private CommitObject taken(BackupDue due) throws InterruptedException {
        RunOutcome outcome = fixture.run(due);
        assertThat(outcome)
                .as(() -> fixture.events.all().toString())
                .isInstanceOf(RunOutcome.Taken.class);
        CommitObject commit = ((RunOutcome.Taken) outcome).backup().commit();
        assertThat(
                        new Commits(fixture.store)
                                .find(new BackupLayout(RunFixture.LAYOUT.root(), commit.label())))
                .map(CommittedBackup::commit)
                .contains(commit);
        return commit;
    }

    private static BackupLabel label(BackupKind kind, int hours) {
        return BackupLabel.of(at(hours), kind);
    }

    private static Instant at(int hours) {
        return TestClock.START.plus(Duration.ofHours(hours));
    }

    private static BackupDue due(BackupKind kind, int hours) {
        return new BackupDue(
                new RunId(RunFixture.CLUSTER, label(kind, hours)),
                Tier.OLTP,
                at(hours),
                at(hours + 100),
                DueCause.SCHEDULED,
                RunFixture.policy("primary"));
    }
}
