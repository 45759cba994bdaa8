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
import io.cairn.model.BackupLabel;
import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.StoreName;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;
import io.cairn.restore.fixture.RealBackup;
import io.cairn.restore.fixture.SampleCluster;
import io.cairn.restore.fixture.SyntheticBackup;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.service.events.EventPublisher;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.s3.S3ObjectStore;
import io.cairn.testing.KafkaServer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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

    @Inject EventPublisher publisher;

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
                        CairnConfigReader.read(directory.resolve("test.yaml")).store(PRIMARY));
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
                .contains("cairn_drill_rto_seconds_count{cluster=\"shop\"");

        Instant now = Instant.now();
        publisher.publish(new ValidationDue(now.minusSeconds(7200), now.minusSeconds(3600)));
        EventEnvelope<ValidationDue> due =
                publisher.publish(new ValidationDue(now, now.plusSeconds(3600)));

        assertThat(next(RestoreDrillCompleted.class, commit).causationId()).contains(due.id());
    }

    @Test
    void aFlippedByteIsToldWithItsObject() throws Exception {
        CommitObject commit = new SyntheticBackup().storeIn(store, keys);
        ObjectKey volume = commit.archives().getFirst().volumes().get(1).object().key();
        byte[] bytes = store.read(volume, 1 << 20);
        bytes[bytes.length / 2] ^= 1;
        store.delete(volume);
        store.putIfAbsent(volume, ObjectBody.of(bytes)).orThrow();

        publisher.publish(completed(commit));

        ValidationFailed failed = (ValidationFailed) next(ValidationFailed.class, commit).data();
        assertThat(failed.object()).contains(volume);
        assertThat(failed.stage()).isEqualTo("bytes");
    }

    @Test
    void itIsReadyWhileItCanTakeWork() throws Exception {
        assertThat(get("/q/health/ready")).contains("\"intake\"", "\"UP\"");
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

    private String metrics() throws IOException, InterruptedException {
        return get("/metrics");
    }

    private String get(String path) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(root.resolve(path)).build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }
}
