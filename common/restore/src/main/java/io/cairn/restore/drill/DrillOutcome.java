package io.cairn.restore.drill;

import io.cairn.model.BackupLabel;
import io.cairn.model.Lsn;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** How a drill ended. A backup that does not restore, boot or read is an exception instead. */
public sealed interface DrillOutcome {

    /**
     * A server was booted from the backup and read in full.
     *
     * @param rto from the start of the plan to the first answered query
     * @param chain the backups it was restored from, the full one first
     * @param bytes of files and blocks that were written
     * @param pointInTime where replay ended; absent if the backup alone was restored
     * @param databases databases that were connected to
     * @param tables tables that were read in full
     * @param rows rows that were read
     * @param amcheck whether amcheck looked at every database
     * @param notes what could not be checked, one line each
     */
    record Completed(
            Instant startedAt,
            Instant completedAt,
            Duration rto,
            List<BackupLabel> chain,
            long bytes,
            Optional<PointInTime> pointInTime,
            int databases,
            long tables,
            long rows,
            boolean amcheck,
            List<String> notes)
            implements DrillOutcome {

        public Completed {
            chain = List.copyOf(chain);
            notes = List.copyOf(notes);
        }
    }

    /**
     * A moment that WAL was replayed to.
     *
     * @param target that was chosen
     * @param reached end of the last record that was replayed
     * @param walBytes from the start of the backup to there
     */
    record PointInTime(Instant target, Lsn reached, long walBytes) {}

    /**
     * This machine cannot run the drill: nothing is proven, nothing is wrong with the backup.
     *
     * @param reason one line that names what is missing
     */
    record Skipped(Instant skippedAt, String reason) implements DrillOutcome {}
}
