package io.cairn.restore.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.model.backup.Archive.Tablespace;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TablespaceMappingTest {

    private static final Path DATA = Path.of("/restore/data");

    @Test
    void aMappedTablespaceGoesToItsNewDirectory() {
        TablespaceMapping mapping = TablespaceMapping.parse(List.of("/srv/fast/=/restore/fast"));
        Tablespace fast = new Tablespace(16400, "/srv/fast");
        assertThat(mapping.directoryOf(fast, DATA)).isEqualTo(Path.of("/restore/fast"));
        assertThat(mapping.moves(fast)).isTrue();
    }

    @Test
    void othersStayWhereTheyWere() {
        TablespaceMapping mapping =
                TablespaceMapping.parse(List.of("/srv/fast=/restore/fast", "/srv/same=/srv/same"));
        assertThat(mapping.directoryOf(new Tablespace(16401, "/srv/slow"), DATA))
                .isEqualTo(Path.of("/srv/slow"));
        assertThat(mapping.moves(new Tablespace(16401, "/srv/slow"))).isFalse();
        assertThat(mapping.moves(new Tablespace(16402, "/srv/same"))).isFalse();
    }

    @Test
    void aTablespaceInPlaceGoesWithTheDataDirectory() {
        Tablespace inPlace = new Tablespace(16403, "pg_tblspc/16403");
        assertThat(TablespaceMapping.NONE.directoryOf(inPlace, DATA))
                .isEqualTo(DATA.resolve("pg_tblspc/16403"));
        assertThat(TablespaceMapping.NONE.moves(inPlace)).isFalse();
    }

    @Test
    void anEqualsSignInAPathIsEscaped() {
        TablespaceMapping mapping = TablespaceMapping.parse(List.of("/srv/a\\=b=/restore/c\\=d"));
        assertThat(mapping.directoryOf(new Tablespace(1, "/srv/a=b"), DATA))
                .isEqualTo(Path.of("/restore/c=d"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/srv/fast",
                "/srv/fast=",
                "=/restore/fast",
                "/a=/b=/c",
                "srv/fast=/restore/fast",
                "/srv/fast=fast"
            })
    void whatIsNoMappingIsRefused(String pair) {
        assertRefused(List.of(pair));
    }

    @Test
    void oneDirectoryForTwoTablespacesIsRefused() {
        assertRefused(List.of("/srv/a=/restore/x", "/srv/b=/restore/x"));
        assertRefused(List.of("/srv/a=/restore/x", "/srv/a=/restore/y"));
    }

    private static void assertRefused(List<String> pairs) {
        assertThatThrownBy(() -> TablespaceMapping.parse(pairs))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.REQUEST_INVALID);
                            assertThat(e.hint()).isPresent();
                        });
    }
}
