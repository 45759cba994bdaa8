package io.cairn.validator.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cairn.archive.key.KeyFiles;
import io.cairn.config.CairnConfigReader;
import io.cairn.events.BackupCompleted;
import io.cairn.events.BackupProgressed;
import io.cairn.events.CairnEvent;
import io.cairn.events.EventCodec;
import io.cairn.events.EventEnvelope;
import io.cairn.events.RestoreDrillCompleted;
import io.cairn.events.Topics;
import io.cairn.events.ValidationDue;
import io.cairn.events.ValidationFailed;
import io.cairn.events.ValidationPassed;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.StoreName;
import io.cairn.model.Timeline;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.backup.Volume;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.SegmentSize;
import io.cairn.postgres.server.LocalServer;
import io.cairn.restore.fixture.RealBackup;
import io.cairn.restore.fixture.SampleCluster;
import io.cairn.restore.fixture.SyntheticBackup;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.restore.fixture.WalArchive;
import io.cairn.service.events.EventPublisher;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.s3.S3ObjectStore;
import io.cairn.testing.KafkaServer;
import io.cairn.testing.LoopbackHttp;
import io.cairn.testing.S3Server;
import io.cairn.testing.ServiceProcess;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.eclipse.microprofile.health.Readiness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The service as a whole, on a real broker, a real store with the validator's rights, and real
 * PostgreSQL.
 */
@QuarkusTest
@QuarkusTestResource(Platform.class)
class ValidatorIT {

    private static final StoreName PRIMARY = new StoreName("primary");
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    Path directory;
    KafkaServer kafka;
    S3Server s3;

    @Inject EventPublisher publisher;

    @Inject @Readiness ProofIntake intake;

    @TestHTTPResource("/")
    URI root;

    private ObjectStore store;
    private TestKeys keys;
    private KafkaConsumer<String, byte[]> consumer;
    private final List<EventEnvelope<?>> heard = new ArrayList<>();

    @BeforeEach
    void setUp() {
        store =
                S3ObjectStore.open(
                        CairnConfigReader.read(directory.resolve(Platform.EXECUTORS_CONFIG))
                                .store(PRIMARY));
        keys =
                TestKeys.read(
                        new KeyFiles(directory.resolve("keys")), Platform.PASSWORD.toCharArray());
        consumer =
                new KafkaConsumer<>(
                        Map.of(
                                "bootstrap.servers",
                                kafka.bootstrapServers(),
                                "group.id",
                                "test-" + UUID.randomUUID(),
                                "auto.offset.reset",
                                "earliest"),
                        new StringDeserializer(),
                        new ByteArrayDeserializer());
        consumer.subscribe(List.of(Topics.VALIDATION));
    }

    @AfterEach
    void tearDown() {
        consumer.close();
        store.close();
    }

