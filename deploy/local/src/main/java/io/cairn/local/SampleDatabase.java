package io.cairn.local;

import io.cairn.config.Secret;
import io.cairn.postgres.server.LocalServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A running sample cluster: its server, its data, and what changes it. */
final class SampleDatabase implements AutoCloseable {

    /** The least that a backup needs, as README says it. */
    static final String ROLE = "cairn";

    private static final int MEGABYTES = Integer.getInteger("cairn.sample.megabytes", 100);

    private final SampleCluster sample;
    private final LocalServer server;
    private SampleWriter writer;

    private SampleDatabase(SampleCluster sample, LocalServer server) {
        this.sample = sample;
        this.server = server;
        this.writer = startWriter();
    }

    static SampleDatabase start(SampleCluster sample, Ports ports, StateFolder state)
            throws Exception {
        Secret superuser = Secrets.getOrCreate(state.secret(sample.id() + "-superuser"));
        Secret role = Secrets.getOrCreate(state.secret(sample.id()));
        LocalServer server =
                LocalPostgres.start(
                        sample.id(),
                        ports.of(sample.id(), sample.preferredPort()),
                        state,
                        superuser,
                        created -> initialize(sample, created, role));
        // A platform that was killed has left it as it was, and the writer is not to wait.
        new SynchronousCommits(server, sample.clusterName()).end();
        return new SampleDatabase(sample, server);
    }

    private static void initialize(SampleCluster sample, LocalServer server, Secret role)
            throws SQLException {
        server.execute("postgres", "CREATE DATABASE " + sample.id());
        for (String sql : roleSql(role)) {
            server.execute("postgres", sql);
        }
        try (Connection connection = server.connect(sample.id());
                Statement statement = connection.createStatement()) {
            statement.execute(sample.dataSql(MEGABYTES));
            statement.execute("VACUUM ANALYZE");
        }
    }

    /** Creates the role that backs a cluster up. */
    static List<String> roleSql(Secret password) {
        return List.of(
                "CREATE ROLE " + ROLE + " LOGIN REPLICATION PASSWORD '" + password.reveal() + "'",
                "GRANT pg_monitor TO " + ROLE,
                "GRANT EXECUTE ON FUNCTION pg_switch_wal() TO " + ROLE,
                "GRANT EXECUTE ON FUNCTION pg_create_restore_point(text) TO " + ROLE);
    }

    private SampleWriter startWriter() {
        return new SampleWriter(sample, () -> server.connect(sample.id()));
    }

    SampleCluster sample() {
        return sample;
    }

    LocalServer server() {
        return server;
    }

    String address() {
        return server.address().toString();
    }

    SynchronousCommits synchronousCommits() {
        return new SynchronousCommits(server, sample.clusterName());
    }

    /** From its return on the cluster stands still. */
    void stopWriting() {
        writer.close();
    }

    /** The entry under {@code clusters} in the configuration file. */
    Map<String, Object> configuration(StateFolder state) {
        return configuration(sample, address(), state);
    }

    static Map<String, Object> configuration(
            SampleCluster sample, String address, StateFolder state) {
        Map<String, Object> cluster = new LinkedHashMap<>();
        cluster.put("tier", sample.tier().id());
        cluster.put("hosts", List.of(address));
        cluster.put("user", ROLE);
        cluster.put("password", "file:" + state.secret(sample.id()));
        cluster.put("database", "postgres");
        cluster.put("tls", Map.of("mode", "disable"));
        return cluster;
    }

    @Override
    public void close() {
        try {
            writer.close();
        } finally {
            server.stop();
        }
    }
}
