package io.cairn.model.record;

import io.cairn.model.Json;
import io.cairn.model.ObjectKey;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.time.Instant;

/**
 * That a cluster's keys were shredded, {@code records/shredded.json}, in every store: what was
 * stored before opens no more, on purpose.
 *
 * @param at when it was begun; a backup completed later has a key of its own
 * @param by who did it
 * @param keys how many keys there were
 */
public record Shredded(Instant at, String by, int keys) {

    /** No record is longer by far. */
    public static final int BYTES_MAX = 64 << 10;

    /** Where the record of a cluster lies. */
    public static ObjectKey key(ClusterRoot root) {
        return new ObjectKey(root.recordsPrefix() + "shredded.json");
    }

    public byte[] toJson() {
        return Json.writeIndented(this);
    }

    /**
     * @throws CairnException {@link ErrorCode#RECORD_INVALID}
     */
    public static Shredded fromJson(byte[] json, String whence) {
        return RecordJson.read(json, Shredded.class, whence);
    }
}
