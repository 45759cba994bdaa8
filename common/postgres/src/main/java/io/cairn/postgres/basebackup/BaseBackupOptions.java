package io.cairn.postgres.basebackup;

import io.cairn.postgres.connection.SqlText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What to ask the server for.
 *
 * @param label goes into {@code backup_label}; at most 1024 bytes for the server
 * @param checkpoint spread over the server's usual time, or at once at the cost of its I/O
 * @param includeWal whether {@code base.tar} ends with the WAL from start to stop LSN
 * @param incremental only what has changed since the backup whose manifest was {@linkplain
 *     ParentManifest uploaded} on the same session; PostgreSQL 17 and later
 * @param maxRateKilobytes limit in kB/s, 32 to 1048576
 * @param verifyChecksums whether the server checks every page it reads (where data checksums are
 *     on)
 * @param checkpointTimeout how long the server may send nothing while it makes the first
 *     checkpoint; default 1 h, since a spread one takes up to {@code checkpoint_timeout}
 * @see <a
 *     href="https://www.postgresql.org/docs/current/protocol-replication.html#PROTOCOL-REPLICATION-BASE-BACKUP">BASE_BACKUP</a>
 */
public record BaseBackupOptions(
        String label,
        Checkpoint checkpoint,
        boolean includeWal,
        boolean incremental,
        Optional<Integer> maxRateKilobytes,
        boolean verifyChecksums,
        Duration checkpointTimeout) {

    private static final int LONGEST_LABEL = 1024;

    /** {@code CHECKPOINT 'spread' | 'fast'}. */
    public enum Checkpoint {
        SPREAD("spread"),
        FAST("fast");

        private final String keyword;

        Checkpoint(String keyword) {
            this.keyword = keyword;
        }
    }

    public BaseBackupOptions {
        if (label.length() > LONGEST_LABEL || label.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "a backup label is one line of at most " + LONGEST_LABEL + " characters");
        }
        if (maxRateKilobytes.filter(rate -> rate < 32 || rate > 1_048_576).isPresent()) {
            throw new IllegalArgumentException(
                    "MAX_RATE is " + maxRateKilobytes.get() + ", not 32 to 1048576 kB/s");
        }
    }

    /** Self-contained, with a spread checkpoint, pages verified and no rate limit. */
    public static BaseBackupOptions labelled(String label) {
        return new BaseBackupOptions(
                label, Checkpoint.SPREAD, true, false, Optional.empty(), true, Duration.ofHours(1));
    }

    public BaseBackupOptions with(Checkpoint value) {
        return new BaseBackupOptions(
                label,
                value,
                includeWal,
                incremental,
                maxRateKilobytes,
                verifyChecksums,
                checkpointTimeout);
    }

    public BaseBackupOptions withMaxRateKilobytes(Optional<Integer> value) {
        return new BaseBackupOptions(
                label,
                checkpoint,
                includeWal,
                incremental,
                value,
                verifyChecksums,
                checkpointTimeout);
    }

    /** For when a WAL stream is known to hold everything from start to stop LSN. */
    public BaseBackupOptions withoutWal() {
        return new BaseBackupOptions(
                label,
                checkpoint,
                false,
                incremental,
                maxRateKilobytes,
                verifyChecksums,
                checkpointTimeout);
    }

    /** The parent's manifest must have been {@linkplain ParentManifest#upload uploaded}. */
    public BaseBackupOptions asIncremental() {
        return new BaseBackupOptions(
                label,
                checkpoint,
                includeWal,
                true,
                maxRateKilobytes,
                verifyChecksums,
                checkpointTimeout);
    }

    public BaseBackupOptions withoutVerifyingChecksums() {
        return new BaseBackupOptions(
                label,
                checkpoint,
                includeWal,
                incremental,
                maxRateKilobytes,
                false,
                checkpointTimeout);
    }

    String command() {
        List<String> options =
                new ArrayList<>(
                        List.of(
                                "LABEL " + SqlText.literal(label),
                                "PROGRESS",
                                "CHECKPOINT " + SqlText.literal(checkpoint.keyword),
                                "WAL " + includeWal,
                                // Cairn keeps the WAL itself: it must not wait for an
                                // archive_command that may be broken.
                                "WAIT false",
                                "TABLESPACE_MAP",
                                "VERIFY_CHECKSUMS " + verifyChecksums,
                                "MANIFEST 'yes'",
                                "MANIFEST_CHECKSUMS 'SHA256'"));
        if (incremental) {
            options.add("INCREMENTAL");
        }
        maxRateKilobytes.ifPresent(rate -> options.add("MAX_RATE " + rate));
        return "BASE_BACKUP (" + String.join(", ", options) + ")";
    }
}
