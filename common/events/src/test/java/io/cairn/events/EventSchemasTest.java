package io.cairn.events;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import io.cairn.model.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The schemas in {@code src/main/resources/schemas} say what the records are. After a change run
 * this test with {@code -Dcairn.schemas.write=true} and look at the difference: only optional
 * properties may have come.
 */
class EventSchemasTest {

    private static final Path SCHEMAS = Path.of("src/main/resources/schemas");
    private static final boolean WRITE = Boolean.getBoolean("cairn.schemas.write");

    private final ObjectMapper json = new ObjectMapper();
    private final Map<String, JsonSchema> schemas = new ConcurrentHashMap<>();

    @ParameterizedTest
    @MethodSource("types")
    void theSchemaSaysWhatTheRecordIs(Class<? extends CairnEvent> event) throws IOException {
        JsonNode expected = new SchemaGenerator().schema(event);
        Path file = SCHEMAS.resolve(EventTypes.typeOf(event) + ".json");
        if (WRITE) {
            Files.writeString(
                    file,
                    json.writerWithDefaultPrettyPrinter().writeValueAsString(expected) + "\n");
        }

        assertThat(file).exists();
        assertThat(json.readTree(file.toFile())).isEqualTo(expected);
    }

    @Test
    void thereIsNoSchemaWithoutAnEvent() throws IOException {
        List<String> expected =
                types().map(EventTypes::typeOf).map(type -> type + ".json").toList();
        try (Stream<Path> files = Files.list(SCHEMAS)) {
            assertThat(files.map(file -> file.getFileName().toString()).collect(Collectors.toSet()))
                    .containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    @Property
    void whatIsWrittenIsValid(@ForAll("events") CairnEvent event) throws IOException {
        assertThat(schema(event).validate(json.readTree(Json.write(event)))).isEmpty();
    }

    @Provide
    Arbitrary<CairnEvent> events() {
        return Events.any();
    }

    private JsonSchema schema(CairnEvent event) {
        return schemas.computeIfAbsent(
                event.type(),
                type -> {
                    try {
                        // Formats are checked too, which the draft leaves to the reader.
                        SchemaValidatorsConfig config =
                                SchemaValidatorsConfig.builder()
                                        .formatAssertionsEnabled(true)
                                        .build();
                        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                                .getSchema(
                                        Files.readString(SCHEMAS.resolve(type + ".json")), config);
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                });
    }

    static Stream<Class<? extends CairnEvent>> types() {
        return EventTypes.all().stream();
    }
}
