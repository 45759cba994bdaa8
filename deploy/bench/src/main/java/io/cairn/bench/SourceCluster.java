package io.cairn.bench;

import io.cairn.config.HostPort;
import io.cairn.config.Secret;
import io.cairn.postgres.server.DataDirectory;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.server.PostgresBinaries;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;

/** The PostgreSQL 15 cluster that is backed up, with page checksums and WAL archiving on. */
public final class SourceCluster implements AutoCloseable {

    public static final int MAJOR = 15;
    public static final String ROLE = "cairn";

    private static final String DATABASE = "business";
    private static final Path DISTRIBUTION =
            Path.of("/usr/lib/postgresql", Integer.toString(MAJOR));

    private final LocalServer server;
    private final Secret password;

    private SourceCluster(LocalServer server, Secret password) {
        this.server = server;
        this.password = password;
    }

    /**
     * The distribution's programs, since pgBackRest is the distribution's too; else those that
     * tests run on.
     */
    private static PostgresBinaries binaries() {
        return Files.isExecutable(DISTRIBUTION.resolve("bin/postgres"))
                ? PostgresBinaries.find(MAJOR, Map.of(MAJOR, DISTRIBUTION))
                : PostgresBinaries.find(MAJOR);
    }

    public static SourceCluster start(Path directory, Secret password, String archiveCommand)
            throws SQLException {
        PostgresBinaries binaries = binaries();
        Path data =
                DataDirectory.at(binaries, directory.resolve("data"))
                        .password(password)
                        .checksums(true)
                        .withoutSync()
                        .create();
        LocalServer server =
                LocalServer.on(binaries, data)
                        .password(password)
                        .setting("shared_buffers", "128MB")
                        .setting("max_wal_size", "2GB")
                        .setting("wal_level", "replica")
                        .setting("archive_mode", "on")
                        .setting("archive_command", archiveCommand)
                        .setting("autovacuum", "off")
                        .start();
        SourceCluster cluster = new SourceCluster(server, password);
        try {
            cluster.server.execute(
                    "postgres",
                    "CREATE DATABASE " + DATABASE,
                    "CREATE ROLE "
                            + ROLE
                            + " LOGIN REPLICATION PASSWORD '"
                            + password.reveal()
                            + "'",
                    "GRANT pg_monitor TO " + ROLE);
            return cluster;
        } catch (SQLException e) {
            server.close();
            throw e;
        }
    }

    /** Adds rows until the database is large enough. */
    public void fill(long bytes) throws SQLException, IOException {
        try (Connection connection = server.connect(DATABASE);
                Statement statement = connection.createStatement()) {
            // What is lost in a crash here was only about to be made.
            statement.execute("SET synchronous_commit = off");
            statement.execute(resource("schema.sql"));
            String chunk = resource("chunk.sql");
            while (size(statement) < bytes) {
                statement.execute(chunk);
            }
            statement.execute("VACUUM ANALYZE");
            statement.execute("CHECKPOINT");
        }
    }

    private static long size(Statement statement) throws SQLException {
        try (ResultSet result =
                statement.executeQuery("SELECT sum(pg_database_size(oid)) FROM pg_database")) {
            result.next();
            return result.getLong(1);
        }
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = SourceCluster.class.getResourceAsStream("/bench/" + name)) {
            if (in == null) {
                throw new IllegalStateException("missing resource " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    public String version() throws SQLException {
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SHOW server_version")) {
            result.next();
            return result.getString(1);
        }
    }

    public HostPort address() {
        return server.address();
    }

    public Path dataDirectory() {
        return server.dataDirectory();
    }

    public String superuser() {
        return server.superuser();
    }

    public Secret password() {
        return password;
    }

    /** A program that comes with the server; it may not be there. */
    public Path program(String name) {
        return server.binaries().program(name);
    }

    /** Processor time of the server with everything it has started. */
    public Duration cpu() {
        return ProcessTimes.tree(server.pid());
    }

    @Override
    public void close() {
        server.close();
    }
}
