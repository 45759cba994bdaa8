package io.cairn.executor.wal;

import io.cairn.config.ClusterConfig;
import io.cairn.config.ClusterConfig.Tls;
import io.cairn.config.ClusterConfig.TlsMode;
import io.cairn.config.HostPort;
import io.cairn.config.Secret;
import io.cairn.config.SecretReference;
import io.cairn.model.Lsn;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Tier;
import io.cairn.model.Timeline;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.WalSegment;
import io.cairn.postgres.server.DataDirectory;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.server.PostgresBinaries;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A PostgreSQL server of a test's own, with WAL segments of 1 MiB and the role that streams. */
final class StreamedServer implements AutoCloseable {

    static final SegmentSize SIZE = new SegmentSize(1 << 20);

    private static final String ROLE = "cairn_backup";
    private static final String PASSWORD = "stream it";

    private final LocalServer server;
    private final Path secret;

    private StreamedServer(LocalServer server, Path secret) {
        this.server = server;
        this.secret = secret;
    }

    static StreamedServer start(int major, Path directory) throws IOException, SQLException {
        PostgresBinaries binaries = PostgresBinaries.find(major);
        Path data =
                DataDirectory.at(binaries, directory.resolve("data-" + major))
                        .password(Secret.of("super"))
                        .walSegmentMegabytes(1)
                        .copiedForTest()
                        .create();
        Path secret = Files.writeString(directory.resolve("password-" + major), PASSWORD);
        StreamedServer started =
                new StreamedServer(launch(binaries, data, Optional.empty()), secret);
        started.execute(
                "CREATE ROLE " + ROLE + " LOGIN REPLICATION PASSWORD '" + PASSWORD + "'",
                "GRANT pg_monitor TO " + ROLE,
                "CREATE TABLE orders (id int PRIMARY KEY, body text)");
        return started;
    }

    private static LocalServer launch(
            PostgresBinaries binaries, Path data, Optional<HostPort> primary) {
        LocalServer.Builder builder =
                LocalServer.on(binaries, data)
                        .password(Secret.of("super"))
                        .setting("shared_buffers", "16MB")
                        .setting("min_wal_size", "2MB")
                        .setting("max_wal_size", "8MB")
                        .setting("fsync", "off");
        primary.ifPresent(host ->
                builder.setting(
                        "primary_conninfo",
                        "host=127.0.0.1 port=%d user=%s password='%s'"
                                .formatted(host.port(), ROLE, PASSWORD)));
        return builder.start();
    }

    /** A standby made from a copy, for which this server stops for a moment. */
    StreamedServer standby(Path data) throws IOException {
        server.stop();
        try (Stream<Path> files = Files.walk(server.dataDirectory())) {
            for (Path file : files.toList()) {
                Files.copy(
                        file,
                        data.resolve(server.dataDirectory().relativize(file).toString()),
                        StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        server.start();
        Files.createFile(data.resolve("standby.signal"));
        return new StreamedServer(
                launch(server.binaries(), data, Optional.of(server.address())), secret);
    }

    ClusterConfig cluster(StreamedServer... others) {
        List<HostPort> hosts =
                Stream.concat(Stream.of(this), Stream.of(others))
                        .map(it -> it.server.address())
                        .toList();
        return new ClusterConfig(
                WalRig.SHOP,
                Tier.OLTP,
                hosts,
                ROLE,
                Optional.of(new SecretReference("file:" + secret)),
                "postgres",
                new Tls(TlsMode.DISABLE, Optional.empty()),
                Optional.empty());
    }

    LocalServer server() {
        return server;
    }

    void execute(String... statements) throws SQLException {
        server.execute("postgres", statements);
    }

    String ask(String sql) throws SQLException {
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return String.valueOf(result.getString(1));
        }
    }

    /** About so many MiB of WAL. */
    void write(int megabytes) throws SQLException {
        execute(
                "INSERT INTO orders SELECT coalesce((SELECT max(id) FROM orders), 0) + n, repeat(md5(n::text || clock_timestamp()::text), 7)"
                        + " FROM generate_series(1, "
                        + megabytes * 3500
                        + ") n");
    }

    Lsn flushed() throws SQLException {
        return Lsn.parse(ask("SELECT pg_current_wal_flush_lsn()"));
    }

    SystemIdentifier system() throws SQLException {
        return SystemIdentifier.parse(ask("SELECT system_identifier FROM pg_control_system()"));
    }

    /** What the server itself has of a segment in {@code pg_wal}, if it still has it. */
    Optional<byte[]> segment(Timeline timeline, Lsn position) {
        String name = WalSegment.containing(timeline, position, SIZE).name();
        try {
            Path file = server.dataDirectory().resolve("pg_wal").resolve(name);
            return Files.exists(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
