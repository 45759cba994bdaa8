package io.cairn.executor.basebackup;

import io.cairn.archive.ArchiveWriter;
import io.cairn.model.backup.Archive;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.basebackup.BaseBackupReceiver;
import io.cairn.postgres.basebackup.BaseBackupStart;
import java.io.ByteArrayOutputStream;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Hands the server's archives to a writer, looks which blocks an incremental holds, and keeps the
 * manifest, byte for byte.
 */
final class ArchiveReceiver implements BaseBackupReceiver {

    /** About 170 bytes a file: enough for three million files. */
    private static final int MANIFEST_BYTES_MAX = 512 << 20;

    private final ArchiveWriter writer;
    private final LongConsumer received;
    private final LongConsumer estimated;
    private final Optional<IncrementalBlocks> blocks;
    private final ByteArrayOutputStream manifest = new ByteArrayOutputStream();

    /**
     * @param blocks of an incremental, filled while it comes
     */
    ArchiveReceiver(
            ArchiveWriter writer,
            Optional<IncrementalBlocks> blocks,
            LongConsumer received,
            LongConsumer estimated) {
        this.writer = writer;
        this.blocks = blocks;
        this.received = received;
        this.estimated = estimated;
    }

    @Override
    public void started(BaseBackupStart start) {
        estimated.accept(start.estimatedBytes());
    }

    @Override
    public void archiveBegins(String name, Optional<Archive.Tablespace> tablespace) {
        writer.begin(name, tablespace);
        blocks.ifPresent(incremental -> incremental.archiveBegins(name, tablespace));
    }

    @Override
    public void archiveData(byte[] buffer, int offset, int length) {
        writer.write(buffer, offset, length);
        blocks.ifPresent(incremental -> incremental.archiveData(buffer, offset, length));
        received.accept(length);
    }

    @Override
    public void manifestData(byte[] buffer, int offset, int length) {
        if (length > MANIFEST_BYTES_MAX - manifest.size()) {
            throw new CairnException(
                    ErrorCode.SOURCE_FAILED,
                    "the server's manifest is longer than " + (MANIFEST_BYTES_MAX >> 20) + " MiB",
                    "the cluster has more files than can be backed up; report it");
        }
        manifest.write(buffer, offset, length);
    }

    byte[] manifest() {
        return manifest.toByteArray();
    }
}
