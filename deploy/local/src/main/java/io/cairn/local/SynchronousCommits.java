package io.cairn.local;

import io.cairn.model.ClusterName;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.wal.SlotNames;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Whether a sample cluster's commits wait until their WAL is in the bucket: only while an executor
 * streams it, so that neither the start nor the end of the platform waits for a stream that is not
 * there.
 */
final class SynchronousCommits {

    private static final Duration POLL = Duration.ofMillis(100);

    private final LocalServer server;
    private final String stream;

    SynchronousCommits(LocalServer server, ClusterName cluster) {
        this.server = server;
        this.stream = SlotNames.of(cluster).streaming();
    }

    /**
     * Lets commits wait, as soon as the stream runs.
     *
     * @return false if it does not run in time: commits do not wait then
     */
    boolean begin(Duration patience) throws SQLException, InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (!isStreamed()) {
            if (System.nanoTime() > end) {
                return false;
            }
            Thread.sleep(POLL);
        }
        set("'FIRST 1 (" + stream + ")'");
        return true;
    }

    /** Lets no commit wait from now on; those that do return. */
    void end() throws SQLException {
        set("DEFAULT");
    }

    private boolean isStreamed() throws SQLException {
        try (Connection connection = server.connect("postgres");
                PreparedStatement statement =
                        connection.prepareStatement(
                                "SELECT 1 FROM pg_stat_replication WHERE application_name = ? AND state = 'streaming'")) {
            statement.setString(1, stream);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next();
            }
        }
    }

    private void set(String names) throws SQLException {
        server.execute(
                "postgres",
                "ALTER SYSTEM SET synchronous_standby_names = " + names,
                "SELECT pg_reload_conf()");
    }
}
