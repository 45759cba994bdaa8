package io.cairn.postgres.basebackup;

import io.cairn.model.Lsn;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.connection.ServerConnection;
import io.cairn.postgres.wal.TimelineHistory;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Where relation forks were cut off between a parent and an incremental, as the WAL summaries that
 * the server built it from say: each fork's shortest length in blocks. Forks that were created or
 * dropped meanwhile are not among them: of those the server sends whole files.
 *
 * <p>Behind such a cut PostgreSQL 17.11 and 18.6 may leave blocks out of an incremental: those of a
 * later summary, if they happen to read it before the one with the cut; and pages that a bulk load
 * added and has not used yet, which no WAL mentions. A restore would take what lay there before the
 * cut.
 *
 * @param lengths of the forks that were cut
 * @param segmentBlocks of each file of a fork but its last
 * @see <a
 *     href="https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-WAL-SUMMARY">WAL
 *     Summarization Information Functions</a>
 */
public record RelationCuts(Map<RelationFork, Long> lengths, long segmentBlocks) {

    /** What the role must be able to call; everybody is, unless it was taken from them. */
    private static final String FUNCTION =
            "pg_catalog.pg_wal_summary_contents(bigint, pg_lsn, pg_lsn)";

    public RelationCuts {
        lengths = Map.copyOf(lengths);
    }

    /** What the session's role needs where the summaries are not {@link #readable}. */
    public static String remedy(ServerConnection session) {
        return "GRANT EXECUTE ON FUNCTION "
                + FUNCTION
                + " TO "
                + session.value("SELECT quote_ident(current_user)")
                + ";";
    }

    /** Whether the session's role may read the summaries. */
    public static boolean readable(ServerConnection session) {
        return session.mayExecute(FUNCTION);
    }

    /**
     * Reads the summaries from the parent's start to the backup's. The server aggregates: what
     * comes is one row for each fork and summary with a cut, however much has changed.
     *
     * @param session the backup's own, after it; can be used after every error but {@link
     *     ErrorCode#POSTGRES_CONNECTION_LOST}
     * @param parentStart the parent's first start LSN
     * @throws CairnException {@link ErrorCode#POSTGRES_WAL_SUMMARIES_MISSING} if any of them is
     *     gone or cannot be read; {@link ErrorCode#POSTGRES_NOT_PERMITTED}
     */
    public static RelationCuts read(
            ServerConnection session, Lsn parentStart, BaseBackupResult backup) {
        TimelineHistory history = TimelineHistory.fetch(session, backup.timeline());
        return new RelationCuts(
                new WalSummaries(session).cuts(parentStart, backup.startLsn(), history),
                Long.parseLong(
                        session.value(
                                "SELECT setting FROM pg_settings WHERE name = 'segment_size'")));
    }

    /**
     * At which block of the file, counted from its own first, its fork was cut; absent where the
     * cut lies at its beginning, of which the server sends all, or elsewhere.
     */
    public OptionalLong within(RelationFile file) {
        Long length = lengths.get(file.fork());
        if (length == null || length / segmentBlocks != file.segment()) {
            return OptionalLong.empty();
        }
        long block = length % segmentBlocks;
        return block == 0 ? OptionalLong.empty() : OptionalLong.of(block);
    }
}
