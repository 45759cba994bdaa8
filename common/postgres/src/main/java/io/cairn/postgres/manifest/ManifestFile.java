package io.cairn.postgres.manifest;

import java.util.Optional;

/**
 * A file of a base backup, as {@code backup_manifest} lists it.
 *
 * @param path relative to the data directory, {@code /} between names; a tablespace's files are
 *     below {@code pg_tblspc/<oid>/}. A name that is not UTF-8 ({@code Encoded-Path}) is read as
 *     ISO 8859-1.
 * @param size in bytes
 * @param checksum absent where the backup was taken without checksums
 */
public record ManifestFile(String path, long size, Optional<Checksum> checksum) {

    /**
     * @param hex in lower case
     */
    public record Checksum(ChecksumAlgorithm algorithm, String hex) {}

    /** Compares what the bytes of a file are with what they must be. */
    public FileVerifier verifier() {
        return new FileVerifier(this);
    }
}
