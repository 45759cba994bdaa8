package io.cairn.restore.thaw;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.model.ObjectKey;
import io.cairn.model.archival.RetrievalTier;
import io.cairn.model.archival.StorageClass;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.Volume;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.restore.backup.BackupLister;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.engine.RestoreEngine;
import io.cairn.restore.engine.RestoreProgress;
import io.cairn.restore.engine.RestoreSettings;
import io.cairn.restore.fixture.RestoredFiles;
import io.cairn.restore.fixture.SyntheticBackup;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.restore.plan.BackupSelection;
import io.cairn.restore.plan.RestorePlan;
import io.cairn.restore.plan.RestorePlanner;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectStores;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowingConsumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archived backups come back, byte for byte, in simulated time. */
class ThawTest {

    private static final TestKeys KEYS = TestKeys.create();
    private static final Duration POLL = Duration.ofMinutes(5);

    @TempDir private Path temporary = Path.of("");

    private Instant now = Instant.parse("2026-12-24T18:00:00Z");
    private final FakeObjectStore archive = FakeObjectStore.locking("archive", () -> now);
    private final FakeObjectStore deep = FakeObjectStore.locking("deep", () -> now);
    private final SyntheticBackup backup = new SyntheticBackup();
    private final Thaw thaw = new Thaw(() -> now, time -> now = now.plus(time));
    private List<ObjectKey> volumes = List.of();
    private long volumeBytes;

    @BeforeEach
    void store() {
        CommitObject commit = backup.storeIn(archive, KEYS);
        volumes = volumes(commit).map(volume -> volume.object().key()).toList();
        volumeBytes = volumes(commit).mapToLong(volume -> volume.object().length()).sum();
        assertThat(volumes).hasSizeGreaterThan(5);
    }

    @Test
    void whatIsArchivedIsThawedAtOnceAndRestoredByteForByte() throws Exception {
        volumes.forEach(volume -> archive.transition(volume, StorageClass.GLACIER));
        RestorePlan plan = plan(archive);
        ThawPlan needed = planner().plan(plan);

        assertThat(needed.objects())
                .extracting(ArchivedObject::key)
                .containsExactlyElementsOf(volumes);
        assertThat(needed.bytes()).isEqualTo(volumeBytes);
        assertThat(needed.longest(RetrievalTier.STANDARD)).isEqualTo(Duration.ofHours(5));
        assertThat(needed.shares())
                .containsExactly(
                        new ThawPlan.Share(
                                archive.name(), StorageClass.GLACIER, volumes.size(), volumeBytes));
        assertThatThrownBy(() -> restore(plan)).satisfies(error(ErrorCode.STORE_OBJECT_ARCHIVED));

        Instant asked = now;
        thaw.request(needed, RetrievalTier.STANDARD, 3);
        List<Long> readable = new ArrayList<>();
        thaw.await(needed, POLL, Duration.ofHours(6), (bytes, _) -> readable.add(bytes));

        assertThat(Duration.between(asked, now)).isEqualTo(Duration.ofHours(5));
        assertThat(readable).startsWith(0L).endsWith(volumeBytes).hasSize(61);
        assertThat(planner().plan(plan).isEmpty()).isTrue();
        restore(plan);
        RestoredFiles.assertSame(backup, plan.directory());
    }

    @Test
    void nothingIsThawedWhereAnotherCopyCanBeRead() throws Exception {
        copy(deep);
        volumes.forEach(volume -> archive.transition(volume, StorageClass.GLACIER));
        deep.transition(volumes.getFirst(), StorageClass.GLACIER_IR);

        RestorePlan plan = plan(archive, deep);

        assertThat(plan.storeName()).isEqualTo(deep.name());
        assertThat(planner().plan(plan).isEmpty()).isTrue();
        restore(plan);
        RestoredFiles.assertSame(backup, plan.directory());
        assertThat(archive.calls()).noneMatch(call -> call.method().equals("thaw"));
    }

