package io.cairn.executor.basebackup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cairn.events.BackupCompleted;
import io.cairn.events.BackupFailed;
import io.cairn.events.BackupProgressed;
import io.cairn.events.BackupSkipped;
import io.cairn.events.BackupStarted;
import io.cairn.events.DueCause;
import io.cairn.events.ObjectStored;
import io.cairn.executor.platform.StoredBackup;
import io.cairn.model.AttemptId;
import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.CommitObject.PageDamage;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.basebackup.BaseBackupOptions;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.FakeObjectStore.Call;
import io.cairn.storage.ObjectBody;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FullBackupRunTest {

    private static final String OTHER_RUN = "shop:20261122T010000Z-F";

    private final RunFixture fixture = new RunFixture();

    // The way it should go
    // ---------------------------------------------------------------------------------------------

    @Test
    void storesExactlyWhatTheServerSent() throws InterruptedException {
        TestBackup sent = TestBackup.of(400_000);
        fixture.cluster.sends(sent);

        RunOutcome outcome = fixture.run();

        assertThat(outcome).isInstanceOf(RunOutcome.Taken.class);
        StoredBackup stored = fixture.stored();
        assertThat(stored.tar("base.tar")).isEqualTo(sent.baseTar());
        assertThat(stored.tar("16400.tar")).isEqualTo(sent.tablespaceTar());
        assertThat(stored.manifest()).isEqualTo(sent.manifest());
        assertThat(stored.differences()).isEmpty();
        assertThat(stored.index().archive("base.tar").orElseThrow().entry("global/pg_control"))
                .isPresent();
        assertThat(stored.commit().archives())
                .anySatisfy(archive -> assertThat(archive.volumes()).hasSizeGreaterThan(1));
    }

    @Test
    void theCommitObjectSaysWhatTheBackupIs() throws InterruptedException {
        fixture.run();

        CommitObject commit = fixture.stored().commit();
        assertThat(commit.run()).isEqualTo(RunFixture.RUN);
        assertThat(commit.systemIdentifier()).isEqualTo(TestBackup.SYSTEM);
        assertThat(commit.startLsn()).isEqualTo(TestBackup.START);
        assertThat(commit.stopLsn()).isEqualTo(TestBackup.STOP);
        assertThat(commit.includesWal()).isTrue();
        assertThat(commit.epoch()).isZero();
        assertThat(commit.gzipLevel()).isEqualTo(6);
        assertThat(commit.codec()).isNotBlank();
        assertThat(commit.files()).isEqualTo(TestBackup.of(400_000).files());
        assertThat(commit.bytesIn()).isEqualTo(TestBackup.of(400_000).bytes());
        assertThat(commit.settings()).containsEntry("max_connections", "100");
        assertThat(commit.damaged()).isFalse();
        assertThat(commit.parts().map(StoredObject::key))
                .allSatisfy(key -> assertThat(fixture.store.keys()).contains(key));
    }

    @Test
    void theKeyIsStoredFirstAndTheSignatureAndTheCommitObjectLast() throws InterruptedException {
        fixture.run();

        AttemptId attempt = fixture.stored().commit().attempt();
        List<String> puts =
                fixture.store.calls().stream()
                        .filter(call -> call.method().equals("putIfAbsent"))
                        .map(Call::key)
                        .toList();
        assertThat(puts.getFirst()).isEqualTo(RunFixture.LAYOUT.wrappedKey(attempt).value());
        assertThat(puts.subList(puts.size() - 2, puts.size()))
                .containsExactly(
                        RunFixture.LAYOUT.signature(attempt).value(),
                        RunFixture.LAYOUT.commit().value());
    }

    @Test
    void tellsWhatHappensInItsOrder() throws InterruptedException {
        fixture.run();

        CommitObject commit = fixture.stored().commit();
        BackupStarted started = fixture.events.only(BackupStarted.class);
        assertThat(started.attempt()).isEqualTo(commit.attempt());
        assertThat(started.executor()).isEqualTo("test/1");
        assertThat(fixture.events.all(ObjectStored.class).stream().map(it -> it.object()))
                .containsAll(commit.parts().toList());
        BackupCompleted completed = fixture.events.only(BackupCompleted.class);
        assertThat(fixture.events.last()).isEqualTo(completed);
        assertThat(completed.commit().sha256())
                .isEqualTo(Sha256.of(fixture.store.read(RunFixture.LAYOUT.commit(), 1 << 20)));
        assertThat(fixture.events.all(BackupFailed.class)).isEmpty();
    }

    @Test
    void progressSaysHowMuchOfHowMuchCameWhileItComes() throws InterruptedException {
        RunSettings usual = RunSettings.DEFAULT;
        fixture.settings =
                new RunSettings(
                        usual.attempts(),
                        usual.retryPause(),
                        usual.retryPauseMax(),
                        usual.fenceLook(),
                        usual.stallTimeout(),
                        Duration.ofMillis(5),
                        usual.chains(),
                        usual.failoverAfter());
        long bytes = TestBackup.of(400_000).bytes();
        fixture.cluster.afterStream(() ->
                await().until(() ->
                        fixture.events.all(BackupProgressed.class).stream()
                                .anyMatch(it -> it.bytesDone() == bytes)));

        fixture.run();

        AttemptId attempt = fixture.stored().commit().attempt();
        List<BackupProgressed> all = fixture.events.all(BackupProgressed.class);
        assertThat(all).extracting(BackupProgressed::bytesDone).isSorted();
        assertThat(all)
                .allSatisfy(it -> {
                    assertThat(it.attempt()).isEqualTo(attempt);
                    assertThat(it.bytesDone()).isLessThanOrEqualTo(it.bytesTotal());
                })
                .filteredOn(it -> it.bytesDone() > 0)
                .extracting(BackupProgressed::bytesTotal)
                .containsOnly(bytes);
    }

    @Test
    void theFenceAndTheSessionAreGivenBack() throws InterruptedException {
        fixture.run();

        assertThat(fixture.cluster.isHeld()).isFalse();
        assertThat(fixture.cluster.openSessions()).isZero();
    }

    @Test
    void onlyARequestedRunTakesAFastCheckpoint() throws InterruptedException {
        fixture.run(RunFixture.due(DueCause.REQUESTED));
        assertThat(fixture.cluster.asked().getFirst().checkpoint())
                .isEqualTo(BaseBackupOptions.Checkpoint.FAST);

        RunFixture scheduled = new RunFixture();
        scheduled.run(RunFixture.due(DueCause.SCHEDULED));
        assertThat(scheduled.cluster.asked().getFirst().checkpoint())
                .isEqualTo(BaseBackupOptions.Checkpoint.SPREAD);
        assertThat(scheduled.cluster.asked().getFirst().includeWal()).isTrue();
    }

    @Test
    void damagedPagesAreCommittedAsDamage() throws InterruptedException {
        PageDamage page = new PageDamage("base/5/16384", Optional.of(7L));
        fixture.cluster.sends(TestBackup.of(100_000).damaged(page));

        fixture.run();

        assertThat(fixture.stored().commit().damage()).containsExactly(page);
        assertThat(fixture.events.only(BackupCompleted.class).damaged()).isTrue();
    }

    // Once in effect
    // ---------------------------------------------------------------------------------------------------

    @Test
    void aSecondDeliveryTellsTheSameCompletionAndTakesNothing() throws InterruptedException {
        fixture.run();
        BackupCompleted first = fixture.events.only(BackupCompleted.class);
        List<ObjectKey> objects = fixture.store.keys();
        fixture.cluster.refuse(FakeCluster.lost());
        fixture.clock.advance(Duration.ofDays(1));

        ToldEvents again = new ToldEvents();
        RunOutcome outcome = fixture.on(fixture.store, again).run(RunFixture.due());

        assertThat(outcome).isInstanceOf(RunOutcome.Found.class);
        assertThat(again.all()).containsExactly(first);
        assertThat(again.only(BackupCompleted.class).deterministicId())
                .isEqualTo(first.deterministicId());
        assertThat(fixture.store.keys()).isEqualTo(objects);
    }

    @Test
    void ofTwoThatCommitTheFirstWinsAndTheOtherTellsTheWinnersCompletion()
            throws InterruptedException {
        // The other executor commits between our last look at the fence and our PUT.
        RunFixture other = new RunFixture();
        other.run();
        byte[] theirs = other.store.read(RunFixture.LAYOUT.commit(), 1 << 20);
        fixture.cluster.afterStream(
                () -> fixture.store.putIfAbsent(RunFixture.LAYOUT.commit(), ObjectBody.of(theirs)));

        RunOutcome outcome = fixture.run();

        assertThat(outcome).isInstanceOf(RunOutcome.Found.class);
        assertThat(fixture.events.only(BackupCompleted.class).attempt())
                .isEqualTo(other.events.only(BackupCompleted.class).attempt());
        assertThat(fixture.store.read(RunFixture.LAYOUT.commit(), 1 << 20)).isEqualTo(theirs);
    }

    @Test
    void twoExecutorsWithTheSameRunMakeOneBackup() throws Exception {
        fixture.settings = fixture.settings.withFence(Duration.ofMillis(1), Duration.ofMinutes(10));
        ToldEvents others = new ToldEvents();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<RunOutcome> one = threads.submit(() -> fixture.run());
            Future<RunOutcome> two =
                    threads.submit(() -> fixture.on(fixture.store, others).run(RunFixture.due()));

            assertThat(Stream.of(one.get(), two.get()).filter(RunOutcome.Taken.class::isInstance))
                    .hasSize(1);
        }
        assertThat(others.last()).isEqualTo(fixture.events.last());
        assertThat(
                        others.all(BackupStarted.class).size()
                                + fixture.events.all(BackupStarted.class).size())
                .isEqualTo(1);
    }

    @Test
    void whoLostTheFenceDoesNotCommit() throws InterruptedException {
        fixture.settings = fixture.settings.withAttempts(1);
        fixture.cluster.afterStream(
                () -> fixture.cluster.hold(FakeCluster.holder(999, OTHER_RUN, false, 0)));

        RunOutcome outcome = fixture.run();

        assertThat(failure(outcome)).isEqualTo(ErrorCode.RUN_FENCED);
        assertThat(fixture.isCommitted()).isFalse();
    }

    @Test
    void whoseSessionWasEndedDoesNotCommit() throws InterruptedException {
        fixture.settings = fixture.settings.withAttempts(1);
        fixture.cluster.dieAfter(Long.MAX_VALUE, 0);
        fixture.cluster.afterStream(() -> fixture.cluster.hold(null));

        RunOutcome outcome = fixture.run();

        assertThat(failure(outcome)).isEqualTo(ErrorCode.RUN_FENCED);
        assertThat(fixture.isCommitted()).isFalse();
    }

    // Waiting for the fence
    // --------------------------------------------------------------------------------------------

    @Test
    void waitsWhileAnotherRunHoldsTheCluster() throws InterruptedException {
        fixture.cluster.hold(FakeCluster.holder(999, OTHER_RUN, false, 0));
        fixture.clock.then(() -> {}, () -> {}, () -> fixture.cluster.hold(null));

        RunOutcome outcome = fixture.run();

        assertThat(outcome).isInstanceOf(RunOutcome.Taken.class);
        assertThat(fixture.cluster.ended()).isEmpty();
    }

    @Test
    void isSkippedWhenAnotherRunHoldsTheClusterPastTheStartDeadline() throws InterruptedException {
        fixture.cluster.hold(FakeCluster.holder(999, OTHER_RUN, false, 0));

        RunOutcome outcome = fixture.run();

        assertThat(outcome).isInstanceOf(RunOutcome.Skipped.class);
        assertThat(fixture.events.only(BackupSkipped.class).reason()).contains(OTHER_RUN);
        assertThat(fixture.clock.instant()).isAfter(RunFixture.due().startDeadline());
        assertThat(fixture.cluster.ended()).as("another run's session is never ended").isEmpty();
        assertThat(fixture.isCommitted()).isFalse();
    }

    @Test
    void waitsForTheBackupThatAnotherExecutorTakesForThisRunPastTheDeadlineToo()
            throws InterruptedException {
        RunFixture other = new RunFixture();
        other.run();
        long[] streamed = {0};
        Runnable moves =
                () -> {
                    fixture.clock.advance(Duration.ofMinutes(9));
                    fixture.cluster.hold(
                            FakeCluster.holder(
                                    999, RunFixture.RUN.toString(), false, ++streamed[0]));
                };
        moves.run();
        fixture.clock.then(
                moves,
                moves,
                moves,
                moves,
                moves,
                moves,
                moves,
                moves,
                () -> {
                    fixture.store.putIfAbsent(
                            RunFixture.LAYOUT.commit(),
                            ObjectBody.of(other.store.read(RunFixture.LAYOUT.commit(), 1 << 20)));
                    fixture.cluster.hold(null);
                });

        RunOutcome outcome = fixture.run();

        assertThat(outcome).isInstanceOf(RunOutcome.Found.class);
        assertThat(fixture.clock.instant()).isAfter(RunFixture.due().startDeadline());
        assertThat(fixture.cluster.ended()).isEmpty();
    }

    @Test
    void endsAnExecutorOfThisRunThatStandsStillAndTakesOver() throws InterruptedException {
        fixture.cluster.hold(FakeCluster.holder(999, RunFixture.RUN.toString(), false, 12_345));

        RunOutcome outcome = fixture.run();

        assertThat(outcome).isInstanceOf(RunOutcome.Taken.class);
        assertThat(fixture.cluster.ended()).containsExactly(999);
        assertThat(Duration.between(TestClock.START, fixture.clock.instant()))
                .isBetween(
                        RunSettings.DEFAULT.stallTimeout(),
                        RunSettings.DEFAULT.stallTimeout().plusMinutes(1));
    }

    @Test
    void doesNotEndOneWhoseObjectsStillGrow() throws InterruptedException {
        fixture.cluster.hold(FakeCluster.holder(999, RunFixture.RUN.toString(), false, 12_345));
        Runnable[] uploads =
                Stream.iterate(0, n -> n < 8, n -> n + 1)
                        .<Runnable>map(n ->
                                () -> {
                                    fixture.clock.advance(Duration.ofMinutes(4));
                                    fixture.store.putIfAbsent(
                                            new ObjectKey(
                                                    RunFixture.LAYOUT.prefix()
                                                            + "0123456789abcdef/base.tar/%06d"
                                                                    .formatted(n)),
                                            ObjectBody.of(new byte[1]));
                                })
                        .toArray(Runnable[]::new);
        fixture.clock.then(uploads);
        fixture.clock.then(() -> fixture.cluster.hold(null));

        RunOutcome outcome = fixture.run();

        assertThat(outcome).isInstanceOf(RunOutcome.Taken.class);
        assertThat(fixture.cluster.ended()).isEmpty();
    }

    @Test
    void doesNotEndOneThatWaitsForTheServersCheckpoint() throws InterruptedException {
        fixture.cluster.hold(FakeCluster.holder(999, RunFixture.RUN.toString(), true, 0));
        fixture.clock.then(
                () -> fixture.clock.advance(Duration.ofMinutes(20)),
                () -> fixture.clock.advance(Duration.ofMinutes(20)),
                () -> fixture.cluster.hold(null));

        RunOutcome outcome = fixture.run();

        assertThat(outcome).isInstanceOf(RunOutcome.Taken.class);
        assertThat(fixture.cluster.ended()).isEmpty();
    }

    // Deadlines
    // --------------------------------------------------------------------------------------------------------

    @Test
    void isSkippedPastItsStartDeadline() throws InterruptedException {
        fixture.clock.advance(Duration.ofHours(2));

        RunOutcome outcome = fixture.run();

        assertThat(outcome).isInstanceOf(RunOutcome.Skipped.class);
        assertThat(fixture.events.all()).singleElement().isInstanceOf(BackupSkipped.class);
        assertThat(fixture.store.keys()).isEmpty();
        assertThat(fixture.cluster.isHeld()).isFalse();
    }

    @Test
    void isSkippedPastItsStartDeadlineWhenTheClusterDoesNotAnswer() throws InterruptedException {
        fixture.clock.advance(Duration.ofHours(2));
        fixture.cluster.refuse(FakeCluster.lost());

        assertThat(fixture.run()).isInstanceOf(RunOutcome.Skipped.class);
        assertThat(fixture.events.all()).singleElement().isInstanceOf(BackupSkipped.class);
    }

    // Failures
    // ---------------------------------------------------------------------------------------------------------

    @Test
    void anErrorThatMayPassIsRetriedAsANewAttempt() throws InterruptedException {
        fixture.cluster.dieAfter(1_000_000, 2);

        RunOutcome outcome = fixture.run();

        assertThat(outcome).isInstanceOf(RunOutcome.Taken.class);
        List<BackupFailed> failed = fixture.events.all(BackupFailed.class);
        assertThat(failed)
                .hasSize(2)
                .allSatisfy(it -> {
                    assertThat(it.retried()).isTrue();
                    assertThat(it.code()).isEqualTo(ErrorCode.POSTGRES_CONNECTION_LOST);
                });
        assertThat(fixture.events.all(BackupStarted.class).stream().map(BackupStarted::attempt))
                .doesNotHaveDuplicates();
        assertThat(Duration.between(TestClock.START, fixture.clock.instant()))
                .isEqualTo(Duration.ofSeconds(5 + 10));
    }

    @Test
    void givesUpAfterTheLastAttempt() throws InterruptedException {
        fixture.settings = fixture.settings.withAttempts(3);
        fixture.cluster.refuse(FakeCluster.lost());

        RunOutcome outcome = fixture.run();

        assertThat(failure(outcome)).isEqualTo(ErrorCode.POSTGRES_CONNECTION_LOST);
        assertThat(fixture.events.all(BackupFailed.class).stream().map(BackupFailed::retried))
                .containsExactly(true, true, false);
        assertThat(fixture.events.last()).isInstanceOf(BackupFailed.class);
        assertThat(fixture.events.all(BackupFailed.class))
                .allSatisfy(it -> assertThat(it.attempt()).isEmpty());
    }

    @Test
    void isNotRetriedPastItsStartDeadline() throws InterruptedException {
        fixture.cluster.dieAfter(1_000_000, 1);
        fixture.cluster.beforeStream(() -> fixture.clock.advance(Duration.ofMinutes(61)));

        RunOutcome outcome = fixture.run();

        assertThat(failure(outcome)).isEqualTo(ErrorCode.POSTGRES_CONNECTION_LOST);
        assertThat(fixture.events.only(BackupFailed.class).retried()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "POSTGRES_AUTHENTICATION_FAILED",
                "POSTGRES_NOT_PERMITTED",
                "POSTGRES_TOO_OLD",
                "POSTGRES_SLOTS_EXHAUSTED"
            })
    void anErrorThatWillNotPassIsNotRetried(ErrorCode code) throws InterruptedException {
        fixture.cluster.refuse(
                new CairnException(code, "no", "set the password in env:SHOP_PASSWORD"));

        RunOutcome outcome = fixture.run();

        assertThat(failure(outcome)).isEqualTo(code);
        assertThat(fixture.store.keys()).isEmpty();
        BackupFailed failed = fixture.events.only(BackupFailed.class);
        assertThat(failed.code()).isEqualTo(code);
        assertThat(failed.retried()).isFalse();
        assertThat(failed.hint()).contains("set the password in env:SHOP_PASSWORD");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 31_999, 32_001, 100_000, 1_000_000, 2_000_000, 2_300_000})
    void aSourceThatDiesLeavesNoBackup(long afterBytes) throws InterruptedException {
        fixture.settings = fixture.settings.withAttempts(1);
        assertThat(afterBytes).isLessThan(TestBackup.of(400_000).bytes());
        fixture.cluster.dieAfter(afterBytes, 1);

        assertThat(failure(fixture.run())).isEqualTo(ErrorCode.POSTGRES_CONNECTION_LOST);
        assertThat(fixture.isCommitted()).isFalse();
        assertThat(fixture.store.keys()).noneMatch(key -> key.value().endsWith(".sig"));

        assertThat(fixture.run()).isInstanceOf(RunOutcome.Taken.class);
        assertThat(fixture.stored().differences()).isEmpty();
    }

    @Test
    void aStoreThatFailsAtAnyCallLeavesNoBackupAndTheNextDeliveryTakesIt()
            throws InterruptedException {
        int failures = 0;
        for (int call = 1; ; call++) {
            RunFixture run = new RunFixture(TestBackup.of(600_000));
            run.settings = run.settings.withAttempts(1);
            run.store.failAt(call, ErrorCode.STORE_UNAVAILABLE);
            int before = run.store.calls().size();

            RunOutcome outcome = run.run();

            if (run.store.calls().size() - before < call) {
                assertThat(outcome).isInstanceOf(RunOutcome.Taken.class);
                break;
            }
            failures++;
            assertThat(failure(outcome)).as("call %d", call).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
            assertThat(run.isCommitted()).as("call %d", call).isFalse();
            assertThat(run.events.only(BackupFailed.class).code())
                    .isEqualTo(ErrorCode.STORE_UNAVAILABLE);
            assertThat(run.events.all(BackupCompleted.class)).isEmpty();
            assertThat(run.cluster.isHeld()).isFalse();
            assertThat(run.cluster.openSessions()).isZero();

            run.store.heal();
            assertThat(run.run())
                    .as("again after call %d", call)
                    .isInstanceOf(RunOutcome.Taken.class);
            assertThat(run.stored().differences()).isEmpty();
        }
        assertThat(failures).as("calls that were made to fail").isGreaterThan(10);
    }

    @Test
    void aLostAnswerAtTheCommitIsNoFailure() throws InterruptedException {
        run(TestBackup.of(50_000));
        int calls = fixture.store.calls().size();
        RunFixture second = new RunFixture(TestBackup.of(50_000));
        second.store.loseAnswerAt(calls);

        RunOutcome outcome = second.run();

        assertThat(second.store.calls().get(calls - 1).key())
                .isEqualTo(RunFixture.LAYOUT.commit().value());
        assertThat(outcome).isInstanceOf(RunOutcome.Taken.class);
        assertThat(second.events.all(BackupFailed.class)).isEmpty();
    }

    private void run(TestBackup backup) throws InterruptedException {
        fixture.cluster.sends(backup);
        fixture.run();
    }

    static Stream<Arguments> backupsThatDoNotFitTheirManifest() {
        return Stream.of(
                Arguments.of(
                        "base/5/2619 did not come", TestBackup.of(9_000).listedOnly("base/5/2619")),
                Arguments.of(
                        "PG_VERSION came with 3 bytes instead of 4",
                        TestBackup.of(9_000).listedAs("PG_VERSION", 4)),
                Arguments.of(
                        "it does not list base/5/777", TestBackup.of(9_000).unlisted("base/5/777")),
                Arguments.of(
                        "it is of system 42",
                        TestBackup.of(9_000).manifestOf(new SystemIdentifier(42))),
                Arguments.of(
                        "pg_wal/000000010000000000000003 did not come",
                        TestBackup.of(9_000).withoutWal("000000010000000000000003")),
                Arguments.of(
                        "pg_wal/000000010000000000000002 came with 100 bytes",
                        TestBackup.of(9_000).shortWal("000000010000000000000002")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("backupsThatDoNotFitTheirManifest")
    void whatDoesNotFitTheManifestIsNeverCommittedNorRetried(String message, TestBackup backup)
            throws InterruptedException {
        fixture.cluster.sends(backup);

        RunOutcome outcome = fixture.run();

        assertThat(outcome).isInstanceOf(RunOutcome.Failed.class);
        assertThat(fixture.isCommitted()).isFalse();
        BackupFailed failed = fixture.events.only(BackupFailed.class);
        assertThat(failed.message()).contains(message);
        assertThat(failed.code()).isIn(ErrorCode.MANIFEST_MISMATCH, ErrorCode.ARCHIVE_INCOMPLETE);
        assertThat(failed.retried()).isFalse();
    }

    @Test
    void anotherClusterThatAnswersInMidRunIsNeverCommittedNorRetried() throws InterruptedException {
        SystemIdentifier other = new SystemIdentifier(42);
        // All of it fits together; it is only not what the run began with.
        fixture.cluster.sends(TestBackup.of(9_000).manifestOf(other));
        fixture.cluster.streams(other);

        RunOutcome outcome = fixture.run();

        assertThat(failure(outcome)).isEqualTo(ErrorCode.POSTGRES_SYSTEM_IDENTIFIER_CHANGED);
        assertThat(fixture.store.keys())
                .isNotEmpty()
                .noneMatch(key -> key.value().endsWith("/backup.json"));
        BackupFailed failed = fixture.events.only(BackupFailed.class);
        assertThat(failed.code()).isEqualTo(ErrorCode.POSTGRES_SYSTEM_IDENTIFIER_CHANGED);
        assertThat(failed.message()).contains(TestBackup.SYSTEM.toString(), other.toString());
        assertThat(failed.retried()).isFalse();
        assertThat(fixture.events.all(BackupCompleted.class)).isEmpty();
    }

    @Test
    void aDefectEndsTheRunAsAFailureThatIsTold() throws InterruptedException {
        fixture.cluster.afterStream(() -> {
            throw new IllegalStateException("a defect");
        });

        assertThat(failure(fixture.run())).isEqualTo(ErrorCode.INTERNAL);

        BackupFailed failed = fixture.events.only(BackupFailed.class);
        assertThat(failed.message()).contains("a defect");
        assertThat(failed.retried()).isFalse();
        assertThat(fixture.isCommitted()).isFalse();
        assertThat(fixture.cluster.isHeld()).isFalse();
    }

    // Stopping
    // ---------------------------------------------------------------------------------------------------------

    @Test
    void anInterruptedRunTellsAndLeavesNothingBehind() throws InterruptedException {
        CountDownLatch streams = new CountDownLatch(1);
        fixture.cluster.beforeStream(() -> {
            streams.countDown();
            fixture.store.delay(Duration.ofHours(1));
        });
        Future<?> ended;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            ended = threads.submit(() -> fixture.run());
            streams.await();
            threads.shutdownNow();
        }

        assertThatThrownBy(ended::get).hasCauseInstanceOf(InterruptedException.class);
        BackupFailed failed = fixture.events.only(BackupFailed.class);
        assertThat(failed.code()).isEqualTo(ErrorCode.RUN_DRAINED);
        assertThat(failed.retried()).isTrue();
        assertThat(fixture.isCommitted()).isFalse();
        assertThat(fixture.cluster.isHeld()).isFalse();
        assertThat(fixture.cluster.openSessions()).isZero();
    }

    @Test
    void nothingSecretIsStoredInTheClear() throws InterruptedException {
        fixture.run();

        String commit =
                new String(
                        fixture.store.read(RunFixture.LAYOUT.commit(), 1 << 20),
                        StandardCharsets.UTF_8);
        assertThat(commit).doesNotContain("PG_18_202506291").contains("\"keyId\"");
        FakeObjectStore store = fixture.store;
        assertThat(
                        store.keys().stream()
                                .filter(key -> !key.equals(RunFixture.LAYOUT.commit()))
                                .map(key ->
                                        new String(
                                                store.read(key, 1 << 20),
                                                StandardCharsets.ISO_8859_1)))
                .noneMatch(text -> text.contains("START WAL LOCATION"));
    }

    private static ErrorCode failure(RunOutcome outcome) {
        assertThat(outcome).isInstanceOf(RunOutcome.Failed.class);
        return ((RunOutcome.Failed) outcome).failure().code();
    }
}
