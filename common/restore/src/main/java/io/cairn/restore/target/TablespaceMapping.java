package io.cairn.restore.target;

import io.cairn.model.backup.Archive.Tablespace;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which tablespace goes to another directory than it had on the source. What is not mapped goes to
 * its old location, as with {@code pg_basebackup --tablespace-mapping}.
 *
 * @param directories old location → new directory, both absolute and normalized
 */
public record TablespaceMapping(Map<Path, Path> directories) {

    public static final TablespaceMapping NONE = new TablespaceMapping(Map.of());

    public TablespaceMapping {
        directories = Map.copyOf(directories);
        Set<Path> targets = new HashSet<>();
        directories.forEach((from, to) -> {
            if (!from.isAbsolute() || !to.isAbsolute()) {
                throw invalid(from + "=" + to, "write both directories as absolute paths");
            }
            if (!targets.add(to)) {
                throw invalid(from + "=" + to, "give every tablespace a directory of its own");
            }
        });
    }

    /**
     * Reads {@code OLD=NEW} each; an {@code =} that belongs to a path is written {@code \=}.
     *
     * @throws CairnException {@link ErrorCode#REQUEST_INVALID}
     */
    public static TablespaceMapping parse(Collection<String> pairs) {
        Map<Path, Path> directories = new LinkedHashMap<>();
        for (String pair : pairs) {
            List<String> parts = List.of(pair.split("(?<!\\\\)=", -1));
            if (parts.size() != 2 || parts.contains("")) {
                throw invalid(pair, "write OLD=NEW; an = that belongs to a path is written \\=");
            }
            if (directories.put(path(parts.getFirst()), path(parts.getLast())) != null) {
                throw invalid(pair, "map every tablespace once");
            }
        }
        return new TablespaceMapping(directories);
    }

    private static Path path(String text) {
        return Path.of(text.replace("\\=", "=")).normalize();
    }

    /**
     * Where a tablespace goes.
     *
     * @param dataDirectory the restored data directory, for tablespaces that lie in place ({@code
     *     pg_tblspc/<oid>})
     */
    public Path directoryOf(Tablespace tablespace, Path dataDirectory) {
        Path old = Path.of(tablespace.location()).normalize();
        return old.isAbsolute() ? directories.getOrDefault(old, old) : dataDirectory.resolve(old);
    }

    /** Whether it goes elsewhere than it was. */
    public boolean moves(Tablespace tablespace) {
        Path old = Path.of(tablespace.location()).normalize();
        return !directories.getOrDefault(old, old).equals(old);
    }

    /**
     * Refuses a mapping that no tablespace of the backup has: it is a mistyped path.
     *
     * @throws CairnException {@link ErrorCode#REQUEST_INVALID}
     */
    public void requireKnown(Collection<Tablespace> tablespaces) {
        List<Path> known =
                tablespaces.stream().map(each -> Path.of(each.location()).normalize()).toList();
        for (Path old : directories.keySet()) {
            if (!known.contains(old)) {
                throw invalid(
                        old.toString(),
                        "the backup's tablespaces are: " + (known.isEmpty() ? "none" : known));
            }
        }
    }

    private static CairnException invalid(String what, String hint) {
        return new CairnException(
                ErrorCode.REQUEST_INVALID,
                "the tablespace mapping " + what + " cannot be used",
                hint);
    }
}
