package io.cairn.executor.basebackup;

import io.cairn.model.ClusterName;

/**
 * Is told what a backup moves, as it moves. Thread-safe, and quick: it is called for every message
 * of the server.
 */
public interface BackupMeter {

    void received(ClusterName cluster, long bytes);

    void stored(ClusterName cluster, long bytes);

    BackupMeter NONE =
            new BackupMeter() {
                @Override
                public void received(ClusterName cluster, long bytes) {}

                @Override
                public void stored(ClusterName cluster, long bytes) {}
            };
}
