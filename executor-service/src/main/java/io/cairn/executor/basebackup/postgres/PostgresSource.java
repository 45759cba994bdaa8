package io.cairn.executor.basebackup.postgres;

import io.cairn.config.ClusterConfig;
import io.cairn.executor.basebackup.Source;
import io.cairn.executor.basebackup.SourceSession;
import io.cairn.model.RunId;
import io.cairn.model.error.CairnException;
import io.cairn.postgres.connection.ClusterConnector;
import io.cairn.postgres.connection.ServerConnection;

/** A configured cluster. */
public final class PostgresSource implements Source {

    private final ClusterConnector connector;

    public PostgresSource(ClusterConfig cluster) {
        this.connector = new ClusterConnector(cluster);
    }

    @Override
    public SourceSession connect(RunId run) {
        ServerConnection session = connector.connectToPrimary(run.toString());
        try {
            return PostgresSession.on(session);
        } catch (CairnException e) {
            session.abort();
            throw e;
        }
    }
}
