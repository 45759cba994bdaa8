package io.cairn.service.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cairn.config.CairnConfig;
import io.cairn.events.BackupSkipped;
import io.cairn.events.EventCodec;
import io.cairn.events.EventEnvelope;
import io.cairn.events.Topics;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.service.events.EventPublisher;
import io.cairn.service.intake.IntakeMetrics;
import io.cairn.service.intake.IntakeSettings;
import io.cairn.service.intake.Outcome;
import io.cairn.service.intake.ShareGroupIntake;
import io.cairn.service.kafka.KafkaSettings;
import io.cairn.service.kafka.TopicProvisioner;
import io.cairn.service.kafka.TopicSettings;
import io.cairn.service.storage.Stores;
import io.cairn.testing.KafkaServer;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.config.WithDefault;
import jakarta.inject.Inject;
import java.io.IOException;
import java.lang.reflect.Method;
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
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A service that has nothing but this library, started as a whole. */
@QuarkusTest
@QuarkusTestResource(Platform.class)
class ServiceIT {

    private static final Instant NOW = Instant.parse("2026-11-22T02:00:00Z");

    KafkaServer kafka;

    @Inject EventPublisher publisher;

    @Inject CairnConfig config;

    @Inject Stores stores;

    @Inject KafkaSettings kafkaSettings;

    @Inject TopicSettings topicSettings;

    @Inject MeterRegistry registry;

    @TestHTTPResource("/")
    URI root;

    @AfterEach
    void brokerRuns() {
        kafka.start();
    }

    @Test
    void theConfigurationIsABean() {
        assertThat(config.clusters()).containsOnlyKeys(new ClusterName("shop"));
    }

    @Test
    void storesAreOpenedOnceAndByName() {
        StoreName primary = new StoreName("primary");

        assertThat(stores.store(primary).name()).isEqualTo(primary);
        assertThat(stores.store(primary)).isSameAs(stores.store(primary));
        assertThatThrownBy(() -> stores.store(new StoreName("nowhere")))
                .hasMessageContaining("no store 'nowhere' in the configuration");
    }

    @Test
    void everyTopicIsThereBeforeAnythingElse() throws Exception {
        try (Admin admin = Admin.create(kafkaSettings.client())) {
            List<String> expected =
                    Stream.concat(
                                    Stream.concat(
                                            Topics.all().stream(),
                                            Topics.all().stream().map(Topics::deadLetter)),
                                    Stream.of(Topics.SCHEDULE))
                            .toList();
            assertThat(admin.listTopics().names().get()).containsAll(expected);
            var described = admin.describeTopics(expected).allTopicNames().get();
            assertThat(described.get(Topics.VALIDATION).partitions()).hasSize(3);
            assertThat(described.get(Topics.LIFECYCLE).partitions()).hasSize(1);
            assertThat(described.get(Topics.due(Tier.QUEUE)).partitions()).hasSize(1);
            assertThat(described.get(Topics.REQUESTS).partitions()).hasSize(1);
            assertThat(described.get(Topics.SCHEDULE).partitions()).hasSize(1);
            assertThat(setting(admin, Topics.SCHEDULE, "cleanup.policy")).isEqualTo("compact");
            assertThat(setting(admin, Topics.LIFECYCLE, "retention.ms"))
                    .isEqualTo(Long.toString(Duration.ofDays(400).toMillis()));
            assertThat(setting(admin, Topics.due(Tier.OLTP), "retention.ms"))
                    .isEqualTo(Long.toString(Duration.ofDays(7).toMillis()));
            assertThat(
                            setting(
                                    admin,
                                    Topics.deadLetter(Topics.due(Tier.OLTP)),
                                    "errors.deadletterqueue.group.enable"))
                    .isEqualTo("true");
        }
    }

    @Test
    void provisioningAgainRestoresTheRulesAndKeepsTheOperatorsRetention() throws Exception {
        try (Admin admin = Admin.create(kafkaSettings.client())) {
            set(admin, Topics.SCHEDULE, "cleanup.policy", "delete");
            set(admin, Topics.REPLICATION, "retention.ms", "12345678");

            TopicProvisioner.provision(kafkaSettings.client(), topicSettings);

            assertThat(setting(admin, Topics.SCHEDULE, "cleanup.policy")).isEqualTo("compact");
            assertThat(setting(admin, Topics.REPLICATION, "retention.ms")).isEqualTo("12345678");
        }
    }

    @Test
    void servicesThatProvisionAtOnceDoNotDisturbEachOther() throws Exception {
        try (Admin admin = Admin.create(kafkaSettings.client())) {
            admin.deleteTopics(List.of(Topics.OBJECTIVES, Topics.deadLetter(Topics.OBJECTIVES)))
                    .all()
                    .get();
            await().until(() -> !admin.listTopics().names().get().contains(Topics.OBJECTIVES));

            List<Thread> services =
                    IntStream.range(0, 5)
                            .mapToObj(i ->
                                    Thread.startVirtualThread(() ->
                                            TopicProvisioner.provision(
                                                    kafkaSettings.client(), topicSettings)))
                            .toList();
            List<Throwable> failures = new ArrayList<>();
            for (Thread service : services) {
                service.setUncaughtExceptionHandler((thread, e) -> failures.add(e));
                service.join();
            }

            assertThat(failures).isEmpty();
            assertThat(admin.listTopics().names().get()).contains(Topics.OBJECTIVES);
        }
    }

