package io.cairn.postgres.manifest;

import io.cairn.model.Lsn;
import io.cairn.model.Sha256;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Consumer;

/**
 * The server's manifest of a base backup, its own checksum verified.
 *
 * @param summary everything but the files
 * @param files in the server's order
 * @see <a href="https://www.postgresql.org/docs/current/backup-manifest-format.html">Backup
 *     Manifest Format</a>
 */
public record BackupManifest(Summary summary, List<ManifestFile> files) {

    /**
     * @param version 1, or 2 since PostgreSQL 17
     * @param systemIdentifier since version 2
     * @param walRanges what must be replayed to make the backup consistent
     * @param checksum of the manifest without its last line
     */
    public record Summary(
            int version,
            Optional<SystemIdentifier> systemIdentifier,
            List<WalRange> walRanges,
            Sha256 checksum) {

        public Summary {
            walRanges = List.copyOf(walRanges);
        }
    }

    /** WAL of one timeline, from start (inclusive) to end (exclusive). */
    public record WalRange(Timeline timeline, Lsn start, Lsn end) {}

    public BackupManifest {
        files = List.copyOf(files);
    }

    public static BackupManifest parse(byte[] manifest) {
        try {
            return read(new ByteArrayInputStream(manifest));
        } catch (IOException e) {
            throw new AssertionError("an array can be read", e);
        }
    }

    /**
     * Reads a manifest to the end of the stream. It takes about 250 bytes of heap a file.
     *
     * @throws CairnException {@link ErrorCode#MANIFEST_MISMATCH} if it is no manifest or not what
     *     its checksum says
     * @throws IOException from the stream
     */
    public static BackupManifest read(InputStream in) throws IOException {
        List<ManifestFile> files = new ArrayList<>();
        Summary summary = read(in, files::add);
        return new BackupManifest(summary, files);
    }

    /**
     * Reads a manifest of any size, file by file. What {@code files} is given is proven only when
     * this returns.
     *
     * @throws CairnException {@link ErrorCode#MANIFEST_MISMATCH}
     * @throws IOException from the stream
     */
    public static Summary read(InputStream in, Consumer<ManifestFile> files) throws IOException {
        return new ManifestParser(files).parse(in);
    }

    /**
     * The files by path.
     *
     * @throws CairnException {@link ErrorCode#MANIFEST_MISMATCH} if two have the same
     */
    public SequencedMap<String, ManifestFile> byPath() {
        SequencedMap<String, ManifestFile> byPath = new LinkedHashMap<>();
        for (ManifestFile file : files) {
            if (byPath.put(file.path(), file) != null) {
                throw ManifestParser.invalid("it lists " + file.path() + " twice", null);
            }
        }
        return byPath;
    }
}