    @Test
    void aCompletedBackupIsReadBackAndDrilledAndProvenAnewWhenDue() throws Exception {
        CommitObject commit;
        try (SampleCluster source =
                SampleCluster.start(Files.createDirectory(directory.resolve("sources")), 18)) {
            commit =
                    RealBackup.take(
                            source.server(),
                            SyntheticBackup.CLUSTER,
                            new BackupLabel("20291122T020000Z-F"),
                            store,
                            keys);
            source.server().execute("shop", "CREATE TABLE later AS TABLE orders");
            storeWal(commit, source.server());
        }
        publisher.publish(
                new BackupProgressed(commit.run(), commit.attempt(), 1, 2, 1, Instant.now()));
        EventEnvelope<BackupCompleted> completed = publisher.publish(completed(commit));

        EventEnvelope<?> passed = next(ValidationPassed.class, commit);
        EventEnvelope<?> drilled = next(RestoreDrillCompleted.class, commit);

        assertThat(passed.causationId()).contains(completed.id());
        assertThat(((ValidationPassed) passed.data()).files()).isEqualTo(commit.files());
        assertThat(drilled.causationId()).contains(completed.id());
        assertThat((RestoreDrillCompleted) drilled.data())
                .satisfies(drill -> {
                    assertThat(drill.databases()).isEqualTo(4);
                    assertThat(drill.rows()).isGreaterThan(40_000);
                    assertThat(drill.amcheck()).isTrue();
                    assertThat(drill.rto()).isPositive();
                    assertThat(drill.rtoObjective()).isEqualTo(Duration.ofMinutes(15));
                });
        assertThat(directory.resolve("scratch")).isEmptyDirectory();
        assertThat(metrics())
                .contains(
                        "cairn_validations_total{cluster=\"shop\",code=\"none\",outcome=\"passed\",stage=\"drill\"")
                .contains("cairn_drill_rto_seconds_count{cluster=\"shop\"")
                .contains("cairn_intake_outcomes_total{group=\"cairn-validator\"");

        // Every day from one of the stores, with the WAL behind it; of later backups, whose bytes
        // may have changed since they were proven, it is said as well.
        grew(commit);
        copyToTheSecondary(commit);
        CommitObject forged = forge("20291123T020000Z-F");
        Instant now = Instant.now();
        publisher.publish(new ValidationDue(now.minusSeconds(7200), now.minusSeconds(3600)));
        publisher.publish(new ValidationDue(now, now.plusSeconds(3600)));

        assertThat(next(ValidationFailed.class, forged).causationId())
                .hasValueSatisfying(id -> assertThat(id).contains(":point-in-time-due:" + now));
        RestoreDrillCompleted today =
                (RestoreDrillCompleted) next(RestoreDrillCompleted.class, commit).data();
        Instant tomorrow = now.plus(Duration.ofDays(1));
        publisher.publish(new ValidationDue(tomorrow, tomorrow));
        RestoreDrillCompleted again =
                (RestoreDrillCompleted) next(RestoreDrillCompleted.class, commit).data();

        assertThat(List.of(today.store(), again.store()))
                .containsExactlyInAnyOrder(PRIMARY, new StoreName("secondary"));
        assertThat(List.of(today, again))
                .allSatisfy(drill -> {
                    assertThat(drill.rows()).isGreaterThan(40_000);
                    assertThat(drill.restored().orElseThrow().chain())
                            .containsExactly(commit.label());
                    RestoreDrillCompleted.PointInTime reached = drill.pointInTime().orElseThrow();
                    assertThat(reached.target()).isAfter(commit.completedAt());
                    assertThat(reached.reached()).isGreaterThan(commit.stopLsn());
                    assertThat(reached.walBytes()).isPositive();
                    assertThat(drill.forecast().orElseThrow().rto()).isGreaterThan(drill.rto());
                });
        assertThat(directory.resolve("scratch")).isEmptyDirectory();
        assertThat(metrics())
                .contains("cairn_drill_rto_seconds_count{cluster=\"shop\",kind=\"point-in-time\"");
    }

    /** Fulls of the same cluster, taken before, and smaller. */
    private void grew(CommitObject commit) {
        for (int days = 9; days > 0; days -= 4) {
            Instant taken = Instant.now().minus(Duration.ofDays(days));
            new SyntheticBackup()
                    .ofSystem(commit.systemIdentifier().toString())
                    .labelled(BackupLabel.of(taken, BackupKind.FULL).value())
                    .completedAt(taken)
                    .storeIn(store, keys);
        }
    }

    private void storeWal(CommitObject commit, LocalServer server) throws Exception {
        SegmentSize size = new SegmentSize(Math.toIntExact(commit.walSegmentBytes()));
        Lsn from = size.startOf(commit.startLsn());
        Timeline timeline = new Timeline(1);
        new WalArchive(store, keys, commit.layout().root(), size, timeline, from)
                .everything(server, timeline, from);
    }

