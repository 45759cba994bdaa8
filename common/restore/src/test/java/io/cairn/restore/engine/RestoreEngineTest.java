package io.cairn.restore.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.Volume;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.manifest.BackupManifest;
import io.cairn.restore.backup.BackupLister;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.contents.ReadSettings;
import io.cairn.restore.fixture.RestoredFiles;
import io.cairn.restore.fixture.SyntheticBackup;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.restore.plan.BackupSelection;
import io.cairn.restore.plan.RestorePlan;
import io.cairn.restore.plan.RestorePlanner;
import io.cairn.restore.plan.RestoreRequest;
import io.cairn.restore.target.TablespaceMapping;
import io.cairn.restore.target.TargetDirectory;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectStores;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RestoreEngineTest {

    private static final TestKeys KEYS = TestKeys.create();

    @TempDir private Path temporary;

    private final FakeObjectStore store = FakeObjectStore.plain("primary");
    private final FakeObjectStore secondary = FakeObjectStore.plain("secondary");
    private Path target = Path.of("set in setUp");
    private Path tablespace = Path.of("set in setUp");

    @BeforeEach
    void setUp() {
        target = temporary.resolve("data");
        tablespace = temporary.resolve("fast");
    }

    @ParameterizedTest(name = "volumes of {0} bytes, {1} threads")
    @CsvSource({"18000,1", "18000,8", "64000,3", "8000000,2"})
    void everyFileComesBackByteForByte(int volumeBytes, int threads) throws Exception {
        SyntheticBackup backup = new SyntheticBackup().volumeBytes(volumeBytes);
        backup.storeIn(store, KEYS);
        AtomicLong written = new AtomicLong();

        RestoreResult result =
                engine(threads)
                        .restore(
                                plan(mapped()),
                                (bytes, total) -> {
                                    assertThat(bytes).isLessThanOrEqualTo(total);
                                    written.accumulateAndGet(bytes, Math::max);
                                });

        RestoredFiles.assertSame(backup, target);
        assertThat(result.files()).isEqualTo(backup.files().size());
        assertThat(written.get()).isEqualTo(result.bytesWritten());
    }

    @Test
    void modesTimesAndEmptyDirectoriesComeBack() throws Exception {
        new SyntheticBackup().storeIn(store, KEYS);
        engine(2).restore(plan(mapped()), RestoreProgress.NONE);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target)))
                .isEqualTo("rwx------");
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(target.resolve("base/5/1259"))))
                .isEqualTo("rw-------");
        assertThat(target.resolve("pg_commit_ts")).isEmptyDirectory();
        for (String file : List.of("base/5/1259", "base/5/2619", "PG_VERSION", "pg_commit_ts")) {
            assertThat(Files.getLastModifiedTime(target.resolve(file)).toInstant().getEpochSecond())
                    .as(file)
                    .isEqualTo(1_790_000_000L);
        }
    }

    @Test
    void aMovedTablespaceIsLinkedAndMappedAndTheManifestStillFits() throws Exception {
        CommitObject commit = new SyntheticBackup().storeIn(store, KEYS);
        RestorePlan plan = plan(mapped());
        engine(2).restore(plan, RestoreProgress.NONE);

        assertThat(tablespace.resolve("PG_18_202506291/5/16401")).isRegularFile();
        assertThat(Files.readSymbolicLink(target.resolve("pg_tblspc/16400"))).isEqualTo(tablespace);
        byte[] map = Files.readAllBytes(target.resolve("tablespace_map"));
        assertThat(new String(map, StandardCharsets.UTF_8)).isEqualTo("16400 " + tablespace + "\n");

        byte[] manifest = Files.readAllBytes(target.resolve("backup_manifest"));
        BackupManifest parsed = BackupManifest.parse(manifest);
        assertThat(parsed.files()).hasSize((int) commit.files());
        assertThat(parsed.byPath().get("tablespace_map"))
                .satisfies(file -> {
                    assertThat(file.size()).isEqualTo(map.length);
                    assertThat(file.checksum().orElseThrow().hex()).isEqualTo(Sha256.of(map).hex());
                });
        assertThat(lines(manifest)).hasSameSizeAs(lines(plan.contents().manifest()));
        assertThat(
                        lines(manifest).stream()
                                .filter(line -> !lines(plan.contents().manifest()).contains(line)))
                .hasSize(2);
    }

    @Test
    void aTablespaceThatStaysKeepsManifestAndMapByteForByte() throws Exception {
        Files.createDirectory(tablespace);
        SyntheticBackup backup = new SyntheticBackup().tablespaceAt(tablespace);
        backup.storeIn(store, KEYS);
        RestorePlan plan = plan(TablespaceMapping.NONE);
        engine(2).restore(plan, RestoreProgress.NONE);

        assertThat(target.resolve("backup_manifest")).hasBinaryContent(plan.contents().manifest());
        assertThat(target.resolve("tablespace_map"))
                .hasBinaryContent(backup.files().getOrDefault("tablespace_map", new byte[0]));
        assertThat(Files.readSymbolicLink(target.resolve("pg_tblspc/16400"))).isEqualTo(tablespace);
    }

    @Test
    void noMarkerIsLeft() throws Exception {
        new SyntheticBackup().storeIn(store, KEYS);
        engine(2).restore(plan(mapped()), RestoreProgress.NONE);
        assertThat(TargetDirectory.isUnfinished(target)).isFalse();
        assertThat(TargetDirectory.isUnfinished(tablespace)).isFalse();
    }

    @Test
    void aFailedRestoreIsNoDatabaseAndTheNextOneEndsIt() throws Exception {
        SyntheticBackup backup = new SyntheticBackup();
        CommitObject commit = backup.storeIn(store, KEYS);
        RestorePlan plan = plan(mapped());
        var lastVolume = commit.archives().getLast().volumes().getLast().object().key();
        byte[] before = store.read(lastVolume, 1 << 20);
        store.damage(lastVolume, RestoreEngineTest::flipped);

        assertThatThrownBy(() -> engine(2).restore(plan, RestoreProgress.NONE))
                .isInstanceOf(CairnException.class)
                .hasMessageContaining(lastVolume.value());
        assertNoDatabase();

        store.damage(lastVolume, _ -> before);
        Files.writeString(target.resolve("base/5/leftover"), "of the first try");
        engine(2).restore(plan(mapped()), RestoreProgress.NONE);
        assertThat(target.resolve("base/5/leftover")).doesNotExist();
        assertThat(RestoredFiles.in(target).get("base/5/1259"))
                .isEqualTo(backup.files().get("base/5/1259"));
        assertThat(TargetDirectory.isUnfinished(target)).isFalse();
    }

    @Test
    void copiesThatAreDamagedInDifferentPlacesRestoreTogether() throws Exception {
        SyntheticBackup backup = new SyntheticBackup().volumeBytes(18_000);
        CommitObject commit = backup.storeIn(store, KEYS);
        store.keys().forEach(key -> ObjectStores.copy(store, key, secondary));
        List<Volume> volumes = commit.archives().getFirst().volumes();
        ObjectKey first = volumes.getFirst().object().key();
        ObjectKey last = volumes.getLast().object().key();
        store.damage(first, RestoreEngineTest::flipped);
        secondary.damage(last, RestoreEngineTest::flipped);

        RestorePlan plan = plan(mapped(), store, secondary);
        RestoreResult result = engine(4).restore(plan, RestoreProgress.NONE);

        RestoredFiles.assertSame(backup, target);
        assertThat(result.passedOver())
                .singleElement()
                .satisfies(passed -> {
                    assertThat(passed.store()).isEqualTo(store.name());
                    assertThat(passed.failure().object()).isEqualTo(first);
                    assertThat(passed.failure().cause().code())
                            .isEqualTo(ErrorCode.ARCHIVE_CORRUPT);
                });
    }

    @Test
    void copiesOfWhichNoneIsWholeRestoreTogether() throws Exception {
        SyntheticBackup backup = new SyntheticBackup().volumeBytes(18_000);
        CommitObject commit = backup.storeIn(store, KEYS);
        store.keys().forEach(key -> ObjectStores.copy(store, key, secondary));
        List<Volume> volumes = commit.archives().getFirst().volumes();
        store.lose(commit.index().key());
        store.lose(volumes.getFirst().object().key());
        secondary.damage(commit.manifest().key(), RestoreEngineTest::flipped);
        secondary.lose(volumes.getLast().object().key());

        RestorePlan plan = plan(mapped(), store, secondary);
        engine(4).restore(plan, RestoreProgress.NONE);

        RestoredFiles.assertSame(backup, target);
        assertThat(plan.notes()).anyMatch(note -> note.contains("whole in no store"));
    }

    @Test
    void aVolumeThatIsDamagedInEveryCopyStopsTheRestore() {
        CommitObject commit = new SyntheticBackup().storeIn(store, KEYS);
        store.keys().forEach(key -> ObjectStores.copy(store, key, secondary));
        ObjectKey volume = commit.archives().getFirst().volumes().getFirst().object().key();
        store.damage(volume, RestoreEngineTest::flipped);
        secondary.damage(volume, RestoreEngineTest::flipped);

        RestorePlan plan = plan(mapped(), store, secondary);
        assertThatThrownBy(() -> engine(2).restore(plan, RestoreProgress.NONE))
                .isInstanceOf(CairnException.class)
                .hasMessageContaining(volume.value());
        assertNoDatabase();
    }

    private static byte[] flipped(byte[] bytes) {
        bytes[bytes.length / 2] ^= 1;
        return bytes;
    }

    @Test
    void anInterruptedRestoreIsNoDatabase() throws Exception {
        new SyntheticBackup().storeIn(store, KEYS);
        RestorePlan plan = plan(mapped());
        Thread restoring = Thread.currentThread();
        AtomicBoolean interrupted = new AtomicBoolean();

        assertThatThrownBy(() ->
                        engine(2)
                                .restore(
                                        plan,
                                        (written, total) -> {
                                            if (written > total / 2
                                                    && interrupted.compareAndSet(false, true)) {
                                                restoring.interrupt();
                                            }
                                        }))
                .isInstanceOf(InterruptedException.class);

        assertThat(Thread.interrupted()).isFalse();
        assertNoDatabase();
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() ->
                        assertThat(Thread.getAllStackTraces().keySet())
                                .as(
                                        "threads that have done their last work may take a moment to end")
                                .noneMatch(thread ->
                                        thread.getName().startsWith("cairn-read-")
                                                || thread.getName().startsWith("cairn-sync-")));
    }

    private void assertNoDatabase() {
        assertThat(TargetDirectory.isUnfinished(target)).isTrue();
        assertThat(target.resolve("PG_VERSION")).doesNotExist();
        assertThat(target.resolve("global/pg_control")).doesNotExist();
    }

    @Test
    void aFileThatIsNotTheManifestsStopsTheRestore() {
        new SyntheticBackup().manifestSays("base/5/1259", new byte[300_000]).storeIn(store, KEYS);
        assertThatThrownBy(() -> engine(2).restore(plan(mapped()), RestoreProgress.NONE))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.MANIFEST_MISMATCH))
                .hasMessageContaining("base/5/1259");
        assertNoDatabase();
    }

    @Test
    void aChangedControlFileStopsTheRestore() {
        new SyntheticBackup()
                .manifestSays("global/pg_control", new byte[8192])
                .storeIn(store, KEYS);
        assertThatThrownBy(() -> engine(2).restore(plan(mapped()), RestoreProgress.NONE))
                .isInstanceOf(CairnException.class)
                .hasMessageContaining("global/pg_control");
        assertNoDatabase();
    }

    @Test
    void twoRestoresIntoOneDirectoryDoNotMix() throws Exception {
        new SyntheticBackup().storeIn(store, KEYS);
        RestorePlan plan = plan(mapped());
        try (TargetDirectory _ =
                TargetDirectory.claim(
                        target, PosixFilePermissions.fromString("rwx------"), "another restore")) {
            assertThatThrownBy(() -> engine(2).restore(plan, RestoreProgress.NONE))
                    .isInstanceOfSatisfying(
                            CairnException.class,
                            e -> assertThat(e.code()).isEqualTo(ErrorCode.TARGET_LIVE));
        }
    }

    private RestoreEngine engine(int threads) {
        return new RestoreEngine(
                new RestoreSettings(new ReadSettings(threads, 64 << 20, GzipCodec.zlib()), 2));
    }

    private TablespaceMapping mapped() {
        return new TablespaceMapping(Map.of(Path.of("/srv/fast disk"), tablespace));
    }

    private RestorePlan plan(TablespaceMapping tablespaces) {
        return plan(tablespaces, store);
    }

    private RestorePlan plan(TablespaceMapping tablespaces, FakeObjectStore... stores) {
        BackupLister lister =
                new BackupLister(
                        Stream.of(stores)
                                .map(each -> new BackupReader(each, KEYS.trustAnchor()))
                                .toList());
        return new RestorePlanner(lister, KEYS.recipient(), GzipCodec.zlib())
                .plan(
                        RestoreRequest.of(
                                        SyntheticBackup.CLUSTER,
                                        new BackupSelection.Latest(),
                                        target)
                                .withTablespaces(tablespaces));
    }

    private static List<String> lines(byte[] manifest) {
        return new String(manifest, StandardCharsets.UTF_8).lines().toList();
    }
}
