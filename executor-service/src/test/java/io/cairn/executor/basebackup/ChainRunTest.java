package io.cairn.executor.basebackup;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.events.BackupCompleted;
import io.cairn.events.BackupDue;
import io.cairn.events.BackupFailed;
import io.cairn.events.BackupStarted;
import io.cairn.events.BackupSuperseded;
import io.cairn.events.DueCause;
import io.cairn.executor.publish.Commits;
import io.cairn.executor.publish.CommittedBackup;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.Lsn;
import io.cairn.model.RunId;
import io.cairn.model.Tier;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.WalLayout;
import io.cairn.model.wal.WalSegment;
import io.cairn.postgres.basebackup.BaseBackupOptions;
import io.cairn.postgres.manifest.BackupManifest;
import io.cairn.storage.ObjectBody;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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
                "POSTGRES_SUMMARIZE_WAL_OFF",
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
    void aParentThatLacksAPartIsNone() throws InterruptedException {
        CommitObject full = taken(due(BackupKind.FULL, 0));
        fixture.store.delete(full.archives().getFirst().volumes().getFirst().object().key());

        CommitObject commit = taken(due(BackupKind.INCREMENTAL, 1));

        assertThat(commit.kind()).isEqualTo(BackupKind.FULL);
        assertThat(commit.reason().orElseThrow()).contains("is missing or has another length");
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

    @Test
    void noIncrementalIsTakenUnlessItIsSwitchedOn() throws InterruptedException {
        fixture.settings = RunSettings.DEFAULT;
        taken(due(BackupKind.FULL, 0));

        CommitObject commit = taken(due(BackupKind.INCREMENTAL, 1));

        assertThat(commit.kind()).isEqualTo(BackupKind.FULL);
        assertThat(commit.reason().orElseThrow()).contains("switched off");
    }

    @Test
    void aChainIsNoLongerThanItsLimit() throws InterruptedException {
        fixture.settings =
                fixture.settings.withChains(
                        new ChainSettings(
                                1,
                                Duration.ofDays(2),
                                Duration.ofMinutes(1),
                                Duration.ofMinutes(1)));
        taken(due(BackupKind.FULL, 0));
        taken(due(BackupKind.INCREMENTAL, 1));

        CommitObject commit = taken(due(BackupKind.INCREMENTAL, 2));

        assertThat(commit.kind()).isEqualTo(BackupKind.FULL);
        assertThat(commit.reason().orElseThrow()).contains("1 incrementals follow");
        assertThat(taken(due(BackupKind.INCREMENTAL, 3)).parent()).contains(commit.label());
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
