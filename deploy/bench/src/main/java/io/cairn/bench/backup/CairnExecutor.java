package io.cairn.bench.backup;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.archive.key.Certificates;
import io.cairn.archive.key.Identity;
import io.cairn.archive.key.KeyAlgorithm;
import io.cairn.archive.key.KeyFiles;
import io.cairn.bench.Folders;
import io.cairn.bench.ProcessTimes;
import io.cairn.bench.SourceCluster;
import io.cairn.bench.StoreServer;
import io.cairn.config.CairnConfig;
import io.cairn.config.ClusterConfig;
import io.cairn.config.ClusterConfig.Tls;
import io.cairn.config.ClusterConfig.TlsMode;
import io.cairn.config.KeysConfig;
import io.cairn.config.KeysConfig.Pkcs12;
import io.cairn.config.Secret;
import io.cairn.config.SecretReference;
import io.cairn.config.StoreConfig;
import io.cairn.events.BackupDue;
import io.cairn.events.DueCause;
import io.cairn.executor.basebackup.BackupRuns;
import io.cairn.executor.basebackup.PipelineSettings;
import io.cairn.executor.basebackup.RunEnvironment;
import io.cairn.executor.basebackup.RunOutcome;
import io.cairn.executor.basebackup.RunSettings;
import io.cairn.executor.basebackup.postgres.PostgresSource;
import io.cairn.executor.publish.CommittedBackup;
import io.cairn.executor.publish.RunEvents;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.policy.RunPolicy;
import io.cairn.restore.backup.BackupLister;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.contents.ReadSettings;
import io.cairn.restore.engine.RestoreEngine;
import io.cairn.restore.engine.RestoreSettings;
import io.cairn.restore.plan.BackupSelection;
import io.cairn.restore.plan.RestorePlanner;
import io.cairn.restore.plan.RestoreRequest;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.s3.S3ObjectStore;
import io.cairn.testing.S3Server;
import io.cairn.testing.TestProcesses;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Cairn as an executor runs it: one JVM that lives for all backups, this one, with an executor's
 * settings. Only the events are not published. Restores run in the same JVM.
 */
final class CairnExecutor implements Contender, AutoCloseable {

    private static final ClusterName CLUSTER = new ClusterName("business");
    private static final StoreName STORE = new StoreName("bench");
    private static final String BUCKET = "cairn";

    private final StoreServer server;
    private final S3ObjectStore store;
    private final BackupRuns runs;
    private final RestorePlanner planner;
    private final RestoreEngine engine;
    private final int level;
    private @Nullable CommittedBackup last;

    private CairnExecutor(
            StoreServer server,
            S3ObjectStore store,
            BackupRuns runs,
            RestorePlanner planner,
            RestoreEngine engine,
            int level) {
        this.server = server;
        this.store = store;
        this.runs = runs;
        this.planner = planner;
        this.engine = engine;
        this.level = level;
    }

    /**
     * @param directory for keys and secrets
     * @param threads that decode in a restore
     */
    static CairnExecutor create(
            Path directory, SourceCluster cluster, StoreServer server, int level, int threads)
            throws IOException {
        Folders.create(directory);
        server.createBucket(BUCKET);
        Secret password = Folders.randomSecret();
        KeyFiles keys =
                KeyFiles.create(
                        directory.resolve("keys"),
                        "bench",
                        KeyAlgorithm.EC_P256,
                        password.chars(),
                        Instant.now().minusSeconds(60),
                        Duration.ofDays(30));
        CairnConfig config =
                new CairnConfig(
                        one(CLUSTER, cluster(directory, cluster)),
                        one(STORE, store(directory, server)),
                        keys(keys, secret(directory, "keys.secret", password)),
                        Map.of(),
                        List.of(),
                        Map.of());
        S3ObjectStore store = S3ObjectStore.open(config.store(STORE));
        RunSettings once = RunSettings.DEFAULT.withAttempts(1);
        return new CairnExecutor(
                server,
                store,
                new BackupRuns(
                        config,
                        _ -> store,
                        PostgresSource::new,
                        once,
                        PipelineSettings.DEFAULT,
                        RunEnvironment.of("bench/" + ProcessHandle.current().pid())),
                new RestorePlanner(
                        new BackupLister(
                                List.of(
                                        new BackupReader(
                                                store,
                                                Certificates.read(keys.authorityCertificate())))),
                        Identity.read(keys.recipient(), password.chars()),
                        GzipCodec.best()),
                new RestoreEngine(
                        new RestoreSettings(
                                ReadSettings.defaults().withThreads(threads),
                                RestoreSettings.SYNC_THREADS_DEFAULT)),
                level);
    }