    @Test
    void theTopicSettingsAreDocumentedAsTheyAre() throws IOException {
        String page = Files.readString(Path.of("../../docs/configuration.md"));

        for (Method setting : TopicSettings.class.getDeclaredMethods()) {
            String name = setting.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
            WithDefault written = setting.getAnnotation(WithDefault.class);
            String value = written == null ? "" : "`" + written.value() + "`";
            assertThat(page).contains("| `cairn.topics." + name + "` | " + value);
        }
    }

    @Test
    void aFactOfALaterReleaseIsPassedOver() throws Exception {
        publisher.publish(skipped());
        EventEnvelope<BackupSkipped> known = EventEnvelope.of(skipped(), "/cairn/test", NOW);
        ProducerRecord<String, byte[]> later = EventCodec.encode(known);
        later.headers()
                .remove("ce_type")
                .add("ce_type", "io.cairn.MoonPhaseChanged.v1".getBytes(UTF_8));
        try (KafkaProducer<String, byte[]> producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", kafka.bootstrapServers()),
                        new StringSerializer(),
                        new ByteArraySerializer())) {
            producer.send(later).get();
        }
        EventEnvelope<BackupSkipped> last = publisher.publish(skipped());
        Set<String> handled = ConcurrentHashMap.newKeySet();

