package io.cairn.executor.platform;

import static org.awaitility.Awaitility.await;

import io.cairn.config.HostPort;
import io.cairn.config.Secret;
import io.cairn.model.wal.SegmentSize;
import io.cairn.postgres.server.DataDirectory;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.server.PostgresBinaries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A small cluster with page checksums, a tablespace, incompressible rows, and the role that backs
 * it up.
 */
public final class SourceServer implements AutoCloseable {

    /** Small: a backup holds one at least. */
    public static final SegmentSize SEGMENT = new SegmentSize(1 << 20);

    static final String ROLE = "cairn_backup";
    static final String PASSWORD = "backup it";

    private final LocalServer server;

    private SourceServer(LocalServer server) {
        this.server = server;
    }

    static SourceServer start(int major, Path directory) throws IOException, SQLException {
        SourceServer source = bare(major, directory);
        Path tablespace = directory.resolve("fast");
        source.execute(
                "CREATE TABLESPACE fast LOCATION '" + tablespace + "'",
                "CREATE TABLE orders (id int PRIMARY KEY, body bytea)",
                "INSERT INTO orders SELECT n, decode(string_agg(md5(n::text || m::text), ''), 'hex')"
                        + " FROM generate_series(1, 500) n, generate_series(1, 1000) m GROUP BY n",
                "CREATE TABLE quick (id int, body text) TABLESPACE fast",
                "INSERT INTO quick SELECT n, md5(n::text) FROM generate_series(1, 20000) n",
                "CHECKPOINT");
        return source;
    }

    /** The role and nothing else. */
    public static SourceServer bare(int major, Path directory) throws IOException, SQLException {
        PostgresBinaries binaries = PostgresBinaries.find(major);
        Path tablespace = Files.createDirectories(directory.resolve("fast"));
        Path data =
                DataDirectory.at(binaries, directory.resolve("data"))
                        .password(Secret.of("super"))
                        .checksums(true)
                        .walSegmentMegabytes(SEGMENT.bytes() >> 20)
                        .copiedForTest()
                        .create();
        SourceServer source =
                new SourceServer(
                        LocalServer.on(binaries, data)
                                .password(Secret.of("super"))
                                .alsoOwned(tablespace)
                                .setting("shared_buffers", "16MB")
                                .setting("max_wal_senders", "20")
                                .setting("fsync", "off")
                                .start());
        if (major >= 17) {
            source.execute("ALTER SYSTEM SET summarize_wal = on", "SELECT pg_reload_conf()");
        }
        source.execute(
                "CREATE ROLE " + ROLE + " LOGIN REPLICATION PASSWORD '" + PASSWORD + "'",
                "GRANT pg_monitor TO " + ROLE,
                "GRANT EXECUTE ON FUNCTION pg_switch_wal() TO " + ROLE);
        return source;
    }

    public HostPort address() {
        return server.address();
    }

    public LocalServer server() {
        return server;
    }

    public void execute(String... statements) throws SQLException {
        server.execute("postgres", statements);
    }

    /** The first column of the only row, as the superuser. */
    public String ask(String sql) throws SQLException {
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return String.valueOf(result.getString(1));
        }
    }

    /** Drops the slots of streams, as soon as nobody holds them. */
    void dropSlots() {
        await().ignoreExceptions()
                .until(() ->
                        ask(
                                        "SELECT count(pg_drop_replication_slot(slot_name)) FROM pg_replication_slots WHERE slot_name LIKE 'cairn%'")
                                != null);
    }

    /** Ends the sessions that stream a base backup now; returns how many. */
    public int endBackups() throws SQLException {
        return Integer.parseInt(
                ask(
                        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE backend_type = 'walsender'"));
    }

    @Override
    public void close() {
        server.close();
    }
}
