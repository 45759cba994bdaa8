package io.cairn.bench;

import io.cairn.config.Secret;
import io.cairn.model.wal.SegmentSize;
import io.cairn.postgres.server.DataDirectory;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.server.PostgresBinaries;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;

/** PostgreSQL 18 with segments so small that a run passes many of their ends. */
public final class SmallServer {

    public static final int MAJOR = 18;
    public static final String DATABASE = "postgres";

    public static final SegmentSize SEGMENT = new SegmentSize(1 << 20);

    private SmallServer() {}

    /**
     * Starts a new one that can be backed up.
     *
     * @param directory becomes the parent of the data directory
     * @param password of the role {@link SourceCluster#ROLE}
     */
    public static LocalServer start(Path directory, Secret password, Map<String, String> settings)
            throws IOException, SQLException {
        Folders.create(directory);
        PostgresBinaries binaries = PostgresBinaries.find(MAJOR);
        Path data =
                DataDirectory.at(binaries, directory.resolve("data"))
                        .walSegmentMegabytes(SEGMENT.bytes() >> 20)
                        .checksums(true)
                        .withoutSync()
                        .create();
        LocalServer server =
                LocalServer.on(binaries, data)
                        .setting("wal_level", "replica")
                        .settings(settings)
                        .start();
        server.execute(
                DATABASE,
                "CREATE ROLE "
                        + SourceCluster.ROLE
                        + " LOGIN REPLICATION PASSWORD '"
                        + password.reveal()
                        + "'",
                "GRANT pg_monitor TO " + SourceCluster.ROLE,
                "GRANT EXECUTE ON FUNCTION pg_switch_wal() TO " + SourceCluster.ROLE);
        return server;
    }
}
