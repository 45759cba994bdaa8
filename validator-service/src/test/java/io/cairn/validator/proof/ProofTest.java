package io.cairn.validator.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.events.CairnEvent;
import io.cairn.events.DrillSkipped;
import io.cairn.events.ValidationFailed;
import io.cairn.events.ValidationPassed;
import io.cairn.model.AttemptId;
import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.StoreName;
import io.cairn.model.archival.StorageClass;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.record.ReadLease;
import io.cairn.model.record.Tombstone;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.fixture.SyntheticBackup;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.restore.key.KeyShredding;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectBody;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProofTest {

    private static final TestKeys KEYS = TestKeys.create();

    @TempDir private Path scratch;

    private final FakeObjectStore store = FakeObjectStore.plain("primary");
    private final List<CairnEvent> facts = new ArrayList<>();

    /** Programs of PostgreSQL 99 are nowhere. */
    @Test
    void whatCannotBeDrilledIsVerifiedAndSaidToBeSkipped() throws InterruptedException {
        CommitObject commit = new SyntheticBackup().ofServerVersion(990_001).storeIn(store, KEYS);
        int stored = store.keys().size();

        prove(subject(commit, commit.attempt()));

        assertThat(facts).hasSize(2);
        assertThat(facts.getFirst())
                .isInstanceOfSatisfying(
                        ValidationPassed.class,
                        passed -> {
                            assertThat(passed.run()).isEqualTo(commit.run());
                            assertThat(passed.attempt()).isEqualTo(commit.attempt());
                            assertThat(passed.store()).isEqualTo(new StoreName("primary"));
                            assertThat(passed.files()).isEqualTo(commit.files());
                            assertThat(passed.objects()).isEqualTo(stored);
                        });
        assertThat(facts.getLast())
                .isInstanceOfSatisfying(
                        DrillSkipped.class,
                        skipped -> assertThat(skipped.reason()).contains("PostgreSQL 99"));
    }

    @Test
    void whatIsWrongInTheStoreIsToldWithItsObjectAndNotDrilled() throws InterruptedException {
        CommitObject commit = new SyntheticBackup().storeIn(store, KEYS);
        ObjectKey volume = commit.archives().getLast().volumes().get(4).object().key();
        store.damage(
                volume,
                bytes -> {
                    bytes[7] ^= 1;
                    return bytes;
                });

        prove(subject(commit, commit.attempt()));

        assertThat(facts)
                .singleElement()
                .isInstanceOfSatisfying(
                        ValidationFailed.class,
                        failed -> {
                            assertThat(failed.stage()).isEqualTo("bytes");
                            assertThat(failed.object()).contains(volume);
                            assertThat(failed.message()).contains(volume.value());
                            assertThat(failed.hint()).isPresent();
                        });
    }

    @Test
    void aCopyInAnArchiveClassIsSkippedAndNotCalledInvalid() throws InterruptedException {
        CommitObject commit = new SyntheticBackup().storeIn(store, KEYS);
        ObjectKey volume = commit.archives().getLast().volumes().get(4).object().key();
        store.transition(volume, StorageClass.GLACIER);

        prove(subject(commit, commit.attempt()));

        assertThat(facts)
                .singleElement()
                .isInstanceOfSatisfying(
                        DrillSkipped.class,
                        skipped -> assertThat(skipped.reason()).contains(volume + " is archived"));
    }

    @Test
    void aBackupThatIsGoneIsToldAsMissing() throws InterruptedException {
        CommitObject commit = new SyntheticBackup().storeIn(store, KEYS);
        store.lose(commit.layout().commit());

        prove(subject(commit, commit.attempt()));

        assertThat(facts)
                .singleElement()
                .isInstanceOfSatisfying(
                        ValidationFailed.class,
                        failed ->
                                assertThat(failed.code())
                                        .isEqualTo(ErrorCode.STORE_OBJECT_MISSING));
    }

    @Test
    void ofWhatWasShreddedNothingIsTold() throws InterruptedException {
        CommitObject commit = new SyntheticBackup().storeIn(store, KEYS);
        new KeyShredding(List.of(store), InstantSource.system(), 1)
                .shred(commit.layout().root(), "kim", (_, _) -> {});

        prove(subject(commit, commit.attempt()));

        assertThat(facts).isEmpty();
    }

    @Test
    void anAttemptThatIsNotTheCommittedOneIsNeverCalledValid() throws InterruptedException {
        CommitObject commit = new SyntheticBackup().storeIn(store, KEYS);
        AttemptId other = new AttemptId("00000000deadbeef");

        prove(subject(commit, other));

        assertThat(facts)
                .singleElement()
                .isInstanceOfSatisfying(
                        ValidationFailed.class,
                        failed -> {
                            assertThat(failed.attempt()).isEqualTo(other);
                            assertThat(failed.message()).contains(commit.attempt().value());
                        });
    }

    /** As after two stores were merged. */
    @Test
    void anAttemptThatCameSecondIsProvenAsItself() throws InterruptedException {
        new SyntheticBackup().storeIn(store, KEYS);
        FakeObjectStore elsewhere = FakeObjectStore.plain("elsewhere");
        CommitObject second =
                new SyntheticBackup().ofServerVersion(990_001).storeIn(elsewhere, KEYS);
        SyntheticBackup.moveAsSecond(second, elsewhere, store);

        prove(subject(second, second.attempt()));

        assertThat(facts).hasSize(2);
        assertThat(facts.getFirst())
                .isInstanceOfSatisfying(
                        ValidationPassed.class,
                        passed -> assertThat(passed.attempt()).isEqualTo(second.attempt()));
        assertThat(facts.getLast())
                .isInstanceOfSatisfying(
                        DrillSkipped.class,
                        skipped -> {
                            assertThat(skipped.attempt()).isEqualTo(second.attempt());
                            assertThat(skipped.reason()).contains("PostgreSQL 99");
                        });
    }

    @Test
    void aStoreThatIsAwayIsNoFinding() {
        CommitObject commit = new SyntheticBackup().storeIn(store, KEYS);
        store.failAlways(ErrorCode.STORE_UNREACHABLE);

        assertThatThrownBy(() -> prove(subject(commit, commit.attempt())))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_UNREACHABLE));
        assertThat(facts).isEmpty();
    }

    @Test
    void whatIsReadDoesNotExpireMeanwhile() throws InterruptedException {
        CommitObject commit = new SyntheticBackup().ofServerVersion(990_001).storeIn(store, KEYS);

        prove(subject(commit, commit.attempt()));

        assertThat(
                        store.list(ReadLease.prefix(commit.layout().root()))
                                .map(info ->
                                        ReadLease.fromJson(
                                                store.read(info.key(), ReadLease.BYTES_MAX),
                                                info.key().value())))
                .anySatisfy(lease -> {
                    assertThat(lease.purpose()).isEqualTo(ReadLease.Purpose.VERIFY);
                    assertThat(lease.labels()).containsExactly(commit.label());
                    assertThat(lease.walFrom()).isEmpty();
                });
    }

    @Test
    void ofWhatHasJustExpiredNothingIsTold() throws InterruptedException {
        CommitObject commit = new SyntheticBackup().storeIn(store, KEYS);
        Tombstone tombstone =
                new Tombstone(commit.label(), Instant.EPOCH, "old", Sha256.of(new byte[0]));
        store.putIfAbsent(tombstone.key(commit.layout().root()), ObjectBody.of(tombstone.toJson()))
                .orThrow();

        prove(subject(commit, commit.attempt()));

        assertThat(facts).isEmpty();
    }

    private static Subject subject(CommitObject commit, AttemptId attempt) {
        return new Subject(
                commit.run(), commit.tier(), attempt, new StoreName("primary"), commit.layout());
    }

    private void prove(Subject subject) throws InterruptedException {
        Proof proof = TestProof.with(KEYS, scratch);
        proof.run(
                new BackupReader(store, KEYS.trustAnchor()),
                subject,
                Duration.ofMinutes(15),
                facts::add);
    }
}
