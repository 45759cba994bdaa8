package io.cairn.replication.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cairn.model.ObjectKey;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.ObjectLockMode;
import io.cairn.replication.StoredBackup;
import io.cairn.replication.copy.BackupCopy.Complete;
import io.cairn.replication.copy.BackupCopy.Refused;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.Retention;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class BackupCopierTest {

    private static final StoredBackup BACKUP = StoredBackup.of("shop", "20261122T020000Z-F");

    private Instant now = Instant.parse("2026-11-22T02:01:00Z");
    private final FakeObjectStore source = FakeObjectStore.locking("primary", () -> now);
    private final FakeObjectStore target = FakeObjectStore.locking("secondary", () -> now);
    private final BackupCopier copier = new BackupCopier(new ObjectCopies(target, 2), 2);

    @Test
    void copiesEveryObjectAndMeasuresTheLagFromCommitToCommit() throws Exception {
        BACKUP.putInto(source);
        now = now.plusSeconds(17);

        BackupCopy copy = copier.copy(BACKUP.commitStored(), BACKUP.commit().attempt(), source);

        assertThat(copy)
                .isInstanceOfSatisfying(
                        Complete.class,
                        complete -> {
                            assertThat(complete.commit()).isEqualTo(BACKUP.commit());
                            assertThat(complete.lag()).isEqualTo(Duration.ofSeconds(17));
                            assertThat(complete.replicatedAt()).isEqualTo(now);
                            assertThat(complete.objects()).isEqualTo(BACKUP.keys().size());
                            assertThat(complete.bytesCopied())
                                    .isEqualTo(BACKUP.commit().bytesStored());
                        });
        assertTargetIsWhole();
    }

    @Test
    void writesTheSignatureAfterThePartsAndTheCommitObjectLast() throws Exception {
        BACKUP.putInto(source);

        copier.copy(BACKUP.commitStored(), BACKUP.commit().attempt(), source);

        List<String> puts =
                target.calls().stream()
                        .filter(call -> call.method().equals("putIfAbsent"))
                        .map(FakeObjectStore.Call::key)
                        .toList();
        assertThat(puts).hasSize(BACKUP.keys().size());
        assertThat(puts.subList(puts.size() - 2, puts.size()))
                .containsExactly(BACKUP.signatureKey().value(), BACKUP.commitKey().value());
    }

    @Test
    void aCopyOfWhatIsLockedForYearsAndHeldIsSoFromItsFirstByte() throws Exception {
        BACKUP.putInto(source);
        Retention years = new Retention(ObjectLockMode.COMPLIANCE, now.plus(Duration.ofDays(900)));
        BACKUP.keys()
                .forEach(key -> {
                    source.retain(key, years);
                    source.hold(key, true);
                });

        copier.copy(BACKUP.commitStored(), BACKUP.commit().attempt(), source);

        for (ObjectKey key : BACKUP.keys()) {
            assertThat(target.retention(key)).as(key.value()).contains(years);
            assertThat(target.held(key)).as(key.value()).isTrue();
        }
        assertThat(target.calls())
                .extracting(FakeObjectStore.Call::method)
                .doesNotContain("retain", "hold");
    }

    @Test
    void leavesNoCommitObjectWithoutItsPartsWhereverItDies() throws Exception {
        BACKUP.putInto(source);
        copier.copy(BACKUP.commitStored(), BACKUP.commit().attempt(), source);
        int calls = Math.max(target.calls().size(), source.calls().size());

        for (boolean atTarget : new boolean[] {true, false}) {
            for (boolean answerLost : new boolean[] {true, false}) {
                for (int call = 1; call <= calls; call++) {
                    dieAndTryAgain(atTarget, answerLost, call);
                }
            }
        }
    }

    private void dieAndTryAgain(boolean atTarget, boolean answerLost, int call) throws Exception {
        FakeObjectStore from = FakeObjectStore.plain("primary");
        FakeObjectStore to = FakeObjectStore.plain("secondary");
        BACKUP.putInto(from);
        BackupCopier copier = new BackupCopier(new ObjectCopies(to, 1), 1);
        FakeObjectStore failing = atTarget ? to : from;
        if (answerLost) {
            failing.loseAnswerAt(call);
        } else {
            failing.failAt(call, ErrorCode.STORE_ACCESS_DENIED);
        }

        try {
            copier.copy(BACKUP.commitStored(), BACKUP.commit().attempt(), from);
        } catch (CairnException e) {
            assertThat(Patience.mayPass(e)).isTrue();
        }
        if (to.keys().contains(BACKUP.commitKey())) {
            assertThat(to.keys()).containsAll(BACKUP.keysBeforeCommit());
        }
        to.heal();
        from.heal();

        assertThat(copier.copy(BACKUP.commitStored(), BACKUP.commit().attempt(), from))
                .isInstanceOf(Complete.class);
        assertThat(to.keys()).containsExactlyInAnyOrderElementsOf(BACKUP.keys());
    }

    @Test
    void refusesABackupOfWhichOneByteIsFlippedInTheSourceWhicheverPartItIs() throws Exception {
        for (ObjectKey part : BACKUP.keysBeforeCommit()) {
            FakeObjectStore from = FakeObjectStore.plain("primary");
            FakeObjectStore to = FakeObjectStore.plain("secondary");
            BACKUP.putInto(from);
            from.damage(part, BackupCopierTest::flipLast);

            BackupCopy copy =
                    new BackupCopier(new ObjectCopies(to, 2), 2)
                            .copy(BACKUP.commitStored(), BACKUP.commit().attempt(), from);

            assertThat(copy)
                    .isInstanceOfSatisfying(
                            Refused.class,
                            refused -> {
                                assertThat(refused.store()).isEqualTo(from.name());
                                assertThat(refused.object()).isEqualTo(part);
                                assertThat(refused.attempt()).contains(BACKUP.commit().attempt());
                                assertThat(refused.why().code())
                                        .isEqualTo(ErrorCode.STORE_OBJECT_DIFFERS);
                            });
            assertThat(to.keys()).doesNotContain(part, BACKUP.commitKey());
        }
    }

    @Test
    void refusesABackupOfWhichAPartIsMissingInTheSourceWhicheverPartItIs() throws Exception {
        for (ObjectKey part : BACKUP.keysBeforeCommit()) {
            FakeObjectStore from = FakeObjectStore.plain("primary");
            FakeObjectStore to = FakeObjectStore.plain("secondary");
            BACKUP.putInto(from);
            from.lose(part);

            BackupCopy copy =
                    new BackupCopier(new ObjectCopies(to, 2), 2)
                            .copy(BACKUP.commitStored(), BACKUP.commit().attempt(), from);

            assertThat(copy)
                    .isInstanceOfSatisfying(
                            Refused.class,
                            refused -> {
                                assertThat(refused.object()).isEqualTo(part);
                                assertThat(refused.why().code())
                                        .isEqualTo(ErrorCode.STORE_OBJECT_MISSING);
                            });
            assertThat(to.keys()).doesNotContain(BACKUP.commitKey());
        }
    }

    @Test
    void refusesACommitObjectThatIsNotTheOneThatWasWritten() throws Exception {
        BACKUP.putInto(source);
        source.damage(BACKUP.commitKey(), BackupCopierTest::flipLast);

        assertThat(copier.copy(BACKUP.commitStored(), BACKUP.commit().attempt(), source))
                .isInstanceOf(Refused.class);
        assertThat(copier.copy(BACKUP.commitKey(), source)).isInstanceOf(Refused.class);
        assertThat(target.keys()).isEmpty();
    }

    @Test
    void refusesACommitObjectThatLiesWhereAnotherBelongs() throws Exception {
        BACKUP.putInto(source);
        ObjectKey elsewhere = StoredBackup.of("shop", "20261123T020000Z-F").commitKey();
        source.putIfAbsent(elsewhere, ObjectBody.of(BACKUP.bytes(BACKUP.commitKey())));

        assertThat(copier.copy(elsewhere, source))
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused ->
                                assertThat(refused.why().code())
                                        .isEqualTo(ErrorCode.COMMIT_INVALID));
        assertThat(target.keys()).isEmpty();
    }

    @Test
    void refusesWhatIsNoCommitObject() throws Exception {
        source.putIfAbsent(BACKUP.commitKey(), ObjectBody.of(new byte[] {'{', '}'}));

        assertThat(copier.copy(BACKUP.commitKey(), source))
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused -> {
                            assertThat(refused.why().code()).isEqualTo(ErrorCode.COMMIT_INVALID);
                            assertThat(refused.attempt()).isEmpty();
                        });
    }

    @Test
    void refusesAndLeavesAloneWhatElseTheTargetHolds() throws Exception {
        for (ObjectKey key : BACKUP.keys()) {
            FakeObjectStore from = FakeObjectStore.plain("primary");
            FakeObjectStore to = FakeObjectStore.plain("secondary");
            BACKUP.putInto(from);
            to.putIfAbsent(key, ObjectBody.of(new byte[] {1, 2, 3}));

            BackupCopy copy =
                    new BackupCopier(new ObjectCopies(to, 2), 2)
                            .copy(BACKUP.commitStored(), BACKUP.commit().attempt(), from);

            assertThat(copy)
                    .isInstanceOfSatisfying(
                            Refused.class,
                            refused -> {
                                assertThat(refused.store()).isEqualTo(to.name());
                                assertThat(refused.object()).isEqualTo(key);
                            });
            assertThat(to.read(key, 10)).containsExactly(1, 2, 3);
            if (!key.equals(BACKUP.commitKey())) {
                assertThat(to.keys()).doesNotContain(BACKUP.commitKey());
            }
        }
    }

    @Test
    void movesOnlyWhatWasNotCopiedWhileTheBackupRan() throws Exception {
        BACKUP.putInto(source);
        List<ObjectKey> early = BACKUP.keysBeforeCommit().subList(0, 4);
        early.forEach(key -> BACKUP.put(target, key));

        BackupCopy copy = copier.copy(BACKUP.commitStored(), BACKUP.commit().attempt(), source);

        long earlyBytes = early.stream().mapToLong(key -> BACKUP.bytes(key).length).sum();
        assertThat(copy)
                .isInstanceOfSatisfying(
                        Complete.class,
                        complete ->
                                assertThat(complete.bytesCopied())
                                        .isEqualTo(BACKUP.commit().bytesStored() - earlyBytes));
        assertTargetIsWhole();
    }

    @Test
    void findsAWholeCopyByItsCommitObjectAndTellsTheSameAgain() throws Exception {
        BACKUP.putInto(source);
        now = now.plusSeconds(5);
        Complete first =
                (Complete) copier.copy(BACKUP.commitStored(), BACKUP.commit().attempt(), source);
        int calls = target.calls().size();
        now = now.plusSeconds(3600);

        Complete again = (Complete) copier.copy(BACKUP.commitKey(), source);

        assertThat(again)
                .isEqualTo(
                        new Complete(
                                first.commit(),
                                first.committedAt(),
                                first.replicatedAt(),
                                first.objects(),
                                0));
        assertThat(target.calls()).hasSize(calls + 1);
    }

    @Test
    void saysNoNegativeLagWhereTheClocksOfTheStoresDisagree() throws Exception {
        BACKUP.putInto(source);
        now = now.minusSeconds(30);

        assertThat(
                        ((Complete)
                                        copier.copy(
                                                BACKUP.commitStored(),
                                                BACKUP.commit().attempt(),
                                                source))
                                .lag())
                .isZero();
    }

    @Test
    void copiesNothingOfABackupThatIsGone() throws Exception {
        assertThat(copier.copy(BACKUP.commitStored(), BACKUP.commit().attempt(), source))
                .isEqualTo(new BackupCopy.SourceGone());
        assertThat(copier.copy(BACKUP.commitKey(), source)).isEqualTo(new BackupCopy.SourceGone());
    }

    @Test
    void doesNotGuessAtAFormatThatIsNewerThanItself() {
        String newer =
                new String(BACKUP.bytes(BACKUP.commitKey()))
                        .replaceFirst("\"format\" : 1", "\"format\" : 99");
        source.putIfAbsent(BACKUP.commitKey(), ObjectBody.of(newer.getBytes()));

        assertThatExceptionOfType(CairnException.class)
                .isThrownBy(() -> copier.copy(BACKUP.commitKey(), source))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.FORMAT_UNSUPPORTED));
    }

    private void assertTargetIsWhole() {
        assertThat(target.keys()).containsExactlyInAnyOrderElementsOf(BACKUP.keys());
        BACKUP.keys()
                .forEach(key -> assertThat(target.read(key, 1 << 20)).isEqualTo(BACKUP.bytes(key)));
    }

    private static byte[] flipLast(byte[] bytes) {
        bytes[bytes.length - 1] ^= 1;
        return bytes;
    }
}
