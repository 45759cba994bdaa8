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
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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

    /**
     * @throws CairnException {@link ErrorCode#POSTGRES_NOT_PERMITTED}
     */
    void requireReadable() {
        if (!RelationCuts.readable(session)) {
            throw new CairnException(
                    ErrorCode.POSTGRES_NOT_PERMITTED,
                    "WAL summaries of "
                            + session.host()
                            + " may not be read: an incremental could not be checked",
                    "in the role's database: " + RelationCuts.remedy(session));
        }
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
        requireUnbroken(files(), start, summarized, history);
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

    /**
     * The shortest length of each fork that was cut off, as of all summaries with WAL between the
     * two positions, of whatever timeline: at most a file too many, since a shorter length only
     * makes the comparison stricter.
     *
     * @throws CairnException {@link ErrorCode#POSTGRES_WAL_SUMMARIES_MISSING}
     */
    Map<RelationFork, Long> cuts(Lsn start, Lsn end, TimelineHistory history) {
        List<File> files = files();
        requireUnbroken(files, start, end, history);
        Map<RelationFork, Long> lengths = new HashMap<>();
        for (File file : files) {
            if (file.end().compareTo(start) >= 0 && file.start().compareTo(end) <= 0) {
                cuts(file).forEach(cut -> lengths.merge(cut.fork(), cut.length(), Math::min));
            }
        }
        return lengths;
    }

    private record Cut(RelationFork fork, long length) {

        static Cut of(ResultSet row) throws SQLException {
            return new Cut(
                    new RelationFork(
                            row.getLong("reltablespace"),
                            row.getLong("reldatabase"),
                            row.getLong("relfilenode"),
                            row.getInt("relforknumber")),
                    row.getLong("length"));
        }
    }

    /** A length of 0 is left out: the server sends all of what was created or emptied. */
    private List<Cut> cuts(File file) {
        try {
            return session.query(
                    Cut::of,
                    "SELECT reltablespace, reldatabase, relfilenode, relforknumber,"
                            + " min(relblocknumber) AS length"
                            + " FROM pg_wal_summary_contents(?, ?::pg_lsn, ?::pg_lsn)"
                            + " WHERE is_limit_block AND relblocknumber > 0 GROUP BY 1, 2, 3, 4",
                    (long) file.timeline().id(),
                    file.start().toString(),
                    file.end().toString());
        } catch (CairnException e) {
            throw e.code() == ErrorCode.POSTGRES_ERROR ? unreadable(file, e) : e;
        }
    }

    private CairnException unreadable(File file, CairnException cause) {
        return new CairnException(
                ErrorCode.POSTGRES_WAL_SUMMARIES_MISSING,
                "the WAL summary of "
                        + session.host()
                        + " from "
                        + file.start()
                        + " to "
                        + file.end()
                        + " cannot be read: "
                        + cause.getMessage(),
                "take a full backup; raise wal_summary_keep_time above the time between backups",
                cause);
    }

    /** The files must follow on each other. */
    private void requireUnbroken(
            List<File> files, Lsn start, Lsn summarized, TimelineHistory history) {
        Lsn position = start;
        for (File file : files) {
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

    /** In the order of their WAL. */
    private List<File> files() {
        return session
                .query(
                        File::of,
                        "SELECT tli, start_lsn::text, end_lsn::text FROM pg_available_wal_summaries()")
                .stream()
                .sorted(Comparator.comparing(File::start).thenComparing(File::end))
                .toList();
    }
}
