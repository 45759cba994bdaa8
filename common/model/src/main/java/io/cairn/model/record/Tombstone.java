package io.cairn.model.record;

import io.cairn.model.BackupLabel;
import io.cairn.model.Json;
import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.time.Instant;
import java.util.Optional;

/**
 * What says that a backup has expired, {@code records/tombstones/<label>.json}. It is in every
 * store before anything of the backup is deleted in any; from then on the label is no backup,
 * whatever of it still lies there, and nothing of it is ever copied or restored.
 *
 * @param expiredAt when it was decided
 * @param reason one line for an operator
 * @param plan digest of the plan that it followed
 */
public record Tombstone(BackupLabel label, Instant expiredAt, String reason, Sha256 plan) {

    /** No tombstone is longer by far. */
    public static final int BYTES_MAX = 64 << 10;

    private static final String WHAT = "tombstones/";
    private static final String SUFFIX = ".json";

    /** Where the tombstones of a cluster lie. */
    public static String prefix(ClusterRoot root) {
        return root.recordsPrefix() + WHAT;
    }

    /** Where the tombstone of a label lies. */
    public static ObjectKey key(ClusterRoot root, BackupLabel label) {
        return new ObjectKey(prefix(root) + label + SUFFIX);
    }

    public ObjectKey key(ClusterRoot root) {
        return key(root, label);
    }

    /** The label whose tombstone lies there, as a listing shows it; empty for another object. */
    public static Optional<BackupLabel> label(ClusterRoot root, ObjectKey key) {
        String prefix = prefix(root);
        if (!key.value().startsWith(prefix) || !key.value().endsWith(SUFFIX)) {
            return Optional.empty();
        }
        String name = key.value().substring(prefix.length());
        try {
            return Optional.of(new BackupLabel(name.substring(0, name.length() - SUFFIX.length())));
        } catch (CairnException _) {
            return Optional.empty();
        }
    }

    public byte[] toJson() {
        return Json.writeIndented(this);
    }

    /**
     * @throws CairnException {@link ErrorCode#RECORD_INVALID}
     */
    public static Tombstone fromJson(byte[] json, String whence) {
        return RecordJson.read(json, Tombstone.class, whence);
    }
}
