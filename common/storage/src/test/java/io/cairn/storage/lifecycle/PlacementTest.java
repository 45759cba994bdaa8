package io.cairn.storage.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
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

    private Placement placement(String store) {
        return new Placement(
                Configurations.read(
                        folder,
                        "content: {archive: [{store: archive, storageClass: GLACIER_IR, after: upload}]}"),
                new StoreName(store));
    }
}
