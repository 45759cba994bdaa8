package io.cairn.storage.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.StoreName;
import io.cairn.model.backup.StoredObject;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.PutOptions;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlacementTest {

    private static final String LABEL = "library/7412345678901234567/backups/20261122T030000Z-F/";

    @TempDir private Path folder = Path.of("");

    @Test
    void aVolumeCarriesWhatLifecycleRulesGoBy() {
        PutOptions options =
                placement("primary")
                        .options(new ObjectKey(LABEL + "0123456789abcdef/base.tar/000007.gz.cms"));

        assertThat(options.tags())
                .isEqualTo(
                        Map.of(
                                "cairn-object", "volume",
                                "cairn-tier", "content",
                                "cairn-kind", "full"));
        assertThat(options.storageClass()).isEmpty();
    }

    @Test
    void aVolumeIsPutWhereThePolicyWantsItAtOnce() {
        PutOptions options =
                placement("archive")
                        .options(new ObjectKey(LABEL + "0123456789abcdef/16402.tar/000000.gz.cms"));

        assertThat(options.storageClass()).contains("GLACIER_IR");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "library/7412345678901234567/backups/20261122T030000Z-F/backup.json",
                "library/7412345678901234567/backups/20261122T030000Z-F/backup.0123456789abcdef.sig",
                "library/7412345678901234567/backups/20261122T030000Z-F/0123456789abcdef/backup_manifest.gz.cms",
                "library/7412345678901234567/backups/20261122T030000Z-F/0123456789abcdef/index.json.gz.cms",
                "library/7412345678901234567/keys/backups/20261122T030000Z-F/0123456789abcdef.cms",
                "library/7412345678901234567/wal/00000001/000000010000000000000003.gz.cms",
                "library/7412345678901234567/records/tombstones/20261122T030000Z-F.json",
                "unknown/7412345678901234567/backups/20261122T030000Z-F/0123456789abcdef/base.tar/000007.gz.cms",
            })
    void nothingElseIsEverMoved(String key) {
        assertThat(placement("archive").options(new ObjectKey(key))).isEqualTo(PutOptions.NONE);
    }

    @Test
    void whoeverPutsOrCopiesAVolumePutsItThere() {
        FakeObjectStore bucket = FakeObjectStore.plain("archive").copyingByItself();
        PlacingStore store = new PlacingStore(bucket, placement("archive"));
        PlacingStore source =
                new PlacingStore(FakeObjectStore.plain("primary"), placement("primary"));
        ObjectKey volume = new ObjectKey(LABEL + "0123456789abcdef/base.tar/000000.gz.cms");
        ObjectKey copied = new ObjectKey(LABEL + "0123456789abcdef/base.tar/000001.gz.cms");
        ObjectKey commit = new ObjectKey(LABEL + "backup.json");
        byte[] bytes = new byte[100];

        store.putIfAbsent(volume, ObjectBody.of(bytes)).orThrow();
        store.putIfAbsent(commit, ObjectBody.of(bytes)).orThrow();
        source.putIfAbsent(copied, ObjectBody.of(bytes)).orThrow();
        StoredObject object = new StoredObject(copied, bytes.length, Sha256.of(bytes));
        assertThat(store.copyIfAbsent(source, object, PutOptions.NONE)).isPresent();

        assertThat(store.list(""))
                .extracting(info -> info.storageClass().orElse("STANDARD"))
                .containsExactly("GLACIER_IR", "GLACIER_IR", "STANDARD");
        assertThat(bucket.tags(volume)).containsEntry("cairn-tier", "content").hasSize(3);
        assertThat(bucket.tags(copied)).isEqualTo(bucket.tags(volume));
        assertThat(bucket.tags(commit)).isEmpty();
        assertThat(source.list("")).allMatch(info -> info.storageClass().isEmpty());
    }

    private Placement placement(String store) {
        return new Placement(
                Configurations.read(
                        folder,
                        "content: {archive: [{store: archive, storageClass: GLACIER_IR, after: upload}]}"),
                new StoreName(store));
    }
}
