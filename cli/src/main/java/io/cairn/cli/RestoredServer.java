package io.cairn.cli;

import io.cairn.model.backup.Archive.Tablespace;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.server.PostgresBinaries;
import io.cairn.restore.plan.RestorePlan;
import io.cairn.restore.server.ApartServer;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * A server on what was restored, for as long as {@code cairn} runs: on a private socket, with a
 * generated configuration, so that nothing reaches it, and it reaches nothing, by what its source
 * was told.
 */
final class RestoredServer {

    /** Recovery of the backup's own WAL. */
    private static final Duration START_TIMEOUT = Duration.ofHours(1);

    private static final Map<String, String> ISOLATED =
            Map.of(
                    "cluster_name", "cairn-restored",
                    "synchronous_standby_names", "",
                    "archive_mode", "off",
                    "restore_command", "",
                    "primary_conninfo", "",
                    "max_logical_replication_workers", "0",
                    "ssl", "off");

    private RestoredServer() {}

    static LocalServer start(RestorePlan plan, Map<Integer, Path> postgres) {
        LocalServer.Builder builder =
                LocalServer.on(
                                PostgresBinaries.find(plan.commit().majorVersion(), postgres),
                                plan.directory())
                        .privateSocket()
                        .ownConfigurationOnly()
                        .startTimeout(START_TIMEOUT)
                        .settings(ISOLATED);
        plan.commit().settings().entrySet().stream()
                .filter(setting ->
                        setting.getKey().startsWith("max_")
                                && setting.getValue().matches("\\d{1,9}"))
                .forEach(setting -> builder.setting(setting.getKey(), setting.getValue()));
        plan.commit().archives().stream()
                .flatMap(archive -> archive.tablespace().stream())
                .filter(tablespace -> Path.of(tablespace.location()).isAbsolute())
                .map((Tablespace tablespace) ->
                        plan.tablespaces().directoryOf(tablespace, plan.directory()))
                .forEach(builder::alsoOwned);
        return builder.start();
    }

    /**
     * How to reach it; it says so itself.
     *
     * @throws CairnException {@link ErrorCode#POSTGRES_ERROR} if no superuser can log in
     */
    static String howToConnect(LocalServer server) {
        try {
            ApartServer apart = ApartServer.of(server).orElseThrow(() -> closed(null));
            try (Connection connection = apart.connectAnywhere();
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SHOW unix_socket_directories")) {
                row.next();
                return "psql -h %s -U '%s' %s"
                        .formatted(
                                row.getString(1),
                                connection.getMetaData().getUserName(),
                                connection.getCatalog());
            }
        } catch (SQLException | IOException e) {
            throw closed(e);
        }
    }

    private static CairnException closed(@Nullable Exception cause) {
        return new CairnException(
                ErrorCode.POSTGRES_ERROR,
                "the restored server lets no superuser in",
                "start it with a configuration of its own, see pg_hba.conf",
                cause);
    }

    /** Until {@code cairn} is told to end, which ends the server. */
    static void awaitEnd() throws InterruptedException {
        new CountDownLatch(1).await();
    }
}
