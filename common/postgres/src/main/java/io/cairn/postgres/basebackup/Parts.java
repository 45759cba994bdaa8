package io.cairn.postgres.basebackup;

import io.cairn.model.backup.Archive;
import io.cairn.model.backup.Archive.Tablespace;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.basebackup.BaseBackupStart.TablespaceSize;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Which part of the stream is being received: every archive announced, then the manifest; nothing
 * else, nothing less.
 */
final class Parts {

    private final BaseBackupStart start;
    private final BaseBackupReceiver receiver;
    private int archives;
    private boolean inManifest;
    private long archiveBytes;
    private long manifestBytes;

    Parts(BaseBackupStart start, BaseBackupReceiver receiver) {
        this.start = start;
        this.receiver = receiver;
    }

    /**
     * {@code 'n'}: archive name and tablespace location, each zero-terminated; both are empty for
     * none.
     */
    void archive(byte[] message, int length) throws InterruptedException {
        if (inManifest || archives == start.tablespaces().size()) {
            throw violated("an archive that was not announced");
        }
        int end = 0;
        while (end < length && message[end] != 0) {
            end++;
        }
        String name = new String(message, 0, end, StandardCharsets.UTF_8);
        Optional<Tablespace> tablespace = start.tablespaces().get(archives).tablespace();
        String expected = tablespace.map(one -> one.oid() + ".tar").orElse(Archive.BASE);
        if (!name.equals(expected)) {
            throw violated("the archive " + name + " where " + expected + " was due");
        }
        archives++;
        receiver.archiveBegins(name, tablespace);
    }

    void manifest() {
        requireArchives();
        inManifest = true;
    }

    void data(byte[] bytes, int length) throws InterruptedException {
        if (inManifest) {
            manifestBytes += length;
            receiver.manifestData(bytes, 0, length);
        } else if (archives > 0) {
            archiveBytes += length;
            receiver.archiveData(bytes, 0, length);
        } else {
            throw violated("data before the first archive");
        }
    }

    void progress(byte[] message) {
        receiver.progress(ByteBuffer.wrap(message).getLong());
    }

    long archiveBytes() {
        return archiveBytes;
    }

    void requireComplete() {
        requireArchives();
        if (manifestBytes == 0) {
            throw violated("no manifest");
        }
    }

    private void requireArchives() {
        if (archives != start.tablespaces().size()) {
            throw violated(
                    archives
                            + " archives of "
                            + start.tablespaces().stream()
                                    .map(TablespaceSize::tablespace)
                                    .toList());
        }
    }

    private static CairnException violated(String what) {
        return new CairnException(
                ErrorCode.POSTGRES_PROTOCOL,
                "the base backup brings " + what,
                "this server is not understood; please report its version");
    }
}
