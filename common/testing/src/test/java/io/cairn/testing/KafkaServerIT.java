package io.cairn.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KafkaServerIT {

    private static final Duration ENOUGH = Duration.ofSeconds(30);

    @SuppressWarnings("NullAway.Init") // set by JUnit
    private KafkaServer kafka;

    @BeforeAll
    void start(@TempDir Path directory) {
        kafka = KafkaServer.in(directory).start();
    }

    @AfterAll
    void stop() {
        kafka.close();
    }

    @Test
    void keepsItsRecordsOverKillMinusNine() throws Exception {
        produce("before", "one", "two");
        long firstPid = kafka.pid();

        kafka.kill();
        assertThat(kafka.isRunning()).isFalse();
        kafka.start();
        produce("before", "three");

        assertThat(kafka.pid()).isNotEqualTo(firstPid);
        assertThat(consume("before", 3)).containsExactly("one", "two", "three");
    }

    @Test
    void keepsItsRecordsOverAStop() throws Exception {
        produce("orderly", "one");

        kafka.stop();
        kafka.start();

        assertThat(consume("orderly", 1)).containsExactly("one");
    }

    @Test
    void standsStillWhileSuspendedAndGoesOnAfterwards() throws Exception {
        try (KafkaProducer<String, String> producer = producer()) {
            producer.send(new ProducerRecord<>("pause", "one"))
                    .get(ENOUGH.toSeconds(), TimeUnit.SECONDS);

            kafka.suspend();
            var sent = producer.send(new ProducerRecord<>("pause", "two"));
            try {
                assertThat(sent).failsWithin(Duration.ofMillis(500));
            } finally {
                kafka.resume();
            }
            sent.get(ENOUGH.toSeconds(), TimeUnit.SECONDS);
        }

        assertThat(consume("pause", 2)).containsExactly("one", "two");
    }

    @Test
    void tellsItsMemoryAndProcessorTime() {
        assertThat(TestProcesses.residentBytes(kafka.pid())).isBetween(50L << 20, 600L << 20);
        assertThat(TestProcesses.cpu(kafka.pid())).isPositive();
    }

    private void produce(String topic, String... values) throws Exception {
        try (KafkaProducer<String, String> producer = producer()) {
            for (String value : values) {
                producer.send(new ProducerRecord<>(topic, value))
                        .get(ENOUGH.toSeconds(), TimeUnit.SECONDS);
            }
        }
    }

    private KafkaProducer<String, String> producer() {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers()),
                new StringSerializer(),
                new StringSerializer());
    }

    private List<String> consume(String topic, int count) {
        Map<String, Object> settings =
                Map.of(
                        "bootstrap.servers",
                        kafka.bootstrapServers(),
                        "group.id",
                        topic,
                        "auto.offset.reset",
                        "earliest");
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(topic));
            Awaitility.await()
                    .atMost(ENOUGH)
                    .until(() -> {
                        consumer.poll(Duration.ofMillis(200))
                                .forEach(polled -> values.add(polled.value()));
                        return values.size() >= count;
                    });
        }
        return values;
    }
}
