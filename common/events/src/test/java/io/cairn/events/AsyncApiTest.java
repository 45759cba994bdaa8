package io.cairn.events;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cairn.model.Tier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** {@code docs/asyncapi.yaml} names every topic and every event, each where it belongs. */
class AsyncApiTest {

    private static final Path DOCS = Path.of("../../docs");

    private final ObjectMapper json = new ObjectMapper();
    private JsonNode document;

    @BeforeEach
    void read() throws IOException {
        Object yaml =
                new Yaml(new SafeConstructor(new LoaderOptions()))
                        .load(Files.readString(DOCS.resolve("asyncapi.yaml")));
        document = json.valueToTree(yaml);
    }

    @Test
    void everyTopicIsAChannel() {
        Set<String> expected = new HashSet<>(Topics.all());
        expected.add(Topics.SCHEDULE);
        for (Tier tier : Tier.values()) {
            expected.remove(Topics.due(tier));
        }
        expected.add("cairn.due.{tier}");
        expected.add(Topics.deadLetter("{topic}"));

        assertThat(document.get("asyncapi").asText()).isEqualTo("3.0.0");
        assertThat(document.get("channels").findValuesAsText("address"))
                .containsExactlyInAnyOrderElementsOf(expected);
        assertThat(
                        json.convertValue(
                                document.at("/channels/due/parameters/tier/enum"), String[].class))
                .containsExactly("oltp", "content", "queue", "olap");
    }

    @Test
    void everyEventIsAMessageOfItsTopic() throws IOException {
        Map<String, Set<String>> expected = new TreeMap<>();
        for (Path sample : GoldenSamplesTest.samples().toList()) {
            JsonNode record = json.readTree(sample.toFile());
            String topic = record.get("topic").asText();
            String type = record.at("/headers/ce_type").asText();
            expected.computeIfAbsent(
                            topic.equals("cairn.due.oltp") ? "cairn.due.{tier}" : topic,
                            _ -> new TreeSet<>())
                    .add(type);
        }

        Map<String, Set<String>> described = new TreeMap<>();
        for (JsonNode channel : document.get("channels")) {
            for (JsonNode message : channel.get("messages")) {
                String name = resolve(message.get("$ref").asText()).get("name").asText();
                described
                        .computeIfAbsent(channel.get("address").asText(), _ -> new TreeSet<>())
                        .add(name);
            }
        }
        assertThat(described.remove("dlq.{topic}")).isEqualTo(Set.of("deadLetter"));
        assertThat(described).isEqualTo(expected);
    }

    @Test
    void everyEventHasItsSchemaAndItsHeaders() {
        for (Class<? extends CairnEvent> event : EventTypes.all()) {
            JsonNode message = document.at("/components/messages/" + event.getSimpleName());
            assertThat(message.get("name").asText()).isEqualTo(EventTypes.typeOf(event));
            assertThat(DOCS.resolve(message.at("/payload/$ref").asText()))
                    .exists()
                    .hasFileName(EventTypes.typeOf(event) + ".json");
            assertThat(
                            resolve(message.at("/traits/0/$ref").asText())
                                    .at("/headers/properties/ce_type")
                                    .isObject())
                    .isTrue();
        }
    }

    @Test
    void everyHeaderThatIsWrittenIsDescribed() throws IOException {
        JsonNode described = document.at("/components/messageTraits/cloudEvent/headers/properties");
        for (Path sample : GoldenSamplesTest.samples().toList()) {
            List<String> written =
                    json.readTree(sample.toFile())
                            .get("headers")
                            .propertyStream()
                            .map(Map.Entry::getKey)
                            .toList();
            assertThat(written).allSatisfy(header -> assertThat(described.has(header)).isTrue());
        }
    }

    private JsonNode resolve(String reference) {
        assertThat(reference).startsWith("#/");
        JsonNode target = document.at(reference.substring(1));
        assertThat(target.isObject()).as(reference).isTrue();
        return target;
    }
}
