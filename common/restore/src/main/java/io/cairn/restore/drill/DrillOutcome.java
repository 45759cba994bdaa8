package io.cairn.restore.drill;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** How a drill ended. A backup that does not restore, boot or read is an exception instead. */
public sealed interface DrillOutcome {

    /**
     * A server was booted from the backup and read in full.
     *
     * @param rto from the start of the plan to the first answered query
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
            int databases,
            long tables,
            long rows,
            boolean amcheck,
            List<String> notes)
            implements DrillOutcome {

        public Completed {
            notes = List.copyOf(notes);
        }
    }

    /**
     * This machine cannot run the drill: nothing is proven, nothing is wrong with the backup.
     *
     * @param reason one line that names what is missing
     */
    record Skipped(Instant skippedAt, String reason) implements DrillOutcome {}
}
