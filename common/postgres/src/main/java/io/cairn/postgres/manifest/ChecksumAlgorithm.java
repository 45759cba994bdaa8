package io.cairn.postgres.manifest;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * {@code Checksum-Algorithm} of a manifest's file: SHA-2 in four lengths (FIPS 180-4), or CRC-32C,
 * which the manifest writes in the byte order of the server's machine; that is little-endian on
 * every machine we meet.
 */
public enum ChecksumAlgorithm {
    CRC32C {
        @Override
        public FileChecksum start() {
            CRC32C crc = new CRC32C();
            return new FileChecksum() {
                @Override
                public void update(byte[] buffer, int offset, int length) {
                    crc.update(buffer, offset, length);
                }

                @Override
                public String hex() {
                    ByteBuffer bytes =
                            ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
                    return HexFormat.of().formatHex(bytes.putInt((int) crc.getValue()).array());
                }
            };
        }
    },
    SHA224,
    SHA256,
    SHA384,
    SHA512;

    /** A checksum being computed; for one thread. */
    public interface FileChecksum {
        void update(byte[] buffer, int offset, int length);

        /** The end result in lower-case hexadecimal, once. */
        String hex();
    }

    public FileChecksum start() {
        MessageDigest digest = digest("SHA-" + name().substring("SHA".length()));
        return new FileChecksum() {
            @Override
            public void update(byte[] buffer, int offset, int length) {
                digest.update(buffer, offset, length);
            }

            @Override
            public String hex() {
                return HexFormat.of().formatHex(digest.digest());
            }
        };
    }

    private static MessageDigest digest(String name) {
        try {
            return MessageDigest.getInstance(name);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has " + name, e);
        }
    }
}
