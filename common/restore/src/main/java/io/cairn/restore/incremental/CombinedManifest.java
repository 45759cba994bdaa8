package io.cairn.restore.incremental;

import io.cairn.model.error.CairnException;
import io.cairn.postgres.basebackup.RelationFile;
import io.cairn.postgres.manifest.ManifestChecksum;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A {@code backup_manifest} for what incremental backups were laid over each other to: the last
 * one's, in which files whole stand in the place of those of which it has blocks. All other lines
 * stay as the server wrote them.
 *
 * @see <a href="https://www.postgresql.org/docs/current/backup-manifest-format.html">Backup
 *     Manifest Format</a>
 */
public final class CombinedManifest {

    /** Groups: up to the path, the path, up to the size, up to the checksum, the end. */
    private static final Pattern LINE =
            Pattern.compile(
                    "(\\{ \"Path\": \")((?:[^\"\\\\]|\\\\.)*)(\", \"Size\": )\\d+"
                            + "(, [^\\n]*\"Checksum\": \")[0-9a-f]+(\" \\})");

    private CombinedManifest() {}

    /**
     * What a file has become.
     *
     * @param checksum in hexadecimal, by the algorithm of its line
     */
    public record Whole(long size, String checksum) {}

    /**
     * @param last manifest of the last backup
     * @param files path, without the server's prefix, → what it has become
     */
    public static byte[] of(byte[] last, Map<String, Whole> files) {
        // One character per byte, whatever the encoding of the paths.
        String text = new String(last, StandardCharsets.ISO_8859_1);
        StringBuilder combined = new StringBuilder();
        Matcher line = LINE.matcher(text);
        int replaced = 0;
        while (line.find()) {
            if (RelationFile.isIncremental(line.group(2))) {
                String path = IncrementalFile.whole(line.group(2));
                Whole whole = files.get(decoded(path));
                if (whole == null) {
                    throw CairnException.bug("nothing is known of " + path);
                }
                replaced++;
                line.appendReplacement(
                        combined,
                        Matcher.quoteReplacement(
                                line.group(1)
                                        + path
                                        + line.group(3)
                                        + whole.size()
                                        + line.group(4)
                                        + whole.checksum()
                                        + line.group(5)));
            }
        }
        line.appendTail(combined);
        if (replaced != files.size()) {
            throw CairnException.bug(
                    "the manifest has " + replaced + " of " + files.size() + " files in blocks");
        }
        return ManifestChecksum.renewed(combined.toString());
    }

    /** Names of relations are digits; JSON's escapes are for those of other files. */
    private static String decoded(String path) {
        return new String(path.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }
}
