package io.cairn.bench.rpo0;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.bench.Folders;
import io.cairn.bench.Installation;
import io.cairn.bench.StoreServer;
import io.cairn.config.Secret;
import io.cairn.config.StoreConfig;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.server.PostgresBinaries;
import io.cairn.restore.backup.BackupLister;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.engine.RestoreEngine;
import io.cairn.restore.engine.RestoreProgress;
import io.cairn.restore.engine.RestoreSettings;
import io.cairn.restore.recovery.Recovery;
import io.cairn.restore.recovery.RecoveryPlan;
import io.cairn.restore.recovery.RecoveryPlanner;
import io.cairn.restore.recovery.RecoveryProgress;
import io.cairn.restore.recovery.RecoveryRequest;
import io.cairn.restore.recovery.RecoverySettings;
import io.cairn.restore.recovery.RecoveryTarget;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.s3.S3ObjectStore;
import io.cairn.testing.S3Server;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * Copies of buckets in an S3 server that nothing is done to, and what is restored from them: with
 * the same engine as {@code cairn restore}, to the last of the WAL, and booted.
 */
final class Restores implements AutoCloseable {

    private final Path directory;
    private final Installation installation;
    private final S3Server server;

    private Restores(Path directory, Installation installation, S3Server server) {
        this.directory = directory;
        this.installation = installation;
        this.server = server;
    }

    /**
     * @param secretAccessKey of the regions
     */
    static Restores in(Path directory, Installation installation, Secret secretAccessKey)
            throws IOException {
        Folders.create(directory);
        return new Restores(
                directory,
                installation,
                S3Server.in(Folders.create(directory.resolve("copies")))
                        .credential(StoreServer.ACCESS_KEY_ID, secretAccessKey.reveal())
                        .start());
    }

    /** Copies a region's bucket as it is at this moment. */
    void copy(Region region, String round) throws IOException {
        ObjectFiles.link(region.files(), server.files(bucket(region, round)));
    }

    private static String bucket(Region region, String round) {
        return region.name().value() + "-" + round;
    }

    /** The numbers that a server has which was restored from the copies alone. */
    BitSet restore(List<Region> regions, String round)
            throws InterruptedException, SQLException, IOException {
        List<ObjectStore> stores = new ArrayList<>();
        try {
            regions.forEach(region -> stores.add(open(region, round)));
            Path target = directory.resolve(round);
            RecoveryPlan plan =
                    planner(stores)
                            .plan(
                                    RecoveryRequest.of(
                                            Source.CLUSTER, new RecoveryTarget.Latest(), target));
            new RestoreEngine(RestoreSettings.defaults())
                    .restore(plan.base(), RestoreProgress.NONE);
            new Recovery(RecoverySettings.defaults()).run(plan, RecoveryProgress.NONE);
            return numbers(target);
        } finally {
            stores.forEach(ObjectStore::close);
        }
    }

    private ObjectStore open(Region region, String round) {
        StoreConfig original = installation.config().store(region.name());
        return S3ObjectStore.open(
                new StoreConfig(
                        original.name(),
                        bucket(region, round),
                        original.region(),
                        Optional.of(server.endpoint()),
                        original.pathStyle(),
                        original.accessKeyId(),
                        original.secretAccessKey(),
                        original.caCertificate()));
    }

    private RecoveryPlanner planner(List<ObjectStore> stores) {
        BackupLister lister =
                new BackupLister(
                        stores.stream()
                                .map(store -> new BackupReader(store, installation.trustAnchor()))
                                .toList());
        return new RecoveryPlanner(lister, stores, installation.identity(), GzipCodec.best());
    }

    private static BitSet numbers(Path target) throws SQLException {
        BitSet numbers = new BitSet();
        try (LocalServer restored =
                        LocalServer.on(PostgresBinaries.find(Source.MAJOR), target)
                                .privateSocket()
                                .setting("synchronous_standby_names", "")
                                .start();
                Connection connection = restored.connect(Source.DATABASE);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT n FROM " + Writers.TABLE)) {
            while (rows.next()) {
                numbers.set(rows.getInt(1));
            }
        }
        return numbers;
    }

    /** Forgets a round's copies and what was restored from them. */
    void delete(List<Region> regions, String round) throws IOException {
        for (Region region : regions) {
            Folders.delete(server.files(bucket(region, round)));
        }
        Folders.delete(directory.resolve(round));
        Folders.delete(directory.resolve(round + ".log"));
    }

    @Override
    public void close() {
        server.close();
    }
}
