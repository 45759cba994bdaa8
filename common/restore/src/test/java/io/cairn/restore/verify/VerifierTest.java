package io.cairn.restore.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.archive.key.Identity;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.Timeline;
import io.cairn.model.backup.Archive;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.WalSegment;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.contents.ReadSettings;
import io.cairn.restore.fixture.SyntheticBackup;
import io.cairn.restore.fixture.SyntheticWal;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.restore.fixture.WalArchive;
import io.cairn.storage.FakeObjectStore;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class VerifierTest {

    private static final TestKeys KEYS = TestKeys.create();
    private static final ReadSettings FOUR_THREADS =
            new ReadSettings(4, 64 << 20, GzipCodec.zlib());

    private static final Timeline ONE = new Timeline(1);
    private static final SegmentSize MEBIBYTE = new SegmentSize(1 << 20);

    private final FakeObjectStore store = FakeObjectStore.plain("primary");

    @ParameterizedTest(name = "volumes of {0} bytes, {1} threads")
    @CsvSource({"18000,1", "18000,4", "64000,16", "400000,3", "8000000,2"})
    void aBackupThatIsAsItWasWrittenPasses(int volumeBytes, int threads)
            throws InterruptedException {
        SyntheticBackup backup = new SyntheticBackup().volumeBytes(volumeBytes);
        CommitObject commit = backup.storeIn(store, KEYS);
        AtomicLong progress = new AtomicLong();

        Verification verification =
                new Verifier(
                                KEYS.recipient(),
                                FOUR_THREADS.withThreads(threads),
                                InstantSource.system())
                        .verify(
                                reader(),
                                commit.layout(),
                                bytes -> progress.accumulateAndGet(bytes, Math::max));

        assertThat(verification)
                .isInstanceOfSatisfying(
                        Verification.Passed.class,
                        passed -> {
                            assertThat(passed.files()).isEqualTo(commit.files());
                            assertThat(passed.objects()).isEqualTo(store.keys().size());
                            assertThat(passed.bytesRead()).isGreaterThan(commit.bytesStored());
                        });
        long content = backup.files().values().stream().mapToLong(bytes -> bytes.length).sum();
        assertThat(progress.get()).isEqualTo(content);
    }

    @Test
    void filesAcrossVolumesPassWithHardlyAnyMemory() throws InterruptedException {
        CommitObject commit = new SyntheticBackup().volumeBytes(18_000).storeIn(store, KEYS);
        ReadSettings oneMebibyte = new ReadSettings(8, 1 << 20, GzipCodec.zlib());
        assertThat(
                        new Verifier(KEYS.recipient(), oneMebibyte, InstantSource.system())
                                .verify(reader(), commit.layout(), _ -> {}))
                .isInstanceOf(Verification.Passed.class);
    }

    enum Fault {
        FLIPPED_FIRST_BYTE(bytes -> flipped(bytes, 0)),
        FLIPPED_MIDDLE_BYTE(bytes -> flipped(bytes, bytes.length / 2)),
        FLIPPED_LAST_BYTE(bytes -> flipped(bytes, bytes.length - 1)),
        TRUNCATED(bytes -> Arrays.copyOf(bytes, bytes.length - 1)),
        LONGER(bytes -> Arrays.copyOf(bytes, bytes.length + 1)),
        EMPTIED(_ -> new byte[0]);

        private final UnaryOperator<byte[]> change;

        Fault(UnaryOperator<byte[]> change) {
            this.change = change;
        }

        private static byte[] flipped(byte[] bytes, int at) {
            bytes[at] ^= 0x10;
            return bytes;
        }
    }

    /**
     * The commit object, its signature, key, manifest, index, and the volumes that begin, carry and
     * end each archive.
     */
    static Stream<String> parts() {
        return Stream.of(
                "commit",
                "key",
                "manifest",
                "index",
                "16400.tar/0",
                "base.tar/0",
                "base.tar/7",
                "base.tar/last");
    }

    @ParameterizedTest
    @MethodSource("parts")
    void whateverIsChangedInAPartIsFoundAndThePartNamed(String part) throws InterruptedException {
        CommitObject commit = new SyntheticBackup().storeIn(store, KEYS);
        ObjectKey key = key(commit, part);
        byte[] before = store.read(key, 1 << 20);
        for (Fault fault : Fault.values()) {
            store.damage(key, fault.change);

            Verification verification = verify(commit);

            assertThat(verification)
                    .as("%s of %s", fault, key)
                    .isInstanceOfSatisfying(
                            Verification.Failed.class,
                            failed -> assertThat(failed.object()).isEqualTo(key));
            store.damage(key, _ -> before);
        }
        assertThat(verify(commit)).isInstanceOf(Verification.Passed.class);
    }

    @ParameterizedTest
    @MethodSource("parts")
    void aMissingPartIsFoundAndNamed(String part) throws InterruptedException {
        CommitObject commit = new SyntheticBackup().storeIn(store, KEYS);
        ObjectKey key = key(commit, part);
        store.lose(key);
        assertThat(verify(commit))
                .isInstanceOfSatisfying(
                        Verification.Failed.class,
                        failed -> {
                            assertThat(failed.object()).isEqualTo(key);
                            assertThat(failed.cause().code())
                                    .isEqualTo(ErrorCode.STORE_OBJECT_MISSING);
                            assertThat(failed.cause()).hasMessageContaining(key.value());
                        });
    }

    @Test
    void volumesThatChangedPlacesAreFound() throws InterruptedException {
        CommitObject commit = new SyntheticBackup().storeIn(store, KEYS);
        ObjectKey first = key(commit, "base.tar/2");
        ObjectKey second = key(commit, "base.tar/3");
        byte[] ofFirst = store.read(first, 1 << 20);
        byte[] ofSecond = store.read(second, 1 << 20);
        store.damage(first, _ -> ofSecond);
        store.damage(second, _ -> ofFirst);
        assertThat(verify(commit))
                .isInstanceOfSatisfying(
                        Verification.Failed.class,
                        failed -> assertThat(failed.object()).isIn(first, second));
    }

    @Test
    void aVolumeOfAnotherBackupInItsPlaceIsFound() throws InterruptedException {
        CommitObject commit = new SyntheticBackup().storeIn(store, KEYS);
        CommitObject other =
                new SyntheticBackup().labelled("20261123T020000Z-F").storeIn(store, KEYS);
        byte[] foreign = store.read(key(other, "base.tar/2"), 1 << 20);
        store.damage(key(commit, "base.tar/2"), _ -> foreign);
        assertThat(verify(commit))
                .isInstanceOfSatisfying(
                        Verification.Failed.class,
                        failed -> assertThat(failed.object()).isEqualTo(key(commit, "base.tar/2")));
    }

    @Test
    void aLogBackupPassesWithAllWalThatItStandsFor() throws InterruptedException {
        CommitObject commit = logBackup();
        WalArchive wal = wal(commit);
        wal.segment(first, bytes(first.range()));
        LsnRange rest = new LsnRange(Lsn.parse("0/300000"), Lsn.parse("0/300200"));
        wal.piece(ONE, rest, bytes(rest));
        long ofOthers = keysOf(commit, wal).count();

        assertThat(verify(commit))
                .isInstanceOfSatisfying(
                        Verification.Passed.class,
                        passed -> assertThat(passed.objects()).isEqualTo(ofOthers));
    }

    /** All but the key of the WAL, which is not counted as a part. */
    private Stream<ObjectKey> keysOf(CommitObject commit, WalArchive wal) {
        return store.keys().stream()
                .filter(key -> !key.value().startsWith(wal.layout().keysPrefix()))
                .filter(key -> key.value().startsWith(commit.layout().root().prefix()));
    }

    @Test
    void aLogBackupFailsWhereItsWalIsNotStored() throws InterruptedException {
        CommitObject commit = logBackup();
        wal(commit).segment(first, bytes(first.range()));

        assertThat(verify(commit))
                .isInstanceOfSatisfying(
                        Verification.Failed.class,
                        failed -> {
                            assertThat(failed.object()).isEqualTo(commit.layout().commit());
                            assertThat(failed.cause().code())
                                    .isEqualTo(ErrorCode.ARCHIVE_INCOMPLETE);
                            assertThat(failed.cause())
                                    .hasMessageContaining(
                                            "0/200028 to 0/300120, is stored in 'primary' only up to 0/300000");
                        });
    }

    @Test
    void aLogBackupFailsWithTheWalThatWasChanged() throws InterruptedException {
        CommitObject commit = logBackup();
        WalArchive wal = wal(commit);
        WalSegment second = new WalSegment(ONE, 3, MEBIBYTE);
        wal.segment(first, bytes(first.range()));
        wal.segment(second, bytes(second.range()));
        ObjectKey changed = wal.layout().segment(second);
        store.damage(changed, bytes -> Fault.flipped(bytes, bytes.length / 2));

        assertThat(verify(commit))
                .isInstanceOfSatisfying(
                        Verification.Failed.class,
                        failed -> assertThat(failed.object()).isEqualTo(changed));
    }

    /** Under the right name lies another segment, key, digests and all. */
    @Test
    void aLogBackupFailsWithWalOfAnotherPlace() throws InterruptedException {
        CommitObject commit = logBackup();
        WalArchive wal = wal(commit);
        WalSegment second = new WalSegment(ONE, 3, MEBIBYTE);
        wal.segment(first, bytes(first.range()));
        wal.segment(second, bytes(first.range()));

        assertThat(verify(commit))
                .isInstanceOfSatisfying(
                        Verification.Failed.class,
                        failed -> {
                            assertThat(failed.object()).isEqualTo(wal.layout().segment(second));
                            assertThat(failed.cause()).hasMessageContaining("of another place");
                        });
    }

    private static byte[] bytes(LsnRange range) {
        return SyntheticWal.bytes(range, SyntheticBackup.SYSTEM, MEBIBYTE);
    }

    private CommitObject logBackup() {
        return new SyntheticBackup().labelled("20261122T021500Z-L").storeIn(store, KEYS);
    }

    private final WalSegment first = new WalSegment(ONE, 2, MEBIBYTE);

    private WalArchive wal(CommitObject commit) {
        return new WalArchive(
                store, KEYS, commit.layout().root(), MEBIBYTE, ONE, Lsn.parse("0/200000"));
    }

    @Test
    void anUnsignedBackupFails() throws InterruptedException {
        CommitObject commit = new SyntheticBackup().storeIn(store, KEYS);
        store.lose(commit.layout().signature(commit.attempt()));
        assertFailed(verify(commit), ErrorCode.SIGNATURE_INVALID);
    }

    @Test
    void aSignatureOverOtherBytesFails() throws InterruptedException {
        CommitObject commit = new SyntheticBackup().storeIn(store, KEYS);
        CommitObject other =
                new SyntheticBackup().labelled("20261123T020000Z-F").storeIn(store, KEYS);
        byte[] foreign = store.read(other.layout().signature(other.attempt()), 1 << 20);
        store.damage(commit.layout().signature(commit.attempt()), _ -> foreign);
        assertFailed(verify(commit), ErrorCode.SIGNATURE_INVALID);
    }

    @Test
    void aSignerThatTheTrustAnchorDoesNotVouchForFails() throws InterruptedException {
        CommitObject commit = new SyntheticBackup().storeIn(store, KEYS);
        X509Certificate foreign = TestKeys.create().trustAnchor();
        Verification verification =
                verifier(KEYS.recipient())
                        .verify(new BackupReader(store, foreign), commit.layout(), _ -> {});
        assertFailed(verification, ErrorCode.SIGNATURE_UNTRUSTED);
    }

    @Test
    void aKeyThatTheBackupWasNotEncryptedForFails() throws InterruptedException {
        CommitObject commit = new SyntheticBackup().storeIn(store, KEYS);
        Verification verification =
                verifier(TestKeys.create().recipient()).verify(reader(), commit.layout(), _ -> {});
        assertFailed(verification, ErrorCode.KEY_CANNOT_DECRYPT);
    }

    @Test
    void aBackupOfAnotherLabelInItsPlaceFails() throws InterruptedException {
        CommitObject commit = new SyntheticBackup().storeIn(store, KEYS);
        CommitObject other =
                new SyntheticBackup().labelled("20261123T020000Z-F").storeIn(store, KEYS);
        byte[] foreign = store.read(other.layout().commit(), 1 << 20);
        store.damage(commit.layout().commit(), _ -> foreign);
        assertFailed(verify(commit), ErrorCode.COMMIT_INVALID);
    }

    @Test
    void aFileThatTheManifestHasOtherwiseIsNamedWithItsVolumes() throws InterruptedException {
        byte[] zeros = new byte[300_000];
        CommitObject commit =
                new SyntheticBackup().manifestSays("base/5/1259", zeros).storeIn(store, KEYS);
        assertThat(verify(commit))
                .isInstanceOfSatisfying(
                        Verification.Failed.class,
                        failed -> {
                            assertThat(failed.cause().code())
                                    .isEqualTo(ErrorCode.MANIFEST_MISMATCH);
                            assertThat(failed.cause())
                                    .hasMessageContaining("base/5/1259")
                                    .hasMessageContaining(failed.object().value());
                        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"base/5/20007", "base/5/2619", "global/pg_control"})
    void aFileOfAnotherSizeThanTheManifestHasIsNamed(String path) throws InterruptedException {
        CommitObject commit =
                new SyntheticBackup().manifestSays(path, new byte[10]).storeIn(store, KEYS);
        assertThat(verify(commit))
                .isInstanceOfSatisfying(
                        Verification.Failed.class,
                        failed -> assertThat(failed.cause()).hasMessageContaining(path));
    }

    @Test
    void aFileThatOnlyTheManifestHasIsNamed() throws InterruptedException {
        CommitObject commit =
                new SyntheticBackup()
                        .manifestSays("base/5/99999", new byte[10])
                        .storeIn(store, KEYS);
        assertThat(verify(commit))
                .isInstanceOfSatisfying(
                        Verification.Failed.class,
                        failed -> {
                            assertThat(failed.cause().code())
                                    .isEqualTo(ErrorCode.MANIFEST_MISMATCH);
                            assertThat(failed.cause())
                                    .hasMessageContaining(
                                            "base/5/99999 is in the server's manifest but not in the backup");
                        });
    }

    @Test
    void missingWalIsNamed() throws InterruptedException {
        CommitObject commit =
                new SyntheticBackup()
                        .without("pg_wal/000000010000000000000003")
                        .storeIn(store, KEYS);
        assertThat(verify(commit))
                .isInstanceOfSatisfying(
                        Verification.Failed.class,
                        failed -> {
                            assertThat(failed.cause().code())
                                    .isEqualTo(ErrorCode.ARCHIVE_INCOMPLETE);
                            assertThat(failed.cause())
                                    .hasMessageContaining("000000010000000000000003");
                        });
    }

    @Test
    void aStoreThatIsAwayProvesNothing() {
        CommitObject commit = new SyntheticBackup().storeIn(store, KEYS);
        store.failAlways(ErrorCode.STORE_UNREACHABLE);
        assertThatThrownBy(() -> verify(commit))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_UNREACHABLE));
    }

    @Test
    void transfersThatBreakOffAreRepeated() throws InterruptedException {
        CommitObject commit = new SyntheticBackup().storeIn(store, KEYS);
        store.truncateReads(2, 100);
        assertThat(verify(commit)).isInstanceOf(Verification.Passed.class);
    }

    @Test
    void anInterruptEndsItAndNoThreadIsLeft() {
        CommitObject commit = new SyntheticBackup().storeIn(store, KEYS);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> verify(commit)).isInstanceOf(InterruptedException.class);
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("cairn-read-"));
    }

    private static void assertFailed(Verification verification, ErrorCode code) {
        assertThat(verification)
                .isInstanceOfSatisfying(
                        Verification.Failed.class,
                        failed -> {
                            assertThat(failed.cause().code()).isEqualTo(code);
                            assertThat(failed.cause().hint()).isPresent();
                        });
    }

    private Verification verify(CommitObject commit) throws InterruptedException {
        return verifier(KEYS.recipient()).verify(reader(), commit.layout(), _ -> {});
    }

    private static Verifier verifier(Identity identity) {
        return new Verifier(identity, FOUR_THREADS, InstantSource.system());
    }

    private BackupReader reader() {
        return new BackupReader(store, KEYS.trustAnchor());
    }

    private static ObjectKey key(CommitObject commit, String part) {
        return switch (part) {
            case "commit" -> commit.layout().commit();
            case "key" -> commit.key().key();
            case "manifest" -> commit.manifest().key();
            case "index" -> commit.index().key();
            default -> volume(commit, part).key();
        };
    }

    private static StoredObject volume(CommitObject commit, String part) {
        String[] parts = part.split("/");
        Archive archive =
                commit.archives().stream()
                        .filter(candidate -> candidate.name().equals(parts[0]))
                        .findFirst()
                        .orElseThrow();
        List<StoredObject> volumes =
                archive.volumes().stream().map(volume -> volume.object()).toList();
        return parts[1].equals("last")
                ? volumes.getLast()
                : volumes.get(Integer.parseInt(parts[1]));
    }
}
