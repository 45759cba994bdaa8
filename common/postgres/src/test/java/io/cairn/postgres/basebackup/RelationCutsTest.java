package io.cairn.postgres.basebackup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.model.backup.Archive.Tablespace;
import io.cairn.model.error.CairnException;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RelationCutsTest {

    private static final RelationFork FORK = new RelationFork(1663, 5, 16384, 0);

    @ParameterizedTest
    @CsvSource({
        "base/5/INCREMENTAL.16384, , 1663, 5, 0, 0",
        "base/5/INCREMENTAL.16384_vm, , 1663, 5, 2, 0",
        "base/5/INCREMENTAL.16384_vm.3, , 1663, 5, 2, 3",
        "base/5/INCREMENTAL.16384.12, , 1663, 5, 0, 12",
        "base/5/INCREMENTAL.16384_init, , 1663, 5, 3, 0",
        "global/INCREMENTAL.16384, , 1664, 0, 0, 0",
        "PG_18_202506291/5/INCREMENTAL.16384.1, 16400, 16400, 5, 0, 1"
    })
    void theFileThatBlocksAreOfIsKnownByItsPath(
            String path, Long archive, long tablespace, long database, int fork, long segment) {
        assertThat(
                        RelationFile.incremental(
                                Optional.ofNullable(archive).map(oid -> new Tablespace(oid, "/t")),
                                path))
                .isEqualTo(
                        new RelationFile(
                                new RelationFork(tablespace, database, 16384, fork), segment));
        assertThat(RelationFile.isIncremental(path)).isTrue();
        assertThat(RelationFile.isIncremental(path.replace("INCREMENTAL.", ""))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "base/5/INCREMENTAL.pg_filenode.map",
                "INCREMENTAL.1",
                "base/x/INCREMENTAL.1"
            })
    void blocksOfWhatIsNoRelationAreRefused(String path) {
        assertThatThrownBy(() -> RelationFile.incremental(Optional.empty(), path))
                .isInstanceOf(CairnException.class)
                .hasMessageContaining(path);
    }

    @Test
    void aCutLiesInOneFile() {
        RelationCuts cuts = new RelationCuts(Map.of(FORK, 1005L), 1000);

        assertThat(cuts.within(new RelationFile(FORK, 1))).hasValue(5);
        assertThat(cuts.within(new RelationFile(FORK, 0))).isEmpty();
        assertThat(cuts.within(new RelationFile(FORK, 2))).isEmpty();
        assertThat(cuts.within(new RelationFile(new RelationFork(1663, 5, 16384, 2), 1))).isEmpty();
    }

    @Test
    void aCutAtTheBeginningOfAFileIsNoneSinceTheServerSendsAllOfIt() {
        RelationCuts cuts = new RelationCuts(Map.of(FORK, 1000L), 1000);

        assertThat(cuts.within(new RelationFile(FORK, 1))).isEmpty();
        assertThat(cuts.within(new RelationFile(FORK, 0))).isEmpty();
    }
}
