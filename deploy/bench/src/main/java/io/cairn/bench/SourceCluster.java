package io.cairn.bench;

import io.cairn.config.HostPort;
import io.cairn.config.Secret;
import io.cairn.postgres.server.DataDirectory;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.server.PostgresBinaries;
import io.cairn.postgres.server.PostgresInstallations;
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

/** The cluster that is backed up, with page checksums. */
public final class SourceCluster implements AutoCloseable {

    /** Who backs up, with the same password as the superuser. */
    public static final String ROLE = "cairn";

    public static final String DATABASE = "business";

    private final LocalServer server;
    private final Secret password;

    private SourceCluster(LocalServer server, Secret password) {
        this.server = server;
        this.password = password;
    }

    /**
     * The distribution's programs where they are, since pgBackRest is the distribution's too; else
     * those that tests run on.
     */
    private static PostgresBinaries binaries(int major) {
        Path distribution = PostgresInstallations.of(Map.of()).distribution().resolve("" + major);
        return Files.isExecutable(distribution.resolve("bin/postgres"))
                ? PostgresBinaries.find(major, Map.of(major, distribution))
                : PostgresBinaries.find(major);
    }

    /**
     * @param directory becomes the parent of the data directory
     * @param settings of the server, beside those that every measurement has
     */
    public static SourceCluster start(
            Path directory, int major, Secret password, Map<String, String> settings)
            throws SQLException {
        PostgresBinaries binaries = binaries(major);
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
                        .setting("autovacuum", "off")
                        .settings(settings)
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

    /** Makes the tables and adds rows until the database is large enough. */
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

    /** Adds about 16 MB more of everything to what {@link #fill} made. */
    public void addChunk() throws SQLException, IOException {
        try (Connection connection = server.connect(DATABASE);
                Statement statement = connection.createStatement()) {
            statement.execute("SET synchronous_commit = off");
            statement.execute(resource("chunk.sql"));
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

    /** Runs statements one by one as the superuser, outside transactions. */
    public void execute(String... statements) throws SQLException {
        server.execute(DATABASE, statements);
    }

    /** The first column of the first row, as text. */
    public String ask(String sql) throws SQLException {
        try (Connection connection = server.connect(DATABASE);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return String.valueOf(result.getString(1));
        }
    }

    public Connection connect() throws SQLException {
        return connect(DATABASE);
    }

    /** A connection as the superuser. */
    public Connection connect(String database) throws SQLException {
        return server.connect(database);
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
