package io.cairn.postgres.wal;

import io.cairn.config.Secret;
import io.cairn.postgres.TestSource;
import io.cairn.postgres.connection.ClusterConnector;
import io.cairn.postgres.connection.ConnectionMode;
import io.cairn.postgres.connection.ConnectionSettings;
import io.cairn.postgres.connection.ServerConnection;
import io.cairn.postgres.server.LocalServer;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

/** A standby of a test's server, made from its data directory while that is stopped. */
final class StandbyServer implements AutoCloseable {

    private final TestSource primary;
    private final LocalServer server;

    private StandbyServer(TestSource primary, LocalServer server) {
        this.primary = primary;
        this.server = server;
    }

    static StandbyServer of(TestSource primary, Path data) throws IOException {
        primary.server().stop();
        copy(primary.server().dataDirectory(), data);
        primary.server().start();
        Files.createFile(data.resolve("standby.signal"));
        String password = TestSource.PASSWORD.replace("'", "\\'");
        return new StandbyServer(
                primary,
                LocalServer.on(primary.server().binaries(), data)
                        .setting("shared_buffers", "16MB")
                        .setting(
                                "primary_conninfo",
                                "host=127.0.0.1 port="
                                        + primary.server().address().port()
                                        + " user="
                                        + TestSource.ROLE
                                        + " password='"
                                        + password
                                        + "'")
                        .start());
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.walkFileTree(
                from,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(
                            Path directory, BasicFileAttributes attributes) throws IOException {
                        Files.copy(
                                directory,
                                to.resolve(from.relativize(directory).toString()),
                                StandardCopyOption.COPY_ATTRIBUTES);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.copy(
                                file,
                                to.resolve(from.relativize(file).toString()),
                                StandardCopyOption.COPY_ATTRIBUTES);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    LocalServer server() {
        return server;
    }

    ServerConnection connect(String applicationName) {
        return new ClusterConnector(
                        primary.cluster(
                                TestSource.ROLE, TestSource.PASSWORD, List.of(server.address())),
                        ConnectionSettings.DEFAULT.withReadTimeout(Duration.ofSeconds(10)))
                .connect(server.address(), ConnectionMode.DATABASE_REPLICATION, applicationName);
    }

    void promote() throws SQLException {
        try (Connection connection = superuser();
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_promote()");
        }
    }

    Connection superuser() throws SQLException {
        return server.connect("postgres", "postgres", Secret.of("super"));
    }

    @Override
    public void close() {
        server.close();
    }
}
