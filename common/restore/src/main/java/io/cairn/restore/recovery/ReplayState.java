package io.cairn.restore.recovery;

import io.cairn.model.Lsn;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Optional;

/**
 * How far a recovering server is.
 *
 * @param recovering false once it has been promoted
 * @param paused whether it stands at its target, or for want of a setting
 * @param waiting whether it has looked for WAL in vain and sleeps
 * @param replayed end of the last record
 * @param lastCommit time of the last transaction
 */
record ReplayState(
        boolean recovering,
        boolean paused,
        boolean waiting,
        Lsn replayed,
        Optional<Instant> lastCommit) {

    private static final String QUERY =
            """
            SELECT pg_is_in_recovery(),
                   pg_is_in_recovery() AND pg_get_wal_replay_pause_state() = 'paused',
                   EXISTS (SELECT FROM pg_stat_activity
                           WHERE backend_type = 'startup' AND wait_event = 'RecoveryRetrieveRetryInterval'),
                   coalesce(pg_last_wal_replay_lsn(), '0/0'::pg_lsn)::text,
                   pg_last_xact_replay_timestamp()
            """;

    static ReplayState of(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(QUERY)) {
            row.next();
            return new ReplayState(
                    row.getBoolean(1),
                    row.getBoolean(2),
                    row.getBoolean(3),
                    Lsn.parse(row.getString(4)),
                    Optional.ofNullable(row.getTimestamp(5)).map(Timestamp::toInstant));
        }
    }
}
