package io.cairn.bench.month;

import io.cairn.bench.Folders;
import io.cairn.bench.SmallServer;
import io.cairn.config.HostPort;
import io.cairn.config.Secret;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.server.PostgresBinaries;
import io.cairn.restore.compare.TableDigest;
import io.cairn.restore.compare.TableDigests;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** The PostgreSQL cluster that is backed up; it stands still while it is. */
final class Source implements AutoCloseable {

    static final int MAJOR = SmallServer.MAJOR;
    static final ClusterName CLUSTER = new ClusterName("shop");
    static final String DATABASE = SmallServer.DATABASE;

    private final LocalServer server;
    private final Secret password;

    private Source(LocalServer server, Secret password) {
        this.server = server;
        this.password = password;
    }

    static Source start(Path directory) throws IOException, SQLException {
        Secret password = Folders.randomSecret();
        LocalServer server =
                SmallServer.start(
                        directory,
                        password,
                        Map.of(
                                "summarize_wal", "on",
                                "shared_buffers", "16MB",
                                "autovacuum", "off"));
        server.execute(
                DATABASE,
                "CREATE TABLE orders (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, item text, at float8)");
        return new Source(server, password);
    }

    HostPort address() {
        return server.address();
    }

    /** Of the role that takes backups. */
    Secret password() {
        return password;
    }

    /** Some rows come, some change, some go. */
    void work(Random random) throws SQLException {
        server.execute(
                DATABASE,
                "INSERT INTO orders (item, at) SELECT md5(g::text || %d), random() FROM generate_series(1, %d) g"
                        .formatted(random.nextInt(), 1 + random.nextInt(400)),
                "UPDATE orders SET item = upper(item) WHERE n %% 17 = %d"
                        .formatted(random.nextInt(17)),
                "DELETE FROM orders WHERE n %% 29 = %d".formatted(random.nextInt(29)));
    }

    /** Everything that a restored server must have. */
    List<TableDigest> contents() throws SQLException {
        return TableDigests.ofCluster(server::connect, DATABASE);
    }

    /** What is otherwise in a restored cluster, once it is booted, than in these contents. */
    static List<String> differences(List<TableDigest> contents, Path restored) throws SQLException {
        try (LocalServer booted =
                LocalServer.on(PostgresBinaries.find(MAJOR), restored).privateSocket().start()) {
            return TableDigests.differences(
                    contents, TableDigests.ofCluster(booted::connect, DATABASE));
        }
    }

    /** Up to where its WAL is written. */
    Lsn written() throws SQLException {
        return Lsn.parse(answer("SELECT pg_current_wal_lsn()"));
    }

    /** Fills the segment in progress; returns where it ends. */
    Lsn switchWal() throws SQLException {
        answer("SELECT pg_switch_wal()");
        return written();
    }

    /** Whether a stream has said that its WAL is stored up to here. */
    boolean isFlushed(String stream, Lsn end) throws SQLException {
        return answer(
                        "SELECT coalesce(bool_or(flush_lsn >= '%s'), false) FROM pg_stat_replication WHERE application_name = '%s'"
                                .formatted(end, stream))
                .equals("t");
    }

    private String answer(String question) throws SQLException {
        try (Connection connection = server.connect(DATABASE);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(question)) {
            rows.next();
            return rows.getString(1);
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
