package io.cairn.executor.wal.postgres;

import io.cairn.config.ClusterConfig;
import io.cairn.executor.wal.WalConnection;
import io.cairn.executor.wal.WalSource;
import io.cairn.model.error.CairnException;
import io.cairn.postgres.connection.ClusterConnector;
import io.cairn.postgres.connection.ConnectionSettings;
import io.cairn.postgres.connection.ServerConnection;
import io.cairn.postgres.wal.SlotNames;
import java.time.Duration;

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
    public WalConnection connect() {
        ServerConnection session =
                connector.connectToPrimary(SlotNames.of(connector.cluster().name()).streaming());
        try {
            return PostgresWalConnection.on(session);
        } catch (CairnException e) {
            session.abort();
            throw e;
        }
    }
}