    @Test
    void theCopyThatIsThawedSoonerIsTakenVolumeByVolume() throws Exception {
        copy(deep);
        volumes.forEach(volume -> deep.transition(volume, StorageClass.DEEP_ARCHIVE));
        volumes.forEach(volume -> archive.transition(volume, StorageClass.GLACIER));
        archive.lose(volumes.get(1));

        ThawPlan needed = planner().plan(plan(deep, archive));

        assertThat(needed.shares())
                .extracting(ThawPlan.Share::store, ThawPlan.Share::objects)
                .containsExactly(tuple(archive.name(), volumes.size() - 1), tuple(deep.name(), 1));
        assertThat(needed.longest(RetrievalTier.BULK)).isEqualTo(Duration.ofHours(48));
        assertThatThrownBy(() -> needed.longest(RetrievalTier.EXPEDITED))
                .satisfies(error(ErrorCode.REQUEST_INVALID));
        thaw.request(needed, RetrievalTier.STANDARD, 3);
        thaw.await(needed, POLL, Duration.ofHours(13), ThawProgress.NONE);
        RestorePlan plan = plan(deep, archive);
        restore(plan);
        RestoredFiles.assertSame(backup, plan.directory());
    }

    @Test
    void anEarlierThawIsWaitedForAndNotPaidForTwice() throws Exception {
        volumes.forEach(volume -> archive.transition(volume, StorageClass.GLACIER));
        thaw.request(planner().plan(plan(archive)), RetrievalTier.STANDARD, 3);

        ThawPlan again = planner().plan(plan(archive));

        assertThat(again.objects()).hasSameSizeAs(volumes).allMatch(ArchivedObject::thawing);
        assertThat(again.toRequest()).isEmpty();
        now = now.plus(Duration.ofHours(5)).plus(Duration.ofDays(2).plusHours(13));
        assertThat(planner().plan(plan(archive)).toRequest())
                .as("readable, but for less than 12 hours more")
                .hasSameSizeAs(volumes);
    }

    @Test
    void aThawThatTakesTooLongIsGivenUpAndGoesOn() throws Exception {
        volumes.forEach(volume -> archive.transition(volume, StorageClass.GLACIER));
        ThawPlan needed = planner().plan(plan(archive));
        thaw.request(needed, RetrievalTier.BULK, 3);

        assertThatThrownBy(() -> thaw.await(needed, POLL, Duration.ofHours(1), ThawProgress.NONE))
                .satisfies(error(ErrorCode.STORE_OBJECT_ARCHIVED))
                .hasMessageContaining(volumes.size() + " of " + volumes.size());
        assertThat(temporary.resolve("data")).doesNotExist();
        thaw.await(planner().plan(plan(archive)), POLL, Duration.ofHours(12), ThawProgress.NONE);
        assertThat(planner().plan(plan(archive)).isEmpty()).isTrue();
    }

    @Test
    void aStoreThatRefusesEndsTheThawWithItsError() {
        volumes.forEach(volume -> archive.transition(volume, StorageClass.GLACIER));
        ThawPlan needed = planner().plan(plan(archive));
        archive.failAlways(ErrorCode.STORE_ACCESS_DENIED);

        assertThatThrownBy(() -> thaw.request(needed, RetrievalTier.STANDARD, 1))
                .satisfies(error(ErrorCode.STORE_ACCESS_DENIED));
    }

    private ThawPlanner planner() {
        return new ThawPlanner(() -> now);
    }

    private static Stream<Volume> volumes(CommitObject commit) {
        return commit.archives().stream().flatMap(archive -> archive.volumes().stream());
    }

    private void copy(FakeObjectStore target) {
        archive.keys().forEach(key -> ObjectStores.copy(archive, key, target).orThrow());
    }

    private RestorePlan plan(FakeObjectStore... stores) {
        BackupLister lister =
                new BackupLister(
                        Stream.of(stores)
                                .map(store -> new BackupReader(store, KEYS.trustAnchor()))
                                .toList());
        return new RestorePlanner(lister, KEYS.recipient(), GzipCodec.best())
                .plan(
                        SyntheticBackup.request(
                                new BackupSelection.Latest(), temporary.resolve("data")));
    }

    private static void restore(RestorePlan plan) throws Exception {
        new RestoreEngine(RestoreSettings.defaults()).restore(plan, RestoreProgress.NONE);
        assertThat(Files.isDirectory(plan.directory())).isTrue();
    }

    private static ThrowingConsumer<Throwable> error(ErrorCode code) {
        return thrown -> {
            assertThat(thrown).isInstanceOf(CairnException.class);
            assertThat(((CairnException) thrown).code()).isEqualTo(code);
            assertThat(((CairnException) thrown).hint()).isPresent();
        };
    }
}
