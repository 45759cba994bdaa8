package io.cairn.model.archival;

import io.cairn.model.BackupKind;
import io.cairn.model.StoreName;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/**
 * Where the volumes of a tier's backups are archived. Nothing but volumes ever is: commit objects,
 * manifests, indexes, keys and WAL stay in the standard class, so that what there is can be seen,
 * checked and planned with at any time.
 *
 * @param store one of the tier's copies
 * @param kinds of which backups; empty for all
 * @param storageClass not {@link StorageClass#STANDARD}
 */
public record ArchiveRule(
        StoreName store, Set<BackupKind> kinds, StorageClass storageClass, ArchiveMoment after) {

    /** S3 moves nothing to the infrequent access classes earlier. */
    private static final Duration INFREQUENT_ACCESS_AGE = Duration.ofDays(30);

    public ArchiveRule {
        kinds = Set.copyOf(kinds);
        if (storageClass == StorageClass.STANDARD) {
            throw invalid("volumes are in the class STANDARD anyway", "leave the rule out");
        }
        boolean infrequent =
                storageClass == StorageClass.STANDARD_IA || storageClass == StorageClass.ONEZONE_IA;
        boolean early =
                switch (after) {
                    case ArchiveMoment.Upload _ -> false;
                    case ArchiveMoment.Drill _ -> true;
                    case ArchiveMoment.Age(Duration age) ->
                            age.compareTo(INFREQUENT_ACCESS_AGE) < 0;
                };
        if (infrequent && early) {
            throw invalid(
                    "S3 moves nothing to " + storageClass + " before 30d",
                    "write after: upload, or 30d or more");
        }
    }

    private static CairnException invalid(String message, String hint) {
        return new CairnException(ErrorCode.CONFIG_INVALID, message, hint);
    }

    public boolean covers(BackupKind kind) {
        return kinds.isEmpty() || kinds.contains(kind);
    }

    /** Whether some volume is covered by both. */
    public boolean overlaps(ArchiveRule other) {
        return store.equals(other.store)
                && EnumSet.allOf(BackupKind.class).stream()
                        .anyMatch(kind -> covers(kind) && other.covers(kind));
    }
}
