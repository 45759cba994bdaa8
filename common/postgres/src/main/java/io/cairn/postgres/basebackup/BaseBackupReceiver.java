package io.cairn.postgres.basebackup;

import io.cairn.model.backup.Archive;
import java.util.Optional;

/**
 * Takes a base backup as it comes, on the thread that reads the connection; a receiver that blocks
 * holds the server back. The order is: {@link #started}; for each archive {@link #archiveBegins}
 * and its {@link #archiveData}, tablespaces first and {@code base.tar} last; then {@link
 * #manifestData}. {@link #progress} may come anywhere between.
 *
 * <p>Whatever a method throws ends the backup and the connection.
 */
public interface BaseBackupReceiver {

    /** The checkpoint is done and the files are about to come. */
    void started(BaseBackupStart start);

    /**
     * A tar archive begins; the one before it is complete.
     *
     * @param name {@code <oid>.tar} or {@value Archive#BASE}
     * @param tablespace absent for {@value Archive#BASE}
     */
    void archiveBegins(String name, Optional<Archive.Tablespace> tablespace)
            throws InterruptedException;

    /**
     * Bytes of the archive. The buffer is reused: what is kept must be copied before this returns.
     */
    void archiveData(byte[] buffer, int offset, int length) throws InterruptedException;

    /**
     * Bytes of {@code backup_manifest}, which comes after the last archive. The buffer is reused.
     */
    void manifestData(byte[] buffer, int offset, int length) throws InterruptedException;

    /**
     * Bytes of all tablespaces that the server has read so far, out of {@link
     * BaseBackupStart#estimatedBytes}.
     */
    default void progress(long bytesDone) {}
}