    /** As replication does, metadata included. */
    private void copyToTheSecondary(CommitObject commit) throws IOException {
        Path bucket = s3.files("backups");
        String root = commit.cluster() + "/" + commit.systemIdentifier();
        try (Stream<Path> files = Files.walk(bucket.resolve(root))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = s3.files("elsewhere").resolve(bucket.relativize(file));
                Files.createDirectories(target.getParent());
                Files.copy(file, target, StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    /** Of a snapshot, which is drilled as a full is. */
    @Test
    void aKilledValidatorsDrillIsDoneByAnotherAndNothingOfItIsLeft() throws Exception {
        CommitObject snapshot;
        try (SampleCluster source =
                SampleCluster.start(
                        Files.createDirectory(directory.resolve("snapshot-source")), 18)) {
            snapshot =
                    RealBackup.take(
                            source.server(),
                            SyntheticBackup.CLUSTER,
                            new BackupLabel("20261122T060000Z-S"),
                            store,
                            keys);
        }

        EventEnvelope<BackupCompleted> completed;
        ProcessHandle server;
        // The one that runs here takes nothing until the other has begun.
        intake.onStop(new ShutdownEvent());
        ServiceProcess other = anotherValidator();
        try {
            completed = publisher.publish(completed(snapshot));
            server = awaitDrilledServer(other);
            intake.onStart(new StartupEvent());
            assertThat(server.isAlive()).as("what another works in is left alone").isTrue();
        } finally {
            other.kill();
        }

        EventEnvelope<?> drilled = next(RestoreDrillCompleted.class, snapshot);

        assertThat(drilled.causationId()).contains(completed.id());
        assertThat(((RestoreDrillCompleted) drilled.data()).rows()).isGreaterThan(40_000);
        assertThat(server.isAlive()).as("the killed drill's server").isFalse();
        assertThat(directory.resolve("scratch")).isEmptyDirectory();
        assertThat(told(ValidationFailed.class, snapshot)).isEmpty();
        assertThat(told(RestoreDrillCompleted.class, snapshot)).isEmpty();
    }

    /** The packaged service, with the same settings as the one that runs here. */
    private ServiceProcess anotherValidator() {
        return ServiceProcess.start(
                directory,
                Map.of(
                        "CAIRN_SERVERS", System.getProperty("cairn.servers"),
                        "KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers(),
                        "CAIRN_CONFIG", directory.resolve(Platform.VALIDATORS_CONFIG).toString(),
                        "CAIRN_VALIDATOR_SCRATCH", directory.resolve("scratch").toString()));
    }

    /** Waits for the server of a validator's drill, which is read for some seconds. */
    private ProcessHandle awaitDrilledServer(ServiceProcess validator) {
        return await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(
                        () -> {
                            assertThat(validator.isAlive()).as(validator::log).isTrue();
                            return ProcessHandle.of(validator.pid()).stream()
                                    .flatMap(ProcessHandle::descendants)
                                    .filter(process ->
                                            worksIn(process, directory.resolve("scratch")))
                                    .findFirst();
                        },
                        Optional::isPresent)
                .orElseThrow();
    }

    /** Servers have their data directory as working directory. */
    private static boolean worksIn(ProcessHandle process, Path directory) {
        try {
            return Files.readSymbolicLink(Path.of("/proc", process.pid() + "", "cwd"))
                    .startsWith(directory.toRealPath());
        } catch (IOException _) {
            // It is gone again.
            return false;
        }
    }

    /** What was told besides, and is heard by now. */
    private List<? extends CairnEvent> told(Class<? extends CairnEvent> type, CommitObject commit) {
        consumer.poll(Duration.ofMillis(200))
                .forEach(record -> EventCodec.decode(record).ifPresent(heard::add));
        return heard.stream()
                .map(EventEnvelope::data)
                .filter(data ->
                        type.isInstance(data)
                                && data.deterministicId().startsWith(commit.run() + ":"))
                .toList();
    }

    @ParameterizedTest
    @EnumSource
    void whateverIsChangedInAStoredVolumeIsToldWithItsObject(Damage damage) throws Exception {
        CommitObject commit =
                new SyntheticBackup()
                        .labelled("20261101T0" + damage.ordinal() + "0000Z-F")
                        .storeIn(store, keys);
        List<Volume> volumes = commit.archives().getFirst().volumes();
        ObjectKey volume = volumes.get(1).object().key();
        damage.change(file(volume), file(volumes.getFirst().object().key()));

        publisher.publish(completed(commit));

        ValidationFailed failed = (ValidationFailed) next(ValidationFailed.class, commit).data();
        assertThat(failed.stage()).isEqualTo("bytes");
        assertThat(failed.object()).contains(volume);
    }

    /** In the store's own files, since no credential may change an object. */
    enum Damage {
        FLIP {
            @Override
            void change(Path volume, Path other) throws IOException {
                byte[] bytes = Files.readAllBytes(volume);
                bytes[bytes.length / 2] ^= 1;
                Files.write(volume, bytes);
            }
        },
        DROP {
            @Override
            void change(Path volume, Path other) throws IOException {
                Files.delete(volume);
            }
        },
        SWAP {
            @Override
            void change(Path volume, Path other) throws IOException {
                Files.write(volume, Files.readAllBytes(other));
            }
        },
        TRUNCATE {
            @Override
            void change(Path volume, Path other) throws IOException {
                byte[] bytes = Files.readAllBytes(volume);
                Files.write(volume, Arrays.copyOf(bytes, bytes.length / 2));
            }
        };

        abstract void change(Path volume, Path other) throws IOException;
    }

    @Test
    void aBackupThatNoExecutorSignedIsNeverProven() throws Exception {
        CommitObject commit = forge("20261123T020000Z-F");

        publisher.publish(completed(commit));

        ValidationFailed failed = (ValidationFailed) next(ValidationFailed.class, commit).data();
        assertThat(failed.code()).isEqualTo(ErrorCode.SIGNATURE_UNTRUSTED);
        assertThat(failed.stage()).isEqualTo("bytes");
    }

    @Test
    void whatCannotBeReadGoesToTheDeadLettersAndTheNextBackupIsProvenStill() throws Exception {
        try (KafkaProducer<String, byte[]> producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", kafka.bootstrapServers()),
                        new StringSerializer(),
                        new ByteArraySerializer())) {
            producer.send(
                            new ProducerRecord<>(
                                    Topics.DUE_MAINTENANCE,
                                    "shop",
                                    "poison".getBytes(StandardCharsets.UTF_8)))
                    .get();
            producer.send(
                            new ProducerRecord<>(
                                    Topics.LIFECYCLE,
                                    "shop",
                                    "poison".getBytes(StandardCharsets.UTF_8)))
                    .get();
        }
        CommitObject commit =
                new SyntheticBackup()
                        .labelled("20261124T020000Z-F")
                        .ofServerVersion(990_001)
                        .storeIn(store, keys);
        publisher.publish(completed(commit));

        next(ValidationPassed.class, commit);
        for (String topic : List.of(Topics.DUE_MAINTENANCE, Topics.LIFECYCLE)) {
            assertThat(deadLetterReason(topic)).startsWith("EVENT_UNREADABLE: cannot read record ");
        }
    }

    @Test
    void itIsReadyWhileItCanTakeWork() throws Exception {
        assertThat(get("/q/health/ready")).contains("\"intake\"", "\"UP\"");
    }

    /** Whole, and it opens; but whoever wrote it is not vouched for. */
    private CommitObject forge(String label) {
        TestKeys own = TestKeys.create();
        return new SyntheticBackup()
                .labelled(label)
                .storeIn(store, new TestKeys(own.authority(), keys.recipient(), own.signer()));
    }

    private Path file(ObjectKey key) {
        return s3.files("backups").resolve(key.value());
    }

    /** Of the topic's dead letter that says poison. */
    private String deadLetterReason(String topic) {
        try (KafkaConsumer<String, byte[]> letters =
                new KafkaConsumer<>(
                        Map.of(
                                "bootstrap.servers",
                                kafka.bootstrapServers(),
                                "group.id",
                                "test-" + UUID.randomUUID(),
                                "auto.offset.reset",
                                "earliest"),
                        new StringDeserializer(),
                        new ByteArrayDeserializer())) {
            letters.subscribe(List.of(Topics.deadLetter(topic)));
            List<String> reasons = new ArrayList<>();
            await().atMost(PATIENCE)
                    .pollInSameThread()
                    .until(() -> {
                        letters.poll(Duration.ofMillis(200))
                                .forEach(letter ->
                                        reasons.add(
                                                new String(
                                                        letter.headers()
                                                                .lastHeader("cairn_dlq_reason")
                                                                .value(),
                                                        StandardCharsets.UTF_8)));
                        return !reasons.isEmpty();
                    });
            return reasons.getFirst();
        }
    }

    private BackupCompleted completed(CommitObject commit) {
        byte[] json = store.read(commit.layout().commit(), 1 << 20);
        StoredObject object =
                new StoredObject(commit.layout().commit(), json.length, Sha256.of(json));
        return BackupCompleted.of(commit, object, PRIMARY);
    }

    /** The next fact of a kind about a backup that has not been asked for yet. */
    private EventEnvelope<?> next(Class<? extends CairnEvent> type, CommitObject commit) {
        return await().atMost(PATIENCE)
                .pollInSameThread()
                .until(() -> take(type, commit), Optional::isPresent)
                .orElseThrow();
    }

    private Optional<EventEnvelope<?>> take(Class<? extends CairnEvent> type, CommitObject commit) {
        consumer.poll(Duration.ofMillis(200))
                .forEach(record -> EventCodec.decode(record).ifPresent(heard::add));
        for (EventEnvelope<?> event : heard) {
            if (type.isInstance(event.data())
                    && event.data().deterministicId().startsWith(commit.run() + ":")) {
                heard.remove(event);
                return Optional.of(event);
            }
        }
        return Optional.empty();
    }

    private String metrics() throws InterruptedException {
        return get("/metrics");
    }

    private String get(String path) throws InterruptedException {
        return LoopbackHttp.get(root.resolve(path));
    }
}
