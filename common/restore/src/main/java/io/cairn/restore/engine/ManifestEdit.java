package io.cairn.restore.engine;

import io.cairn.model.error.CairnException;
import io.cairn.postgres.manifest.ChecksumAlgorithm;
import io.cairn.postgres.manifest.ChecksumAlgorithm.FileChecksum;
import io.cairn.postgres.manifest.ManifestChecksum;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A {@code backup_manifest} for a directory in which one file was changed on purpose, so that
 * {@code pg_verifybackup} judges the rest. All other lines stay as the server wrote them.
 *
 * @see <a href="https://www.postgresql.org/docs/current/backup-manifest-format.html">Backup
 *     Manifest Format</a>
 */
final class ManifestEdit {

    /** Groups: up to the size, up to the algorithm, the algorithm, up to the checksum, the end. */
    private static final String LINE =
            "(\\{ \"Path\": \"%s\", \"Size\": )\\d+(, [^\\n]*\"Checksum-Algorithm\": \")(\\w+)(\","
                    + " \"Checksum\": \")[0-9a-f]+(\" \\})";

    private ManifestEdit() {}

    static byte[] withContent(byte[] manifest, String path, byte[] content) {
        // One character per byte, whatever the encoding of the paths.
        String text = new String(manifest, StandardCharsets.ISO_8859_1);
        Matcher line = Pattern.compile(LINE.formatted(Pattern.quote(path))).matcher(text);
        if (!line.find()) {
            throw CairnException.bug("backup_manifest has no line for " + path);
        }
        String changed =
                text.substring(0, line.start())
                        + line(line.toMatchResult(), content)
                        + text.substring(line.end());
        return ManifestChecksum.renewed(changed);
    }

    private static String line(MatchResult line, byte[] content) {
        FileChecksum checksum =
                ChecksumAlgorithm.valueOf(line.group(3).toUpperCase(Locale.ROOT)).start();
        checksum.update(content, 0, content.length);
        return line.group(1)
                + content.length
                + line.group(2)
                + line.group(3)
                + line.group(4)
                + checksum.hex()
                + line.group(5);
    }
}
