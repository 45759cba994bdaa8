package io.cairn.postgres;

import io.cairn.config.ClusterConfig;
import io.cairn.config.ClusterConfig.Tls;
import io.cairn.config.ClusterConfig.TlsMode;
import io.cairn.config.HostPort;
import io.cairn.config.Secret;
import io.cairn.config.SecretReference;
import io.cairn.model.ClusterName;
import io.cairn.model.Tier;
import io.cairn.postgres.connection.ClusterConnector;
import io.cairn.postgres.connection.ConnectionSettings;
import io.cairn.postgres.connection.ServerConnection;
import io.cairn.postgres.server.DataDirectory;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.server.PostgresBinaries;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A real server with page checksums, SCRAM over TCP, and the least-privileged role that a backup
 * needs.
 */
public final class TestSource implements AutoCloseable {

    public static final String ROLE = "cairn_backup";
    public static final String PASSWORD = "a 'right' password";
    private static final String SUPERUSER_PASSWORD = "super";

    private final Path directory;
    private LocalServer server;

    private TestSource(Path directory, LocalServer server) {
        this.directory = directory;
        this.server = server;
    }

    public static TestSource start(int major, Path directory) {
        return start(major, directory, builder -> builder);
    }

    public static TestSource start(
            int major, Path directory, UnaryOperator<LocalServer.Builder> options) {
        PostgresBinaries binaries = PostgresBinaries.find(major);
        Path data =
                DataDirectory.at(binaries, directory.resolve("data"))
                        .password(Secret.of(SUPERUSER_PASSWORD))
                        .checksums(true)
                        .copiedForTest()
                        .create();
        TestSource source =
                new TestSource(directory, options.apply(builder(binaries, data)).start());
        source.execute(
                "CREATE ROLE "
                        + ROLE
                        + " LOGIN REPLICATION PASSWORD '"
                        + PASSWORD.replace("'", "''")
                        + "'");
        return source;
    }

    private static LocalServer.Builder builder(PostgresBinaries binaries, Path data) {
        return LocalServer.on(binaries, data)
                .password(Secret.of(SUPERUSER_PASSWORD))
                .setting("shared_buffers", "16MB")
                .setting("max_wal_size", "128MB");
    }

    /** The same cluster with other options, perhaps at another port. */
    public void restart(UnaryOperator<LocalServer.Builder> options) {
        server.stop();
        server = options.apply(builder(server.binaries(), server.dataDirectory())).start();
    }

    private void write(String name, String text) {
        try {
            Files.writeString(directory.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public LocalServer server() {
        return server;
    }

    public ClusterConfig cluster() {
        return cluster(ROLE, PASSWORD, List.of(server.address()));
    }

    public ClusterConfig cluster(String user, String password, List<HostPort> hosts) {
        String file = "password-" + Integer.toHexString(password.hashCode());
        write(file, password);
        return new ClusterConfig(
                new ClusterName("shop"),
                Tier.OLTP,
                hosts,
                user,
                Optional.of(new SecretReference("file:" + directory.resolve(file))),
                "postgres",
                new Tls(TlsMode.DISABLE, Optional.empty()),
                Optional.empty());
    }

    public ServerConnection connect(String applicationName) {
        return connect(applicationName, Duration.ofSeconds(60));
    }

    public ServerConnection connect(String applicationName, Duration readTimeout) {
        ConnectionSettings settings = new ConnectionSettings(Duration.ofSeconds(10), readTimeout);
        return new ClusterConnector(cluster(), settings).connectToPrimary(applicationName);
    }

    /** Each statement on its own, as the superuser. */
    public void execute(String... statements) {
        try {
            server.execute("postgres", statements);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The first column of the first row, as the superuser. */
    public String ask(String sql) {
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            return result.next() ? result.getString(1) : "";
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
