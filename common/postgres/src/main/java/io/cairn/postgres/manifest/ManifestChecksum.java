package io.cairn.postgres.manifest;

import io.cairn.model.Sha256;
import io.cairn.model.error.CairnException;
import java.nio.charset.StandardCharsets;

/**
 * The last line of a {@code backup_manifest}: the SHA-256 of all that comes before it.
 *
 * @see <a href="https://www.postgresql.org/docs/current/backup-manifest-toplevel.html">Backup
 *     Manifest Top-level Object</a>
 */
public final class ManifestChecksum {

    private static final String LAST_LINE = "\"Manifest-Checksum\": \"";

    private ManifestChecksum() {}

    /**
     * A manifest whose other lines were changed, with the checksum that it has now.
     *
     * @param text one character for each byte (ISO 8859-1)
     */
    public static byte[] renewed(String text) {
        int last = text.lastIndexOf(LAST_LINE);
        if (last < 0) {
            throw CairnException.bug("backup_manifest has no Manifest-Checksum");
        }
        return appended(text.substring(0, last));
    }

    /**
     * A manifest that lacks its last line and nothing else, with it.
     *
     * @param body one character for each byte (ISO 8859-1)
     */
    public static byte[] appended(String body) {
        Sha256 checksum = Sha256.of(body.getBytes(StandardCharsets.ISO_8859_1));
        return (body + LAST_LINE + checksum + "\"}\n").getBytes(StandardCharsets.ISO_8859_1);
    }
}
