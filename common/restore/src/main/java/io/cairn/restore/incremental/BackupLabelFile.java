package io.cairn.restore.incremental;

import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code backup_label}: where a backup starts, and what an incremental one is on top of.
 *
 * @see <a
 *     href="https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP">Making
 *     a Base Backup Using the Low Level API</a>
 */
public record BackupLabelFile(String text) {

    public static final String NAME = "backup_label";

    private static final Pattern START = Pattern.compile("(?m)^START WAL LOCATION: (\\S+)");
    private static final Pattern FROM = Pattern.compile("(?m)^INCREMENTAL FROM LSN: (\\S+)$");
    private static final Pattern FROM_TIMELINE =
            Pattern.compile("(?m)^INCREMENTAL FROM TLI: (\\d+)$");
    private static final Pattern INCREMENTAL_LINE = Pattern.compile("(?m)^INCREMENTAL FROM .*\\R");

    /** One character per byte: a label may be in any encoding. */
    public static BackupLabelFile of(byte[] bytes) {
        return new BackupLabelFile(new String(bytes, StandardCharsets.ISO_8859_1));
    }

    public Optional<Lsn> start() {
        return find(START).map(Lsn::parse);
    }

    /** Start of the backup that this one is on top of; empty for a full one. */
    public Optional<Lsn> incrementalFrom() {
        return find(FROM).map(Lsn::parse);
    }

    public Optional<Timeline> incrementalFromTimeline() {
        return find(FROM_TIMELINE).map(id -> new Timeline(Integer.parseInt(id)));
    }

    private Optional<String> find(Pattern pattern) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    /** As that of a full backup: a server refuses to start on the label of an incremental one. */
    public byte[] asFull() {
        return INCREMENTAL_LINE.matcher(text).replaceAll("").getBytes(StandardCharsets.ISO_8859_1);
    }
}
