package io.cairn.executor.wal.postgres;

import io.cairn.config.ClusterConfig;
import io.cairn.config.HostPort;
import io.cairn.executor.wal.WalConnection;
import io.cairn.executor.wal.WalSource;
import io.cairn.model.error.CairnException;
import io.cairn.postgres.connection.ClusterConnector;
import io.cairn.postgres.connection.ConnectionMode;
import io.cairn.postgres.connection.ConnectionSettings;
import io.cairn.postgres.connection.ServerConnection;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** A configured cluster. */
public final class PostgresWalSource implements WalSource {

    /** So that a host that is gone, or says nothing any more, is given up well within 10 s. */
    private static final ConnectionSettings SETTINGS =
            new ConnectionSettings(Duration.ofSeconds(4), Duration.ofSeconds(10));

    private final ClusterConnector connector;

    public PostgresWalSource(ClusterConfig cluster) {
        this.connector = new ClusterConnector(cluster, SETTINGS);
    }

    @Override
    public WalConnection connect(String applicationName) {
        return on(connector.connectToPrimary(applicationName));
    }

    @Override
    public List<WalConnection> connectToStandbys(String applicationName) {
        List<HostPort> hosts = connector.cluster().hosts();
        return hosts.size() == 1
                ? List.of()
                : hosts.stream().flatMap(host -> standby(host, applicationName)).toList();
    }

    private Stream<WalConnection> standby(HostPort host, String applicationName) {
        try {
            ServerConnection session =
                    connector.connect(host, ConnectionMode.DATABASE_REPLICATION, applicationName);
            WalConnection connection = on(session);
            if (session.isInRecovery()) {
                return Stream.of(connection);
            }
            connection.close();
            return Stream.empty();
        } catch (CairnException _) {
            // It is down: what it lacks then is seen when it becomes the primary.
            return Stream.empty();
        }
    }

    private static WalConnection on(ServerConnection session) {
        try {
            return PostgresWalConnection.on(session);
        } catch (CairnException e) {
            session.abort();
            throw e;
        }
    }
}
