package io.cairn.restore.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.cairn.model.BackupLabel;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.Timeline;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.ObjectLockMode;
import io.cairn.model.record.LegalHold;
import io.cairn.model.record.Shredded;
import io.cairn.model.wal.SegmentSize;
import io.cairn.restore.backup.ShreddedKeys;
import io.cairn.restore.fixture.SyntheticBackup;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.restore.fixture.WalArchive;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectStores;
import io.cairn.storage.Retention;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KeyShreddingTest {

    private static final TestKeys KEYS = TestKeys.create();
    private static final Instant NOW = Instant.parse("2026-11-23T06:00:00Z");

    private Instant now = NOW;
    private final FakeObjectStore primary = FakeObjectStore.locking("primary", () -> now);
    private final FakeObjectStore secondary = FakeObjectStore.locking("secondary", () -> now);
    private final CommitObject commit = new SyntheticBackup().storeIn(primary, KEYS);
    private final ClusterRoot root = commit.layout().root();
    private final ObjectKey executorsKey = commit.layout().executorsManifestKey(commit.attempt());
    private final KeyShredding shredding =
            new KeyShredding(List.of(primary, secondary), () -> now, 1);

    @BeforeEach
    void twoCopies() {
        new WalArchive(
                primary,
                KEYS,
                root,
                new SegmentSize(1 << 20),
                new Timeline(1),
                Lsn.parse("0/200000"));
        primary.putIfAbsent(executorsKey, ObjectBody.of(new byte[] {1}));
        primary.keys().forEach(key -> ObjectStores.copy(primary, key, secondary));
    }

    @Test
    void noWrapIsLeftInAnyStoreAndTheRestOfTheBackupIs() throws InterruptedException {
        int before = primary.keys().size();
        assertThat(shredding.plan(root)).isEqualTo(new KeyShredding.Extent(root, 2, 6));

        assertThat(shredding.shred(root, "ada", (_, _) -> {}))
                .isEqualTo(new KeyShredding.Extent(root, 2, 6));

        for (FakeObjectStore store : List.of(primary, secondary)) {
            assertThat(store.keys())
                    .hasSize(before - 3 + 1)
                    .noneMatch(key -> key.value().contains("/keys/"))
                    .doesNotContain(executorsKey)
                    .contains(Shredded.key(root), commit.layout().commit());
            assertThat(ShreddedKeys.find(root, store)).contains(new Shredded(NOW, "ada", 2));
            assertThat(fails(() -> new BackupWraps(store, commit).open(KEYS.recipient())).code())
                    .isEqualTo(ErrorCode.KEYS_SHREDDED);
        }
        assertThat(shredding.shred(root, "bob", (_, _) -> {}).wraps()).isZero();
    }

    @Test
    void aLockOnAnyBackupInAnyStoreRefusesItWithTheLatestDate() {
        Instant latest = Instant.parse("2028-01-01T00:00:00Z");
        primary.retain(
                commit.manifest().key(),
                new Retention(ObjectLockMode.COMPLIANCE, Instant.parse("2027-01-01T00:00:00Z")));
        secondary.retain(
                commit.layout().commit(), new Retention(ObjectLockMode.GOVERNANCE, latest));

        assertRefused(latest.toString());
    }

    @Test
    void aLockThatHasEndedRefusesNothing() throws InterruptedException {
        primary.retain(
                commit.manifest().key(),
                new Retention(ObjectLockMode.COMPLIANCE, NOW.plusSeconds(1)));
        now = NOW.plusSeconds(2);

        assertThat(shredding.shred(root, "ada", (_, _) -> {}).wraps()).isEqualTo(6);
    }

    @Test
    void aHoldOnAnyBackupRefusesIt() {
        LegalHold hold =
                new LegalHold(
                        "0".repeat(32),
                        new BackupLabel("20261101T020000Z-F"),
                        "a lawsuit",
                        "ada",
                        NOW);
        secondary.putIfAbsent(hold.key(root), ObjectBody.of(hold.toJson()));

        assertRefused("20261101T020000Z-F");
    }

    @Test
    void aHoldOfTheStoreRefusesIt() {
        secondary.hold(commit.key().key(), true);

        assertRefused(commit.key().key().value());
    }

    private void assertRefused(String why) {
        List<ObjectKey> before = primary.keys();

        CairnException refused = fails(() -> shredding.shred(root, "ada", (_, _) -> {}));

        assertThat(refused.code()).isEqualTo(ErrorCode.KEYS_RETAINED);
        assertThat(refused).hasMessageContaining(why);
        assertThat(refused.hint()).isPresent();
        assertThat(primary.keys()).isEqualTo(before);
    }

    @Test
    void brokenOffAnywhereItIsEndedByAnotherCall() throws InterruptedException {
        int brokenOff = 0;
        for (int n = 1; n < 30; n++) {
            FakeObjectStore store = FakeObjectStore.locking("primary", InstantSource.fixed(NOW));
            primary.keys().stream()
                    .filter(key -> !key.value().matches(".*\\.tar/.*"))
                    .forEach(key -> ObjectStores.copy(primary, key, store));
            KeyShredding one = new KeyShredding(List.of(store), InstantSource.fixed(NOW), 1);
            store.failAt(n, ErrorCode.STORE_UNREACHABLE);
            try {
                one.shred(root, "ada", (_, _) -> {});
            } catch (CairnException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.STORE_UNREACHABLE);
                brokenOff++;
            }
            store.heal();
            one.shred(root, "bob", (_, _) -> {});
            assertThat(store.keys()).noneMatch(key -> key.value().contains("/keys/"));
            assertThat(ShreddedKeys.find(root, store)).isPresent();
        }
        assertThat(brokenOff).isGreaterThan(10);
    }

    private static CairnException fails(ThrowingCallable call) {
        return catchThrowableOfType(CairnException.class, call);
    }
}
