package io.cairn.model.record;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;
import io.cairn.model.BasicTime;
import io.cairn.model.Json;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * That somebody reads backups, {@code records/leases/<at>-<id>.json}, in one store at least. For
 * {@link #TERM} after that store has taken it nothing expires of what it names, whether the reader
 * still lives or not; who reads for longer writes another before.
 *
 * @param id of the reader, the same in all of its leases
 * @param at when it was written, by the reader's clock, to the second
 * @param by whose reading it is
 * @param labels the backups that are read, with those that they build on; at least one
 * @param walFrom all WAL from here on is read too, of every timeline
 */
public record ReadLease(
        AttemptId id,
        Instant at,
        Purpose purpose,
        String by,
        List<BackupLabel> labels,
        Optional<Lsn> walFrom) {

    /** How long a lease holds. */
    public static final Duration TERM = Duration.ofHours(2);

    /** No lease is longer by far. */
    public static final int BYTES_MAX = 1 << 20;

    private static final String WHAT = "leases/";

    public ReadLease {
        at = at.truncatedTo(ChronoUnit.SECONDS);
        labels = List.copyOf(labels);
        if (labels.isEmpty()) {
            throw new IllegalArgumentException("a lease is on a backup");
        }
    }

    /** What the backups are read for. */
    public enum Purpose {
        RESTORE("restore"),
        DRILL("drill"),
        VERIFY("verify");

        private final String id;

        Purpose(String id) {
            this.id = id;
        }

        @JsonValue
        public String id() {
            return id;
        }

        /**
         * @throws CairnException {@link ErrorCode#NAME_INVALID}
         */
        @JsonCreator
        public static Purpose parse(String id) {
            for (Purpose purpose : values()) {
                if (purpose.id().equals(id)) {
                    return purpose;
                }
            }
            throw new CairnException(
                    ErrorCode.NAME_INVALID,
                    "nobody reads a backup for '" + id + "'",
                    "restore, drill, verify");
        }
    }

    /** Where the leases on a cluster's backups lie, oldest first. */
    public static String prefix(ClusterRoot root) {
        return root.recordsPrefix() + WHAT;
    }

    public ObjectKey key(ClusterRoot root) {
        return new ObjectKey(prefix(root) + BasicTime.format(at) + "-" + id + ".json");
    }

    /** The same reader's, later. */
    public ReadLease renewed(Instant now) {
        return new ReadLease(id, now, purpose, by, labels, walFrom);
    }

    public byte[] toJson() {
        return Json.writeIndented(this);
    }

    /**
     * @throws CairnException {@link ErrorCode#RECORD_INVALID}
     */
    public static ReadLease fromJson(byte[] json, String whence) {
        return RecordJson.read(json, ReadLease.class, whence);
    }
}
