package io.cairn.restore.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.model.backup.Archive;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.Volume;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.restore.backup.BackupLister;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.contents.ReadSettings;
import io.cairn.restore.fixture.RestoredFiles;
import io.cairn.restore.fixture.SyntheticBackup;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.restore.plan.BackupSelection;
import io.cairn.restore.plan.RestorePlan;
import io.cairn.restore.plan.RestorePlanner;
import io.cairn.restore.target.TargetDirectory;
import io.cairn.storage.FakeObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A restore that broke off is ended by another one, with what is complete. */
class ResumeTest {

    private static final TestKeys KEYS = TestKeys.create();
    private static final int VOLUME = 18_000;

    @TempDir private Path temporary;

    private final FakeObjectStore store = FakeObjectStore.plain("primary");

    @Test
    void whereverItBreaksOffTheNextTryKeepsWhatIsComplete() throws Exception {
        SyntheticBackup backup = new SyntheticBackup().volumeBytes(VOLUME);
        List<Volume> volumes = volumes(backup.storeIn(store, KEYS));
        assertThat(volumes).hasSizeGreaterThan(10);
        long keptBefore = 0;
        for (int number = 1; number < volumes.size(); number += volumes.size() / 5) {
            Path target = temporary.resolve("broken-at-" + number);
            breakOff(target, volumes.get(number));
            assertThat(TargetDirectory.isUnfinished(target)).isTrue();
            long before = fetched();

            RestoreResult result = engine().restore(plan(target), RestoreProgress.NONE);

            assertSame(backup, target);
            assertThat(result.bytesKept()).isGreaterThanOrEqualTo(keptBefore);
            assertThat(fetched() - before).isLessThanOrEqualTo(volumes.size());
            keptBefore = result.bytesKept();
        }
        assertThat(keptBefore).isGreaterThan(400_000);
    }

    @Test
    void whatIsCompleteIsNotFetchedAgain() throws Exception {
        SyntheticBackup backup = new SyntheticBackup().volumeBytes(VOLUME);
        List<Volume> volumes = volumes(backup.storeIn(store, KEYS));
        Path target = temporary.resolve("data");
        breakOff(target, volumes.getLast());
        long before = fetched();
        RestorePlan plan = plan(target);

        RestoreResult result = engine().restore(plan, RestoreProgress.NONE);

        // The WAL that the backup carries is not in the manifest.
        assertThat(fetched() - before).isLessThan(volumes.size() * 3L / 4);
        assertThat(result.bytesFetched()).isLessThan(plan.bytesToFetch() * 3 / 4);
        assertSame(backup, target);
    }

    @Test
    void whatIsNotTheBackupsAnyMoreIsWrittenAnew() throws Exception {
        SyntheticBackup backup = new SyntheticBackup().volumeBytes(VOLUME);
        List<Volume> volumes = volumes(backup.storeIn(store, KEYS));
        Path target = temporary.resolve("data");
        breakOff(target, volumes.getLast());
        Path flipped = target.resolve("base/5/1259");
        byte[] bytes = Files.readAllBytes(flipped);
        bytes[bytes.length / 2] ^= 1;
        Files.write(flipped, bytes);
        Path elsewhere = Files.createDirectory(temporary.resolve("elsewhere"));
        Path linked = target.resolve("base/5/20050");
        Files.move(linked, elsewhere.resolve("20050"));
        Files.createSymbolicLink(linked, elsewhere.resolve("20050"));
        Files.writeString(target.resolve("base/5/9999"), "of nobody");

        engine().restore(plan(target), RestoreProgress.NONE);

        assertSame(backup, target);
        assertThat(linked).isRegularFile();
        assertThat(Files.isSymbolicLink(linked)).isFalse();
    }

    @Test
    void anotherBackupTakesOverOnlyWhatIsTheSame() throws Exception {
        SyntheticBackup older = new SyntheticBackup().volumeBytes(VOLUME);
        List<Volume> volumes = volumes(older.storeIn(store, KEYS));
        Path target = temporary.resolve("data");
        breakOff(target, volumes.getLast());
        byte[] changed = older.files().getOrDefault("base/5/1259", new byte[0]).clone();
        changed[changed.length - 1] ^= 1;
        SyntheticBackup newer =
                new SyntheticBackup()
                        .volumeBytes(VOLUME)
                        .with("base/5/1259", changed)
                        .without("base/5/20050")
                        .labelled("20261123T020000Z-F");
        newer.storeIn(store, KEYS);

        RestoreResult result = engine().restore(plan(target), RestoreProgress.NONE);

        assertThat(result.commit().label().toString()).isEqualTo("20261123T020000Z-F");
        assertThat(result.bytesKept()).isPositive();
        assertSame(newer, target);
        assertThat(target.resolve("base/5/20050")).doesNotExist();
    }

    private void breakOff(Path target, Volume volume) throws Exception {
        RestorePlan plan = plan(target);
        byte[] sound = store.read(volume.object().key(), 1 << 20);
        store.damage(
                volume.object().key(),
                bytes -> {
                    bytes[bytes.length / 2] ^= 1;
                    return bytes;
                });
        assertThatThrownBy(() -> engine().restore(plan, RestoreProgress.NONE))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.ARCHIVE_CORRUPT));
        store.damage(volume.object().key(), _ -> sound);
    }

    private static List<Volume> volumes(CommitObject commit) {
        return commit.archives().stream().map(Archive::volumes).flatMap(List::stream).toList();
    }

    /** Reads of volumes so far. */
    private long fetched() {
        return store.calls().stream()
                .filter(call -> call.method().equals("get") && call.key().contains(".tar."))
                .count();
    }

    private void assertSame(SyntheticBackup backup, Path target) throws IOException {
        assertThat(TargetDirectory.isUnfinished(target)).isFalse();
        RestoredFiles.assertSame(backup, target);
    }

    /** One after the other, so that what was before a volume is there. */
    private static RestoreEngine engine() {
        return new RestoreEngine(
                new RestoreSettings(new ReadSettings(1, 64 << 20, GzipCodec.zlib()), 2));
    }

    private RestorePlan plan(Path target) {
        BackupLister lister =
                new BackupLister(List.of(new BackupReader(store, KEYS.trustAnchor())));
        return new RestorePlanner(lister, KEYS.recipient(), GzipCodec.zlib())
                .plan(SyntheticBackup.request(new BackupSelection.Latest(), target));
    }
}
