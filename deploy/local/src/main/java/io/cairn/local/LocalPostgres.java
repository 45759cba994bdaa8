package io.cairn.local;

import io.cairn.config.Secret;
import io.cairn.postgres.server.DataDirectory;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.server.PostgresBinaries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;

/**
 * A PostgreSQL 18 server of the platform: created at the first start, and started again on its data
 * after that.
 */
final class LocalPostgres {

    static final int MAJOR = 18;

    private static final Map<String, String> SETTINGS =
            Map.of(
                    "shared_buffers", "64MB",
                    "max_wal_size", "512MB",
                    "wal_level", "replica",
                    "summarize_wal", "on",
                    "max_wal_senders", "10",
                    "max_replication_slots", "10");

    private LocalPostgres() {}

    /**
     * @param initialize runs once, on the new and empty server; when it fails, the next start
     *     begins anew
     */
    static LocalServer start(
            String name, int port, StateFolder state, Secret password, Initialization initialize)
            throws IOException, SQLException {
        PostgresBinaries binaries = PostgresBinaries.find(MAJOR);
        Path data = state.data(name);
        Path ready = state.data(name + ".ready");
        if (!Files.exists(ready)) {
            FileTrees.delete(data);
            DataDirectory.at(binaries, data).password(password).withoutSync().create();
        }
        LocalServer server =
                LocalServer.on(binaries, data)
                        .loopback(port)
                        .settings(SETTINGS)
                        .password(password)
                        .logFile(state.log(name))
                        .start();
        RunningParts.record(state, name, server.pid());
        if (!Files.exists(ready)) {
            initialize.run(server);
            Files.createFile(ready);
        }
        return server;
    }

    @FunctionalInterface
    interface Initialization {
        void run(LocalServer server) throws SQLException;
    }
}
