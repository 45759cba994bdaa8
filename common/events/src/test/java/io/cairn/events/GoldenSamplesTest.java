package io.cairn.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cairn.model.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Records as they once were written, which every later release must read. A sample is never
 * changed; what a release adds gets a further sample, {@code <Type>-<what>.json}.
 */
class GoldenSamplesTest {

    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    private final ObjectMapper json = new ObjectMapper();

    @ParameterizedTest
    @MethodSource("samples")
    void aSampleDecodesForEver(Path sample) throws IOException {
        JsonNode record = json.readTree(sample.toFile());

        EventEnvelope<?> event =
                EventCodec.decode(
                                headers(record),
                                Json.write(record.get("value")),
                                sample.getFileName().toString())
                        .orElseThrow();

        assertThat(event.data().getClass().getSimpleName()).isEqualTo(typeName(sample));
        ProducerRecord<String, byte[]> again = EventCodec.encode(event);
        assertThat(again.topic()).isEqualTo(record.get("topic").asText());
        assertThat(again.key()).isEqualTo(record.get("key").asText());
        assertThat(json.readTree(again.value()))
                .as("nothing got lost")
                .isEqualTo(record.get("value"));
        assertThat(event.id()).isEqualTo(event.data().deterministicId());
    }

    @Test
    void everyEventHasASample() throws IOException {
        assertThat(samples().map(GoldenSamplesTest::typeName).collect(Collectors.toSet()))
                .containsAll(EventTypes.all().stream().map(Class::getSimpleName).toList());
    }

    static Stream<Path> samples() throws IOException {
        try (Stream<Path> files = Files.list(GOLDEN)) {
            return files.sorted().toList().stream();
        }
    }

    private static String typeName(Path sample) {
        return sample.getFileName().toString().replaceFirst("(-.*)?\\.json$", "");
    }

    private static Headers headers(JsonNode record) {
        Headers headers = new RecordHeaders();
        record.get("headers")
                .properties()
                .forEach(header ->
                        headers.add(header.getKey(), header.getValue().asText().getBytes(UTF_8)));
        return headers;
    }
}
