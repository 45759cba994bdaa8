package io.cairn.catalog.backup.rest;

import com.fasterxml.jackson.annotation.JsonRawValue;
import io.cairn.catalog.backup.BackupRecord;
import java.time.Instant;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * One thing that was found out about a copy.
 *
 * @param type the event's CloudEvents type
 * @param data the event's own JSON
 */
record RecordView(
        String id,
        String type,
        String store,
        Instant at,
        @JsonRawValue @Schema(implementation = Map.class) String data) {

    static RecordView of(BackupRecord record) {
        return new RecordView(
                record.eventId(),
                record.type(),
                record.store().value(),
                record.at(),
                record.data());
    }
}
