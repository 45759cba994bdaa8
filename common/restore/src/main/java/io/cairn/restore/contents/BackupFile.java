package io.cairn.restore.contents;

import io.cairn.archive.tar.TarEntry;
import io.cairn.postgres.manifest.ManifestFile;
import java.util.Optional;

/**
 * A file of a backup.
 *
 * @param number of the entry in its archive
 * @param manifest what the server's manifest says of it; absent for WAL, which the manifest does
 *     not list
 */
public record BackupFile(
        ArchiveMap archive, int number, TarEntry entry, Optional<ManifestFile> manifest) {

    /** The path below the data directory, as the manifest writes it. */
    public String path() {
        return pathInDataDirectory(archive, entry);
    }

    static String pathInDataDirectory(ArchiveMap archive, TarEntry entry) {
        return archive.archive()
                .tablespace()
                .map(tablespace -> "pg_tblspc/" + tablespace.oid() + "/" + entry.path())
                .orElse(entry.path());
    }
}
