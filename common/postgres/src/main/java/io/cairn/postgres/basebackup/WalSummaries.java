package io.cairn.postgres.basebackup;

import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.connection.ServerConnection;
import io.cairn.postgres.wal.TimelineHistory;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/**
 * Whether the server knows which blocks have changed since a parent. What is known is in files of
 * {@code pg_wal/summaries}, each ending at a checkpoint, and for the newest WAL in the summarizer's
 * memory.
 *
 * @see <a
 *     href="https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-WAL-SUMMARY">WAL
 *     Summarization Information Functions</a>
 */
final class WalSummaries {

    private static final Duration POLL_INTERVAL = Duration.ofMillis(200);

    private final ServerConnection session;

    WalSummaries(ServerConnection session) {
        this.session = session;
    }

    void requireOn() {
        if (!session.value("SHOW summarize_wal").equals("on")) {
            throw new CairnException(
                    ErrorCode.POSTGRES_SUMMARIZE_WAL_OFF,
                    "summarize_wal of " + session.host() + " is off: no incremental can be taken",
                    "ALTER SYSTEM SET summarize_wal = on; SELECT pg_reload_conf();");
        }
    }

    /**
     * Waits until all WAL from {@code start} to the newest checkpoint is summarized. Of what came
     * after that the summarizer may know nothing for half a minute: it sleeps the longer the less
     * happens, until a checkpoint wakes it, as the backup's own will.
     *
     * @throws CairnException {@link ErrorCode#POSTGRES_WAL_SUMMARIES_MISSING}, {@link
     *     ErrorCode#POSTGRES_WAL_SUMMARIES_LAGGING}
     */
    void require(Lsn start, TimelineHistory history, Duration wait) throws InterruptedException {
        Lsn end = Lsn.parse(session.value("SELECT redo_lsn FROM pg_control_checkpoint()"));
        long deadline = System.nanoTime() + wait.toNanos();
        Lsn summarized = summarized();
        while (summarized.compareTo(end) < 0) {
            if (System.nanoTime() >= deadline) {
                throw lagging(summarized, end, wait);
            }
            Thread.sleep(POLL_INTERVAL);
            summarized = summarized();
        }
        requireUnbroken(start, summarized, history);
    }

    /** Up to where there are files, or were. */
    private Lsn summarized() {
        return Lsn.parse(session.value("SELECT summarized_lsn FROM pg_get_wal_summarizer_state()"));
    }

    private CairnException lagging(Lsn summarized, Lsn end, Duration wait) {
        return new CairnException(
                ErrorCode.POSTGRES_WAL_SUMMARIES_LAGGING,
                "after "
                        + wait.toSeconds()
                        + " s the WAL summarizer of "
                        + session.host()
                        + " is at "
                        + summarized
                        + ", "
                        + end.minus(summarized)
                        + " bytes before the newest checkpoint",
                "take a full backup, or wait; see SELECT * FROM pg_get_wal_summarizer_state()");
    }

    private record File(Timeline timeline, Lsn start, Lsn end) {

        static File of(ResultSet row) throws SQLException {
            return new File(
                    new Timeline(row.getInt("tli")),
                    Lsn.parse(row.getString("start_lsn")),
                    Lsn.parse(row.getString("end_lsn")));
        }
    }

    /** The files must follow on each other. */
    private void requireUnbroken(Lsn start, Lsn summarized, TimelineHistory history) {
        Lsn position = start;
        for (File file : files()) {
            if (history.contains(file.timeline())
                    && file.start().compareTo(position) <= 0
                    && file.end().compareTo(position) > 0) {
                position = file.end();
            }
        }
        if (position.compareTo(summarized) < 0) {
            throw new CairnException(
                    ErrorCode.POSTGRES_WAL_SUMMARIES_MISSING,
                    "WAL summaries of "
                            + session.host()
                            + " since the parent's start at "
                            + start
                            + " are gone: there is none from "
                            + position
                            + " on",
                    "take a full backup; raise wal_summary_keep_time above the time between"
                            + " backups");
        }
    }

    private List<File> files() {
        return session.query(
                File::of,
                "SELECT tli, start_lsn::text, end_lsn::text FROM pg_available_wal_summaries()"
                        + " ORDER BY start_lsn, end_lsn");
    }
}
