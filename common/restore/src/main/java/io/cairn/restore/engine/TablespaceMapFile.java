package io.cairn.restore.engine;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * {@code tablespace_map}: one line for each tablespace, its oid and its location, from which the
 * server makes the links in {@code pg_tblspc} when it begins to recover. Line ends and backslashes
 * in a location are escaped by a backslash.
 *
 * @see <a
 *     href="https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP">Making
 *     a Base Backup Using the Low Level API</a>
 */
final class TablespaceMapFile {

    private TablespaceMapFile() {}

    /**
     * @param locations oid → where the tablespace is now
     */
    static byte[] of(Map<Long, Path> locations) {
        return locations.entrySet().stream()
                .map(entry -> entry.getKey() + " " + escaped(entry.getValue().toString()) + "\n")
                .collect(Collectors.joining())
                .getBytes(StandardCharsets.UTF_8);
    }

    private static String escaped(String location) {
        return location.replace("\\", "\\\\").replace("\n", "\\\n").replace("\r", "\\\r");
    }
}