    private static <K, V> SequencedMap<K, V> one(K key, V value) {
        return new LinkedHashMap<>(Map.of(key, value));
    }

    private static SecretReference secret(Path directory, String name, Secret secret)
            throws IOException {
        return new SecretReference(
                "file:" + Folders.write(directory.resolve(name), secret.reveal()));
    }

    private static ClusterConfig cluster(Path directory, SourceCluster cluster) throws IOException {
        return new ClusterConfig(
                CLUSTER,
                Tier.OLTP,
                List.of(cluster.address()),
                SourceCluster.ROLE,
                Optional.of(secret(directory, "role.secret", cluster.password())),
                "postgres",
                new Tls(TlsMode.DISABLE, Optional.empty()),
                Optional.empty());
    }

    private static StoreConfig store(Path directory, StoreServer server) throws IOException {
        return new StoreConfig(
                STORE,
                BUCKET,
                S3Server.REGION,
                Optional.of(server.server().endpoint()),
                true,
                Optional.of(
                        secret(directory, "s3-id.secret", Secret.of(StoreServer.ACCESS_KEY_ID))),
                Optional.of(secret(directory, "s3.secret", server.secretAccessKey())),
                Optional.of(server.certificate()));
    }

    private static KeysConfig keys(KeyFiles files, SecretReference password) {
        return new KeysConfig(
                List.of(files.recipientCertificate()),
                Optional.of(new Pkcs12(files.signer(), password)),
                Optional.of(files.authorityCertificate()),
                Optional.of(new Pkcs12(files.recipient(), password)));
    }

    @Override
    public String name() {
        return "Cairn";
    }

    @Override
    public String codec() {
        return GzipCodec.best().name();
    }

    @Override
    public void backup() throws InterruptedException {
        Instant now = Instant.now();
        BackupDue due =
                new BackupDue(
                        new RunId(CLUSTER, BackupLabel.of(now, BackupKind.FULL)),
                        Tier.OLTP,
                        now,
                        now.plus(Duration.ofHours(1)),
                        // Takes a fast checkpoint, as pgBackRest is told to.
                        DueCause.REQUESTED,
                        new RunPolicy(
                                Duration.ofDays(30),
                                Duration.ofMinutes(15),
                                Duration.ofMinutes(15),
                                List.of(STORE),
                                level,
                                RunPolicy.VOLUME_BYTES_DEFAULT));
        last =
                switch (runs.run(due, RunEvents.NONE)) {
                    case RunOutcome.Taken(CommittedBackup taken) -> taken;
                    case RunOutcome.Failed failed -> throw failed.failure();
                    case RunOutcome other ->
                            throw new IllegalStateException("the run ended as " + other);
                };
    }

    private CommittedBackup last() {
        if (last == null) {
            throw new IllegalStateException("there is no backup yet");
        }
        return last;
    }

    @Override
    public BackupSize lastBackup() throws IOException {
        return new BackupSize(last().commit().bytesIn(), server.size(BUCKET));
    }

    @Override
    public void restore(Path directory) throws InterruptedException {
        BackupSelection selection = new BackupSelection.Labelled(last().commit().label());
        engine.restore(
                planner.plan(RestoreRequest.of(CLUSTER, selection, directory)), (_, _) -> {});
    }

    @Override
    public void forget() {
        try (Stream<ObjectInfo> objects = store.list("")) {
            objects.map(ObjectInfo::key).toList().forEach(store::delete);
        }
    }

    @Override
    public Duration cpu() {
        return ProcessTimes.self().own();
    }

    @Override
    public void watchMemory() {
        ProcessTimes.forgetPeak();
    }

    @Override
    public long peakBytes() {
        return TestProcesses.peakResidentBytes(ProcessHandle.current().pid());
    }

    @Override
    public void close() {
        store.close();
    }
}
