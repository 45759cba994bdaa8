package io.cairn.catalog.backup;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cairn.catalog.fact.Fact;
import io.cairn.catalog.fact.Join;
import io.cairn.events.CairnEvent;
import io.cairn.events.EventTypes;
import io.cairn.model.AttemptId;
import io.cairn.model.Json;
import io.cairn.model.ObjectKey;
import io.cairn.model.RunId;
import io.cairn.model.Sha256;
import io.cairn.model.StoreName;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One thing that was found out about a copy of a backup: verified, drilled, replicated. The rows
 * are the history; each is also kept as an object, so that a catalog rebuilt from the buckets alone
 * has it again:
 *
 * <pre>
 * records/&lt;what&gt;/&lt;label&gt;/&lt;SHA-256 of the id&gt;.json   {"id": …, "type": "io.cairn.ValidationPassed.v1", "data": {…}}
 * </pre>
 *
 * <p>The object is a function of the fact, so whoever writes it writes the same bytes.
 *
 * @param what {@link #VERIFICATIONS} or {@link #COPIES}
 * @param eventId the fact's deterministic id
 * @param type the event's CloudEvents type
 * @param data the event's JSON
 */
public record BackupRecord(
        String what,
        String eventId,
        RunId run,
        AttemptId attempt,
        StoreName store,
        Instant at,
        String type,
        String data)
        implements Fact<BackupRecord> {

    public static final String VERIFICATIONS = "verifications";
    public static final String COPIES = "copies";

    public BackupRecord {
        at = Join.micros(at);
    }

    public static BackupRecord of(
            String what,
            CairnEvent event,
            RunId run,
            AttemptId attempt,
            StoreName store,
            Instant at) {
        return new BackupRecord(
                what,
                event.deterministicId(),
                run,
                attempt,
                store,
                at,
                event.type(),
                new String(Json.write(event), StandardCharsets.UTF_8));
    }

    @Override
    public String id() {
        return eventId;
    }

    @Override
    public BackupRecord join(BackupRecord other) {
        return toString().compareTo(other.toString()) <= 0 ? this : other;
    }

    public String backupId() {
        return Backup.id(run, attempt);
    }

    /** Where the object lies. */
    public ObjectKey key(ClusterRoot root) {
        String name = Sha256.of(eventId.getBytes(StandardCharsets.UTF_8)).hex();
        return root.record(what, run.label().value(), name);
    }

    public byte[] toJson() {
        ObjectNode record = Json.mapper().createObjectNode();
        record.put("id", eventId).put("type", type);
        record.set("data", readTree(data));
        return Json.write(record);
    }

    /** The event that this record is of. */
    public CairnEvent event() {
        return event(type, readTree(data), "record " + eventId);
    }

    /**
     * The event in a record's object.
     *
     * @param whence names the object in the error
     * @throws CairnException {@link ErrorCode#EVENT_UNREADABLE}
     */
    public static CairnEvent eventOf(byte[] json, String whence) {
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
                EventTypes.all().stream()
                        .filter(known -> EventTypes.typeOf(known).equals(type))
                        .findFirst()
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
