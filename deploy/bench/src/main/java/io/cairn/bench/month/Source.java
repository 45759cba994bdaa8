package io.cairn.bench.month;

import io.cairn.bench.Folders;
import io.cairn.bench.SourceCluster;
import io.cairn.config.HostPort;
import io.cairn.config.Secret;
import io.cairn.model.ClusterName;
import io.cairn.postgres.server.DataDirectory;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.server.PostgresBinaries;
import io.cairn.restore.compare.TableDigest;
import io.cairn.restore.compare.TableDigests;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;

/** The PostgreSQL cluster that is backed up; it stands still while it is. */
final class Source implements AutoCloseable {

    static final int MAJOR = 18;
    static final ClusterName CLUSTER = new ClusterName("shop");
    static final String DATABASE = "postgres";

    private static final int SEGMENT_MEGABYTES = 1;

    private final LocalServer server;

    private Source(LocalServer server) {
        this.server = server;
    }

    static Source start(Path directory, Secret password) throws IOException, SQLException {
        Folders.create(directory);
        PostgresBinaries binaries = PostgresBinaries.find(MAJOR);
        Path data =
                DataDirectory.at(binaries, directory.resolve("data"))
                        .walSegmentMegabytes(SEGMENT_MEGABYTES)
                        .checksums(true)
                        .withoutSync()
                        .create();
        LocalServer server =
                LocalServer.on(binaries, data)
                        .setting("wal_level", "replica")
                        .setting("summarize_wal", "on")
                        .setting("shared_buffers", "16MB")
                        .setting("autovacuum", "off")
                        .start();
        server.execute(
                DATABASE,
                "CREATE ROLE "
                        + SourceCluster.ROLE
                        + " LOGIN REPLICATION PASSWORD '"
                        + password.reveal()
                        + "'",
                "GRANT pg_monitor TO " + SourceCluster.ROLE,
                "GRANT EXECUTE ON FUNCTION pg_switch_wal() TO " + SourceCluster.ROLE,
                "CREATE TABLE orders (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, item text, at float8)");
        return new Source(server);
    }

    HostPort address() {
        return server.address();
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

    @Override
    public void close() {
        server.close();
    }
}