        IntakeSettings settings =
                IntakeSettings.of(
                        kafka.bootstrapServers(),
                        "facts-" + UUID.randomUUID(),
                        List.of(Topics.LIFECYCLE),
                        1);
        try (ShareGroupIntake intake =
                ShareGroupIntake.start(
                        settings,
                        (event, delivery) -> {
                            handled.add(event.id());
                            return Outcome.done();
                        })) {
            IntakeMetrics.bind(intake, registry);
            await().atMost(60, TimeUnit.SECONDS).until(() -> handled.contains(last.id()));
            await().until(() -> intake.running() == 0);

            assertThat(handled).doesNotContain(known.id());
            assertThat(intake.counts().deadLettered()).isZero();
            assertThat(get("/q/metrics").body())
                    .contains(
                            "cairn_intake_outcomes_total{group=\""
                                    + settings.group()
                                    + "\",outcome=\"done\"}")
                    .contains("cairn_intake_running{group=\"" + settings.group() + "\"} 0.0");
        }
    }

    @Test
    void aPublishedFactIsOnItsTopicWhenPublishReturns() {
        BackupSkipped fact = skipped();
        EventEnvelope<?> cause =
                EventEnvelope.of(skipped(), "/cairn/elsewhere", NOW)
                        .correlatedWith("the-run")
                        .tracedBy("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

        EventEnvelope<BackupSkipped> published = publisher.publish(fact, Optional.of(cause));

        ConsumerRecord<String, byte[]> record = onTopic(Topics.LIFECYCLE, published.id());
        assertThat(record.key()).isEqualTo(fact.cluster().value());
        assertThat(header(record, "ce_type")).isEqualTo("io.cairn.BackupSkipped.v1");
        assertThat(header(record, "ce_source")).isEqualTo("/cairn/test-service");
        assertThat(header(record, "content-type")).isEqualTo("application/json");
        EventEnvelope<?> read = EventCodec.decode(record).orElseThrow();
        assertThat(read.data()).isEqualTo(fact);
        assertThat(read.causationId()).contains(cause.id());
        assertThat(read.correlationId()).as("the fact's own run").contains(fact.run().toString());
        assertThat(read.traceparent().orElseThrow())
                .startsWith("00-0af7651916cd43dd8448eb211c80319c-")
                .doesNotContain("b7ad6b7169203331");
    }

    @Test
    void manyPublishersAtOnceAllGetTheirAcknowledgement() throws InterruptedException {
        List<BackupSkipped> facts = IntStream.range(0, 1000).mapToObj(i -> skipped()).toList();
        List<Throwable> failures = new ArrayList<>();

        List<Thread> publishers =
                facts.stream()
                        .map(fact ->
                                Thread.ofVirtual()
                                        .uncaughtExceptionHandler((thread, e) -> failures.add(e))
                                        .start(() -> publisher.publish(fact)))
                        .toList();
        for (Thread one : publishers) {
            one.join();
        }

        assertThat(failures).isEmpty();
        assertThat(onTopic(Topics.LIFECYCLE, facts.getLast().deterministicId())).isNotNull();
    }

    @Test
    void publishingSaysWhenTheBrokerIsAwayAndWorksAgainWhenItIsBack() {
        kafka.kill();

        CairnException e =
                catchThrowableOfType(CairnException.class, () -> publisher.publish(skipped()));
        assertThat(e.code()).isEqualTo(ErrorCode.BROKER_UNREACHABLE);
        assertThat(e.hint()).isPresent();
        assertThat(get("/q/health/ready").statusCode()).isEqualTo(503);
        assertThat(get("/q/health/live").statusCode())
                .as("a restart would end running work")
                .isEqualTo(200);

        kafka.start();
        await().atMost(30, TimeUnit.SECONDS)
                .ignoreExceptions()
                .untilAsserted(() -> {
                    EventEnvelope<BackupSkipped> published = publisher.publish(skipped());
                    assertThat(onTopic(Topics.LIFECYCLE, published.id())).isNotNull();
                });
        await().until(() -> get("/q/health/ready").statusCode() == 200);
    }

    @ParameterizedTest
    @CsvSource({
        "CLUSTER_UNKNOWN, 404, CONFIG, Cluster unknown",
        "REQUEST_INVALID, 400, CONFIG, Request invalid",
        "KIND_UNSUPPORTED, 422, PERMANENT, Kind unsupported",
        "STORE_UNREACHABLE, 503, TRANSIENT, Store unreachable",
        "ARCHIVE_CORRUPT, 500, CORRUPTION, Archive corrupt",
    })
    void anErrorIsAProblem(String code, int status, String category, String title)
            throws Exception {
        HttpResponse<String> response = get("/fail/code/" + code);

        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type"))
                .hasValueSatisfying(
                        type -> assertThat(type).startsWith("application/problem+json"));
        assertThat(new ObjectMapper().readTree(response.body()))
                .isEqualTo(
                        new ObjectMapper()
                                .readTree(
                                        """
                                        {"type": "urn:cairn:error:%s", "title": "%s", "status": %d, "detail": "it failed", "code": "%s",
                                         "category": "%s", "hint": "do this next"}
                                        """
                                                .formatted(code, title, status, code, category)));
    }

    @Test
    void aDefectShowsNothingOfItsInside() throws Exception {
        HttpResponse<String> response = get("/fail/bug");

        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(problem(response).get("code").asText()).isEqualTo("INTERNAL");
        assertThat(response.body()).doesNotContain("secret inner detail");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"cluster\": \"a/b\", \"count\": 1}  | 400 | NAME_INVALID",
                "{\"cluster\": \"shop\", \"count\": {}} | 400 | REQUEST_INVALID",
                "no json                               | 400 | REQUEST_INVALID",
            })
    void aBodyThatIsWrongIsAProblem(String body, int status, String code) throws Exception {
        HttpResponse<String> response =
                send(
                        HttpRequest.newBuilder(root.resolve("/fail/body"))
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(body)));

        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(problem(response).get("code").asText()).isEqualTo(code);
    }

    @Test
    void anUnknownPathIsAProblem() throws Exception {
        HttpResponse<String> response = get("/nowhere");

        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(problem(response).get("code").asText()).isEqualTo("REQUEST_INVALID");
    }

    private static BackupSkipped skipped() {
        ClusterName cluster = new ClusterName("c" + UUID.randomUUID());
        return new BackupSkipped(
                RunId.parse(cluster + ":20261122T020000Z-F"), Tier.OLTP, NOW, "too late");
    }

    private JsonNode problem(HttpResponse<String> response) throws IOException {
        assertThat(response.headers().firstValue("Content-Type").orElse(""))
                .startsWith("application/problem+json");
        return new ObjectMapper().readTree(response.body());
    }

    private HttpResponse<String> get(String path) {
        return send(HttpRequest.newBuilder(root.resolve(path)));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) {
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private ConsumerRecord<String, byte[]> onTopic(String topic, String id) {
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(
                        Map.of(
                                "bootstrap.servers",
                                kafka.bootstrapServers(),
                                "group.id",
                                UUID.randomUUID().toString(),
                                "auto.offset.reset",
                                "earliest"),
                        new StringDeserializer(),
                        new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(topic));
            Instant end = Instant.now().plusSeconds(30);
            while (Instant.now().isBefore(end)) {
                for (ConsumerRecord<String, byte[]> record :
                        consumer.poll(Duration.ofMillis(200))) {
                    if (header(record, "ce_id").equals(id)) {
                        return record;
                    }
                }
            }
        }
        throw new AssertionError(id + " is not on " + topic);
    }

    private static String header(ConsumerRecord<?, ?> record, String name) {
        return new String(record.headers().lastHeader(name).value(), UTF_8);
    }

    private static String setting(Admin admin, String topic, String name)
            throws ExecutionException, InterruptedException {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        Config described = admin.describeConfigs(List.of(resource)).all().get().get(resource);
        return described.get(name).value();
    }

    private static void set(Admin admin, String topic, String name, String value)
            throws ExecutionException, InterruptedException {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        AlterConfigOp change =
                new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
        admin.incrementalAlterConfigs(Map.of(resource, List.of(change))).all().get();
        await().until(() -> setting(admin, topic, name).equals(value));
    }
}
