package io.cairn.postgres.manifest;

import io.cairn.postgres.manifest.ChecksumAlgorithm.FileChecksum;
import java.util.Optional;

/** Takes the bytes of one file and says whether they are the manifest's. Not thread-safe. */
public final class FileVerifier {

    /** What the bytes turned out to be. */
    public sealed interface Outcome {
        /** Size and checksum are right; or the size is, and the manifest has no checksum. */
        record Matches() implements Outcome {}

        record WrongSize(long expected, long actual) implements Outcome {}

        record WrongChecksum(ChecksumAlgorithm algorithm, String expected, String actual)
                implements Outcome {}
    }

    private final ManifestFile file;
    private final Optional<FileChecksum> checksum;
    private long size;

    FileVerifier(ManifestFile file) {
        this.file = file;
        this.checksum = file.checksum().map(expected -> expected.algorithm().start());
    }

    public void update(byte[] buffer, int offset, int length) {
        size += length;
        checksum.ifPresent(running -> running.update(buffer, offset, length));
    }

    /** To be called once, after the last byte. */
    public Outcome finish() {
        if (size != file.size()) {
            return new Outcome.WrongSize(file.size(), size);
        }
        if (checksum.isEmpty()) {
            return new Outcome.Matches();
        }
        ManifestFile.Checksum expected = file.checksum().orElseThrow();
        String actual = checksum.get().hex();
        return actual.equals(expected.hex())
                ? new Outcome.Matches()
                : new Outcome.WrongChecksum(expected.algorithm(), expected.hex(), actual);
    }
}
