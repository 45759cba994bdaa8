package io.cairn.restore.mutation;

import io.cairn.model.ObjectKey;
import java.util.regex.Pattern;

/** What an object of a cluster is, by its key. */
public enum ObjectClass {
    COMMIT("backups/[^/]+/backup(\\.[0-9a-f]{16})?\\.json"),
    SIGNATURE("backups/[^/]+/backup\\.[0-9a-f]{16}\\.sig"),
    EXECUTORS_MANIFEST("backups/.*/backup_manifest\\.executors\\.gz\\.cms"),
    EXECUTORS_MANIFEST_KEY("(backups|keys)/.*executors.*"),
    MANIFEST("backups/.*/backup_manifest\\.gz\\.cms"),
    INDEX("backups/.*index.*"),
    VOLUME("backups/.*"),
    BACKUP_KEY("keys/backups/.*"),
    WAL_KEY("keys/wal/.*"),
    HISTORY("wal/.*\\.history.*"),
    SEGMENT("wal/.*"),
    PIECE("pieces/.*"),
    /** Records are what others found out; nothing of a backup depends on them. */
    OTHER(".*");

    private final Pattern below;

    ObjectClass(String below) {
        this.below = Pattern.compile("[^/]+/[0-9]+/(" + below + ")");
    }

    public static ObjectClass of(ObjectKey key) {
        for (ObjectClass candidate : values()) {
            if (candidate.below.matcher(key.value()).matches()) {
                return candidate;
            }
        }
        return OTHER;
    }
}
