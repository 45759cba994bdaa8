package io.cairn.restore.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.archive.key.BackupKey;
import io.cairn.archive.key.Identity;
import io.cairn.archive.key.KeyAlgorithm;
import io.cairn.archive.key.Recipients;
import io.cairn.archive.key.WrappedKey;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.Timeline;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.record.Shredded;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.WalLayout;
import io.cairn.model.wal.WalSegment;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.contents.BackupOpener;
import io.cairn.restore.contents.ReadSettings;
import io.cairn.restore.fixture.SyntheticBackup;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.restore.fixture.WalArchive;
import io.cairn.restore.verify.Verification;
import io.cairn.restore.verify.Verifier;
import io.cairn.restore.wal.WalObject;
import io.cairn.restore.wal.WalReader;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectBody;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class BackupWrapsTest {

    private static final TestKeys KEYS = TestKeys.create();
    private static final Identity RSA = recipient("rsa", KeyAlgorithm.RSA_3072);
    private static final Identity EC = recipient("ec", KeyAlgorithm.EC_P256);
    private static final Identity ESCROW = recipient("escrow", KeyAlgorithm.EC_P256);
    private static final Recipients THREE =
            new Recipients(List.of(RSA.certificate(), EC.certificate(), ESCROW.certificate()));

    private final FakeObjectStore store = FakeObjectStore.plain("primary");
    private final CommitObject commit = new SyntheticBackup().storeIn(store, KEYS);
    private final ObjectKey first = commit.key().key();

    static Identity recipient(String name, KeyAlgorithm algorithm) {
        return KEYS.authority()
                .issueRecipient(name, algorithm, Instant.now(), Duration.ofDays(365));
    }

    @Test
    void eachOfSeveralRecipientsOpensTheBackupAlone() {
        rotate(commit, key(commit));
        store.lose(first);

        for (Identity recipient : List.of(RSA, EC, ESCROW)) {
            assertThat(new BackupOpener(store, recipient, GzipCodec.zlib()).open(commit).commit())
                    .isEqualTo(commit);
        }
        assertFails(ErrorCode.KEY_CANNOT_DECRYPT, () -> open(KEYS.recipient()));
    }

    @Test
    void everyWrapIsAWrapOfTheKey() throws InterruptedException {
        rotate(commit, key(commit));
        assertThat(open(KEYS.recipient()).isSameAs(open(RSA))).isTrue();
        assertThat(verify(RSA)).isInstanceOf(Verification.Passed.class);

        store.lose(first);

        new BackupReader(store, KEYS.trustAnchor()).requireComplete(commit);
        assertThat(verify(RSA))
                .isInstanceOfSatisfying(
                        Verification.Passed.class,
                        passed -> assertThat(passed.objects()).isEqualTo(store.keys().size()));
    }

    @Test
    void aDamagedFirstWrapIsNoObstacleToARestoreAndIsFoundByAVerification()
            throws InterruptedException {
        rotate(commit, key(commit));
        store.damage(first, bytes -> new byte[bytes.length]);

        assertThat(open(EC).id()).isEqualTo(commit.keyId());
        assertFailed(verify(EC), first);
    }

    @Test
    void aDamagedWrapIsFoundEvenByWhomItIsNotFor() throws InterruptedException {
        ObjectKey added = rotate(commit, key(commit));
        store.damage(
                added,
                bytes -> {
                    bytes[bytes.length / 2] ^= 1;
                    return bytes;
                });

        assertFailed(verify(KEYS.recipient()), added);
        assertFailed(verify(RSA), first);
    }

    @Test
    void aForeignWrapOpensNothing() throws InterruptedException {
        rotate(commit, BackupKey.random(new SecureRandom()));

        assertThat(open(KEYS.recipient()).id()).isEqualTo(commit.keyId());
        assertFails(ErrorCode.KEY_CANNOT_DECRYPT, () -> open(RSA));
        store.lose(first);
        assertFailed(verify(RSA), first);
        assertFails(ErrorCode.ARCHIVE_CORRUPT, () -> open(RSA));
    }

    @Test
    void aBackupWithoutAnyWrapIsMissingItsKeyAndAfterShreddingThatIsSaid() {
        store.lose(first);
        BackupReader reader = new BackupReader(store, KEYS.trustAnchor());
        assertFails(ErrorCode.STORE_OBJECT_MISSING, () -> open(KEYS.recipient()));
        assertFails(ErrorCode.ARCHIVE_INCOMPLETE, () -> reader.requireComplete(commit));

        Shredded record = new Shredded(Instant.parse("2026-11-23T06:00:00Z"), "ada", 1);
        store.putIfAbsent(Shredded.key(commit.layout().root()), ObjectBody.of(record.toJson()))
                .orThrow();

        for (ThrowingCallable call :
                List.<ThrowingCallable>of(
                        () -> open(KEYS.recipient()), () -> reader.requireComplete(commit))) {
            assertThatThrownBy(call)
                    .asInstanceOf(type(CairnException.class))
                    .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.KEYS_SHREDDED))
                    .satisfies(e ->
                            assertThat(e)
                                    .hasMessageContainingAll(
                                            "shop", "2026-11-23T06:00:00Z", "ada"));
        }
    }

    @Test
    void aStreamSessionsKeyOpensByAnyOfItsWraps() {
        Timeline one = new Timeline(1);
        SegmentSize mebibyte = new SegmentSize(1 << 20);
        Lsn start = Lsn.parse("0/200000");
        WalLayout layout = new WalLayout(commit.layout().root());
        WalArchive wal = new WalArchive(store, KEYS, layout.root(), mebibyte, one, start);
        WalSegment segment = new WalSegment(one, 2, mebibyte);
        wal.segment(segment, new byte[1 << 20]);
        ObjectKey wrapped =
                store.keys().stream().filter(layout::isWrappedKey).findFirst().orElseThrow();
        BackupKey key =
                WrappedKey.unwrap(
                        store.read(wrapped, BackupWraps.BYTES_MAX), KEYS.recipient(), "key");
        ObjectKey added =
                new ObjectKey(wrapped.value().replace(".cms", "." + THREE.rotation() + ".cms"));
        assertThat(layout.isWrappedKey(added)).isTrue();
        WalObject object =
                new WalObject(
                        layout.segment(segment),
                        one,
                        new LsnRange(segment.start(), segment.end()),
                        1 << 20,
                        List.of(store));
        assertFails(ErrorCode.KEY_CANNOT_DECRYPT, () -> reader(RSA).read(object));

        store.putIfAbsent(added, ObjectBody.of(THREE.wrap(key, Instant.now()))).orThrow();

        assertThat(reader(RSA).read(object)).hasSize(1 << 20);
        assertThat(reader(KEYS.recipient()).read(object)).hasSize(1 << 20);
        store.lose(wrapped);
        assertThat(reader(EC).read(object)).hasSize(1 << 20);
        assertFails(ErrorCode.KEY_CANNOT_DECRYPT, () -> reader(KEYS.recipient()).read(object));
    }

    private WalReader reader(Identity identity) {
        return new WalReader(commit.layout().root(), List.of(store), identity, GzipCodec.zlib());
    }

    private ObjectKey rotate(CommitObject of, BackupKey key) {
        ObjectKey added = of.layout().rotatedKey(of.attempt(), THREE.rotation());
        store.putIfAbsent(added, ObjectBody.of(THREE.wrap(key, Instant.now()))).orThrow();
        return added;
    }

    private BackupKey key(CommitObject of) {
        return new BackupWraps(store, of).open(KEYS.recipient());
    }

    private BackupKey open(Identity identity) {
        return new BackupWraps(store, commit).open(identity);
    }

    private Verification verify(Identity identity) throws InterruptedException {
        return new Verifier(
                        identity,
                        new ReadSettings(2, 64 << 20, GzipCodec.zlib()),
                        InstantSource.system())
                .verify(new BackupReader(store, KEYS.trustAnchor()), commit.layout(), _ -> {});
    }

    private static void assertFailed(Verification verification, ObjectKey object) {
        assertThat(verification)
                .isInstanceOfSatisfying(
                        Verification.Failed.class,
                        failed -> assertThat(failed.object()).isEqualTo(object));
    }

    private static void assertFails(ErrorCode code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .asInstanceOf(type(CairnException.class))
                .satisfies(e -> assertThat(e.code()).isEqualTo(code));
    }
}
