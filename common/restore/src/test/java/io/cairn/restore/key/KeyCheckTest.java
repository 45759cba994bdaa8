package io.cairn.restore.key;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.archive.key.Identity;
import io.cairn.archive.key.KeyAlgorithm;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.Sha256;
import io.cairn.model.Timeline;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.record.Tombstone;
import io.cairn.model.wal.SegmentSize;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.fixture.SyntheticBackup;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.restore.fixture.WalArchive;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectBody;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeyCheckTest {

    private static final TestKeys KEYS = TestKeys.create();
    private static final TestKeys OTHERS =
            new TestKeys(
                    KEYS.authority(),
                    KEYS.authority()
                            .issueRecipient(
                                    "other",
                                    KeyAlgorithm.EC_P256,
                                    Instant.now(),
                                    Duration.ofDays(1)),
                    KEYS.signer());

    private final FakeObjectStore store = FakeObjectStore.plain("primary");

    @Test
    void theNewestBackupAndSessionOfEachLifeInAStoreAreOpened() {
        backup("20261101T020000Z-F", OTHERS);
        CommitObject newest = backup("20261102T020000Z-F", KEYS);
        CommitObject expired = backup("20261103T020000Z-F", OTHERS);
        Tombstone tombstone =
                new Tombstone(expired.label(), Instant.now(), "old", Sha256.of(new byte[0]));
        store.putIfAbsent(tombstone.key(newest.layout().root()), ObjectBody.of(tombstone.toJson()));
        session(newest, OTHERS, "0/100000");
        session(newest, KEYS, "0/200000");
        new SyntheticBackup().ofSystem("7400000000000000001").storeIn(store, KEYS);

        List<KeyCheck.Finding> findings = check(KEYS.recipient());

        assertThat(findings).hasSize(3).allMatch(KeyCheck.Finding::opens);
        assertThat(findings).filteredOn(finding -> finding.backup().isPresent()).hasSize(2);
        assertThat(findings)
                .anyMatch(finding -> finding.backup().filter(newest::equals).isPresent());
        assertThat(codes(check(OTHERS.recipient())))
                .hasSize(3)
                .containsOnly(ErrorCode.KEY_CANNOT_DECRYPT);
    }

    @Test
    void aBackupThatNoExecutorSignedIsToldAndTheOneBeforeItIsOpened() {
        CommitObject good = backup("20261101T020000Z-F", KEYS);
        TestKeys own = TestKeys.create();
        CommitObject forged =
                backup(
                        "20261102T020000Z-F",
                        new TestKeys(own.authority(), KEYS.recipient(), own.signer()));

        List<KeyCheck.Finding> findings = check(KEYS.recipient());

        assertThat(findings).hasSize(2);
        assertThat(findings.getFirst().object()).contains(forged.layout().commit());
        assertThat(codes(findings)).containsExactly(ErrorCode.SIGNATURE_UNTRUSTED);
        assertThat(findings.getLast().backup()).contains(good);
        assertThat(findings.getLast().opens()).isTrue();
    }

    @Test
    void aStoreThatIsAwayProvesNothing() {
        backup("20261101T020000Z-F", KEYS);
        store.failAlways(ErrorCode.STORE_UNREACHABLE);

        assertThat(check(KEYS.recipient()))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.opens()).isFalse();
                    assertThat(finding.failed()).isFalse();
                });
    }

    @Test
    void whereNothingIsStoredThereIsNothingToOpen() {
        assertThat(check(KEYS.recipient())).isEmpty();
    }

    private CommitObject backup(String label, TestKeys keys) {
        return new SyntheticBackup().labelled(label).storeIn(store, keys);
    }

    private void session(CommitObject commit, TestKeys keys, String start) {
        new WalArchive(
                store,
                keys,
                commit.layout().root(),
                new SegmentSize(1 << 20),
                new Timeline(1),
                Lsn.parse(start));
    }

    private List<KeyCheck.Finding> check(Identity identity) {
        return new KeyCheck(identity)
                .check(new ClusterName("shop"), new BackupReader(store, KEYS.trustAnchor()));
    }

    private static List<ErrorCode> codes(List<KeyCheck.Finding> findings) {
        return findings.stream()
                .flatMap(finding -> finding.problem().stream())
                .map(CairnException::code)
                .toList();
    }
}
