package io.cairn.bench.rpo0;

import io.cairn.bench.Folders;
import io.cairn.bench.SmallServer;
import io.cairn.config.Secret;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.wal.SlotNames;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;

/** The PostgreSQL 18 cluster whose commits wait for the bucket. */
final class Source implements AutoCloseable {

    static final int MAJOR = SmallServer.MAJOR;
    static final ClusterName CLUSTER = new ClusterName("jobs");
    static final String DATABASE = SmallServer.DATABASE;

    private static final SlotNames SLOTS = SlotNames.of(CLUSTER);

    private final LocalServer server;

    private Source(LocalServer server) {
        this.server = server;
    }

    static Source start(Path directory, Secret password) throws IOException, SQLException {
        LocalServer server =
                SmallServer.start(
                        directory,
                        password,
                        Map.of("shared_buffers", "64MB", "max_connections", "100"));
        server.execute(DATABASE, "CREATE TABLE " + Writers.TABLE + " (n int)");
        return new Source(server);
    }

    LocalServer server() {
        return server;
    }

    /** From now on commits wait for the stream. */
    void synchronize() throws SQLException {
        server.execute(
                DATABASE,
                "ALTER SYSTEM SET synchronous_standby_names = 'FIRST 1 ("
                        + SLOTS.streaming()
                        + ")'",
                "SELECT pg_reload_conf()");
    }

    boolean isStreamed() throws SQLException {
        return ask("SELECT count(*) FROM pg_stat_replication WHERE application_name = '"
                        + SLOTS.streaming()
                        + "'")
                .equals("1");
    }

    /** Ends the segment in progress, as a log backup does every hour. */
    void closeSegment() throws SQLException {
        ask("SELECT pg_switch_wal()");
    }

    /** What the server keeps for a region that is behind. */
    Lsn retained() throws SQLException {
        return Lsn.parse(
                ask(
                        "SELECT restart_lsn FROM pg_replication_slots WHERE slot_name = '"
                                + SLOTS.retained()
                                + "'"));
    }

    String ask(String sql) throws SQLException {
        try (Connection connection = server.connect(DATABASE);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getString(1);
        }
    }

    /** {@code SIGKILL}, to every process of it. */
    void kill() {
        server.kill();
    }

    /** Starts it again on what it has. */
    void start() {
        server.start();
    }

    /** Kills it, and its disk is gone. */
    void destroy() throws IOException {
        server.kill();
        Folders.delete(server.dataDirectory());
    }

    @Override
    public void close() {
        server.kill();
    }
}
