package io.cairn.events;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cairn.model.BackupLabel;
import io.cairn.model.Json;
import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.StoreName;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * An event about a copy of a backup, kept as an object beside the backups, for whoever has the
 * bucket and neither a broker nor a catalog:
 *
 * <pre>
 * records/&lt;what&gt;/&lt;label&gt;/&lt;SHA-256 of the id&gt;.json   {"id": …, "type": "io.cairn.ValidationPassed.v1", "data": {…}}
 * </pre>
 *
 * <p>It is a function of the event, so whoever writes it writes the same bytes.
 *
 * @param id the event's deterministic id
 * @param type its CloudEvents type
 * @param data its JSON
 */
public record EventObject(String id, String type, String data) {

    /** What was found out about a copy's bytes, and by drills. */
    public static final String VERIFICATIONS = "verifications";

    /** Which copies there are. */
    public static final String COPIES = "copies";

    /** Until when which copies are locked. */
    public static final String LOCKS = "locks";

    /** In which stores legal holds are placed and released. */
    public static final String HOLDS = "holds";

    /** No event is longer by far. */
    public static final int BYTES_MAX = 1 << 20;

    public static EventObject of(CairnEvent event) {
        return new EventObject(
                event.deterministicId(),
                event.type(),
                new String(Json.write(event), StandardCharsets.UTF_8));
    }

    /**
     * Where it lies.
     *
     * @param what {@link #VERIFICATIONS}, {@link #COPIES}, {@link #LOCKS} or {@link #HOLDS}
     */
    public ObjectKey key(ClusterRoot root, String what, BackupLabel label) {
        String name = Sha256.of(id.getBytes(StandardCharsets.UTF_8)).hex();
        return root.record(what, label.value(), name);
    }

    public byte[] toJson() {
        ObjectNode record = Json.mapper().createObjectNode();
        record.put("id", id).put("type", type);
        record.set("data", readTree(data));
        return Json.write(record);
    }

    /** The event that this was made of. */
    public CairnEvent event() {
        return event(type, readTree(data), "record " + id);
    }

    /**
     * The event in an object.
     *
     * @param json what it holds
     * @throws CairnException {@link ErrorCode#EVENT_UNREADABLE}, which names key and store
     */
    public static CairnEvent read(byte[] json, ObjectKey key, StoreName store) {
        String whence = key + " in store '" + store + "'";
        JsonNode record;
        try {
            record = Json.mapper().readTree(json);
        } catch (IOException e) {
            throw unreadable(whence, "it is not JSON", e);
        }
        return event(record.path("type").asText(), record.path("data"), whence);
    }

    private static CairnEvent event(String type, JsonNode data, String whence) {
        Class<? extends CairnEvent> event =
                EventTypes.find(type)
                        .orElseThrow(() ->
                                unreadable(
                                        whence,
                                        "it holds '" + type + "', which this release does not know",
                                        null));
        if (!data.isObject()) {
            throw unreadable(whence, "it has no data", null);
        }
        try {
            return Json.mapper().treeToValue(data, event);
        } catch (IOException | RuntimeException e) {
            throw unreadable(whence, "its data is no " + type, e);
        }
    }

    private static JsonNode readTree(String json) {
        try {
            return Json.mapper().readTree(json);
        } catch (IOException e) {
            throw new IllegalStateException("a record's data is JSON that was written here", e);
        }
    }

    private static CairnException unreadable(String whence, String why, @Nullable Throwable cause) {
        return new CairnException(
                ErrorCode.EVENT_UNREADABLE,
                "cannot read " + whence + ": " + why,
                "look at the object; the backup it speaks of is not touched by it",
                cause);
    }
}
