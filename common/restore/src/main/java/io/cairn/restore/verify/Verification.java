package io.cairn.restore.verify;

import io.cairn.model.ObjectKey;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.restore.backup.StoredBackup;
import java.time.Instant;

/** What reading a whole backup back showed. */
public sealed interface Verification {

    /**
     * Everything is as it was written, and the files are those of the server's manifest.
     *
     * @param objects stored objects that were read
     * @param bytesRead of them
     * @param files files compared with the manifest
     * @param backup what was read
     */
    record Passed(
            Instant startedAt,
            Instant completedAt,
            long objects,
            long bytesRead,
            long files,
            StoredBackup backup)
            implements Verification {}

    /**
     * This copy cannot be restored as it is.
     *
     * @param object the first part that is wrong
     * @param cause never of category {@link ErrorCategory#TRANSIENT}: what may pass proves nothing
     */
    record Failed(Instant failedAt, ObjectKey object, CairnException cause)
            implements Verification {}
}
