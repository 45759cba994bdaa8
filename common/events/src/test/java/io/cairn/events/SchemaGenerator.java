package io.cairn.events;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Json;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.RunId;
import io.cairn.model.Sha256;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;
import io.cairn.model.error.ErrorCode;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The JSON Schema (draft 2020-12) of a record as {@link Json} writes it: components that are no
 * {@code Optional} are required, further properties are allowed, since optional ones may be added.
 */
final class SchemaGenerator {

    private static final String NAME = "^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$";
    private static final String LABEL = "[0-9]{8}T[0-9]{6}Z-[FILS]$";

    /** Not format "duration": that is RFC 3339's, which has no fractions of a second. */
    private static final String DURATION = "^-?PT(-?[0-9]+H)?(-?[0-9]+M)?(-?[0-9]+([.][0-9]+)?S)?$";

    private static final Map<Class<?>, String> PATTERNS =
            Map.of(
                    ClusterName.class, NAME,
                    StoreName.class, NAME,
                    RunId.class, NAME.replace("$", ":") + LABEL,
                    BackupLabel.class, "^" + LABEL,
                    AttemptId.class, "^[0-9a-f]{16}$",
                    Sha256.class, "^[0-9a-f]{64}$",
                    Lsn.class, "^[0-9A-F]{1,8}/[0-9A-F]{1,8}$",
                    SystemIdentifier.class, "^[0-9]{1,20}$",
                    ObjectKey.class, "^[A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*$");

    private final JsonMapper json = Json.mapper();

    JsonNode schema(Class<? extends CairnEvent> event) {
        ObjectNode schema = json.createObjectNode();
        schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.put("$id", "urn:cairn:event:" + EventTypes.typeOf(event));
        schema.put("title", event.getSimpleName());
        schema.setAll(object(event));
        return schema;
    }

    private ObjectNode object(Class<?> type) {
        ObjectNode schema = json.createObjectNode().put("type", "object");
        ObjectNode properties = schema.putObject("properties");
        ArrayNode required = schema.putArray("required");
        for (RecordComponent component : type.getRecordComponents()) {
            properties.set(component.getName(), of(component.getGenericType()));
            if (component.getType() != Optional.class) {
                required.add(component.getName());
            }
        }
        return schema;
    }

    private ObjectNode of(Type type) {
        if (type instanceof ParameterizedType generic) {
            ObjectNode argument = of(generic.getActualTypeArguments()[0]);
            if (generic.getRawType() == Optional.class) {
                return argument;
            }
            if (generic.getRawType() == List.class) {
                ObjectNode schema = json.createObjectNode().put("type", "array");
                schema.set("items", argument);
                return schema;
            }
        } else if (type instanceof Class<?> plain) {
            return of(plain);
        }
        throw new AssertionError("teach the generator the type " + type);
    }

    private ObjectNode of(Class<?> type) {
        ObjectNode schema = json.createObjectNode();
        String pattern = PATTERNS.get(type);
        if (pattern != null) {
            return schema.put("type", "string").put("pattern", pattern);
        }
        if (type == ErrorCode.class) {
            // No list: codes are added.
            return schema.put("type", "string").put("pattern", "^[A-Z][A-Z0-9_]*$");
        }
        if (type.isEnum()) {
            ArrayNode values = schema.put("type", "string").putArray("enum");
            for (Object constant : type.getEnumConstants()) {
                values.add(json.convertValue(constant, String.class));
            }
            return schema;
        }
        if (type == Timeline.class) {
            return schema.put("type", "integer").put("minimum", 1);
        }
        if (type == Instant.class) {
            return schema.put("type", "string").put("format", "date-time");
        }
        if (type == Duration.class) {
            return schema.put("type", "string").put("pattern", DURATION);
        }
        if (type == String.class) {
            return schema.put("type", "string");
        }
        if (type == int.class || type == long.class) {
            return schema.put("type", "integer");
        }
        if (type == boolean.class) {
            return schema.put("type", "boolean");
        }
        if (type.isRecord()) {
            return object(type);
        }
        throw new AssertionError("teach the generator the type " + type);
    }
}
