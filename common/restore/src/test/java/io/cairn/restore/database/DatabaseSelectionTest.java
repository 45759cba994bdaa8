package io.cairn.restore.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseSelectionTest {

    private static final DatabaseSelection SELECTION =
            new DatabaseSelection(Set.of("wanted"), Set.of(16390L));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "base/16390/1259",
                "base/16390/1259.3",
                "base/16390/2619_vm",
                "base/16390/16401_fsm.1",
                "base/16390/16401_init",
                "base/16390/INCREMENTAL.1259",
                "base/16390/t3_16500",
                "pg_tblspc/16400/PG_18_202506291/16390/16500"
            })
    void relationsOfOtherDatabasesAreLeftOut(String path) {
        assertThat(SELECTION.leavesOut(path)).isTrue();
        assertThat(DatabaseSelection.ALL.leavesOut(path)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "base/16390/PG_VERSION",
                "base/16390/pg_filenode.map",
                "base/1639/1259",
                "base/16391/1259",
                "global/1262",
                "pg_xact/0000",
                "pg_tblspc/16390/PG_18_202506291/5/1259",
                "pg_wal/000000010000000000000002"
            })
    void everythingElseComesBack(String path) {
        assertThat(SELECTION.leavesOut(path)).isFalse();
    }
}
