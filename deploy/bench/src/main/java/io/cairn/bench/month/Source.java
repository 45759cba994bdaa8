package io.cairn.bench.month;

import io.cairn.bench.SmallServer;
import io.cairn.config.HostPort;
import io.cairn.config.Secret;
import io.cairn.model.ClusterName;
import io.cairn.postgres.server.LocalServer;
import io.cairn.restore.compare.TableDigest;
import io.cairn.restore.compare.TableDigests;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** The PostgreSQL cluster that is backed up; it stands still while it is. */
final class Source implements AutoCloseable {

    static final int MAJOR = SmallServer.MAJOR;
    static final ClusterName CLUSTER = new ClusterName("shop");
    static final String DATABASE = SmallServer.DATABASE;

    private final LocalServer server;

    private Source(LocalServer server) {
        this.server = server;
    }

    static Source start(Path directory, Secret password) throws IOException, SQLException {
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
