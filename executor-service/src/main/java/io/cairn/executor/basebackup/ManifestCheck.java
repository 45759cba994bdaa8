package io.cairn.executor.basebackup;

import io.cairn.archive.tar.TarEntry;
import io.cairn.archive.tar.TarEntryType;
import io.cairn.archive.tar.TarIndex;
import io.cairn.archive.tar.TarIndex.ArchiveIndex;
import io.cairn.model.backup.Archive;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.basebackup.BaseBackupResult;
import io.cairn.postgres.manifest.BackupManifest;
import io.cairn.postgres.manifest.ManifestFile;
import java.util.HashMap;
import java.util.Map;

/**
 * Compares what was received with what the server says it sent, before anything is committed: every
 * file of the manifest came once and with its size, nothing came that the manifest does not list,
 * and all WAL from start to stop LSN is there. (WAL itself is never in the manifest's list.
 * Contents are compared by the validator, which reads what was stored.)
 */
final class ManifestCheck {

    private static final String WAL = "pg_wal/";
    private static final long XLOG_ID_BYTES = 1L << 32;

    private final Map<String, Long> received;

    private ManifestCheck(Map<String, Long> received) {
        this.received = received;
    }

    /**
     * @throws CairnException {@link ErrorCode#MANIFEST_MISMATCH}, {@link
     *     ErrorCode#ARCHIVE_INCOMPLETE}
     */
    static void check(TarIndex index, BackupManifest manifest, BaseBackupResult result) {
        manifest.summary()
                .systemIdentifier()
                .ifPresent(identifier -> {
                    if (!identifier.equals(result.systemIdentifier())) {
                        throw mismatch(
                                "it is of system "
                                        + identifier
                                        + " instead of "
                                        + result.systemIdentifier());
                    }
                });
        ManifestCheck check = new ManifestCheck(received(index));
        check.requireWal(result);
        manifest.files().forEach(check::take);
        check.requireNothingElse();
    }

    private static Map<String, Long> received(TarIndex index) {
        Map<String, Long> files = new HashMap<>();
        for (ArchiveIndex archive : index.archives()) {
            String directory = directory(archive.name());
            for (TarEntry entry : archive.entries()) {
                if (entry.type() == TarEntryType.FILE
                        && files.put(directory + entry.path(), entry.size()) != null) {
                    throw mismatch(directory + entry.path() + " came twice");
                }
            }
        }
        return files;
    }

    private static String directory(String archive) {
        return archive.equals(Archive.BASE)
                ? ""
                : "pg_tblspc/" + archive.substring(0, archive.length() - ".tar".length()) + "/";
    }

    private void requireWal(BaseBackupResult result) {
        long segmentBytes = result.walSegmentBytes();
        long last = Long.divideUnsigned(result.stopLsn().bits() - 1, segmentBytes);
        for (long segment = Long.divideUnsigned(result.startLsn().bits(), segmentBytes);
                segment <= last;
                segment++) {
            String file = WAL + segmentName(result.timeline().id(), segment, segmentBytes);
            Long size = received.get(file);
            if (size == null || size != segmentBytes) {
                throw new CairnException(
                        ErrorCode.ARCHIVE_INCOMPLETE,
                        "the base backup lacks WAL that makes it consistent: "
                                + file
                                + (size == null
                                        ? " did not come"
                                        : " came with " + size + " bytes"),
                        "take the backup again; if it happens again, see the server's log");
            }
        }
    }

    /** As {@code XLogFileName} of PostgreSQL's xlog_internal.h. */
    private static String segmentName(int timeline, long segment, long segmentBytes) {
        long perId = XLOG_ID_BYTES / segmentBytes;
        return "%08X%08X%08X".formatted(timeline, segment / perId, segment % perId);
    }

    private void take(ManifestFile file) {
        Long size = received.remove(file.path());
        if (size == null) {
            throw mismatch(file.path() + " did not come");
        }
        if (size != file.size()) {
            throw mismatch(file.path() + " came with " + size + " bytes instead of " + file.size());
        }
    }

    private void requireNothingElse() {
        for (String path : received.keySet()) {
            if (!path.startsWith(WAL)) {
                throw mismatch("it does not list " + path + ", which came");
            }
        }
    }

    private static CairnException mismatch(String what) {
        return new CairnException(
                ErrorCode.MANIFEST_MISMATCH,
                "what the server sent does not fit its manifest: " + what,
                "nothing was committed; take the backup again, and if it happens again, report the server's version");
    }
}
