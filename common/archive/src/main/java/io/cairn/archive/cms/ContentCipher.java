package io.cairn.archive.cms;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.zip.Checksum;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;

/**
 * AES-256-GCM (NIST SP 800-38D) by SunJCE, fed in small pieces.
 *
 * <p>Why small: SunJCE is fast only once the JIT has compiled the callers of its intrinsics, and
 * that takes thousands of <em>calls</em>, whatever their size. Measured on JDK 25 for the first 64
 * MiB of a process: 1000 ms in pieces of 64 KiB, 250 ms in pieces of 2 KiB; one large {@code
 * doFinal} per volume may stay at 70 MB/s for ever. Warm, all sizes from 2 KiB reach 6 GB/s.
 */
final class ContentCipher {

    private static final int PIECE_BYTES = 2048;
    private static final int BLOCK_BYTES = 16;
    // Another provider that somebody put first would be ten to a hundred times slower.
    private static final String PROVIDER = "SunJCE";

    private ContentCipher() {}

    static Cipher encrypting(SecretKey key, byte[] nonce) {
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", PROVIDER);
            cipher.init(
                    Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(CmsHeader.TAG_BYTES * 8, nonce));
            return cipher;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES-GCM", e);
        }
    }

    /**
     * Encrypts a run of bytes into {@code output}; returns how many were written (the cipher may
     * keep back 15).
     */
    static int update(Cipher cipher, byte[] input, int from, int length, byte[] output, int at) {
        try {
            int written = 0;
            for (int done = 0; done < length; done += PIECE_BYTES) {
                int piece = Math.min(PIECE_BYTES, length - done);
                written += cipher.update(input, from + done, piece, output, at + written);
            }
            return written;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the output has room for all of the input", e);
        }
    }

    /** What the cipher kept back, then the tag. */
    static byte[] finish(Cipher cipher) {
        try {
            return cipher.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("GCM has neither padding nor a block to fill", e);
        }
    }

    /**
     * Decrypts {@code bytes[from .. from+length)} in place and checks its tag, which follows at
     * {@code tagFrom}.
     *
     * @return whether the tag is right; if not, the bytes are wiped
     */
    static boolean decryptInPlace(
            SecretKey key, byte[] nonce, byte[] bytes, int from, int length, int tagFrom) {
        Decryption decryption = new Decryption(key, nonce);
        for (int done = 0; done < length; done += PIECE_BYTES) {
            decryption.piece(bytes, from + done, Math.min(PIECE_BYTES, length - done));
        }
        if (decryption.hasTag(bytes, tagFrom)) {
            return true;
        }
        Arrays.fill(bytes, from, from + length, (byte) 0);
        return false;
    }

    /**
     * Decrypts {@code bytes[from .. from+length)} into nothing: the bytes stay as they are.
     *
     * @param content takes what is decrypted
     * @return whether the tag at {@code tagFrom} is right
     */
    static boolean decrypts(
            SecretKey key,
            byte[] nonce,
            byte[] bytes,
            int from,
            int length,
            int tagFrom,
            Checksum content) {
        Decryption decryption = new Decryption(key, nonce);
        byte[] piece = new byte[PIECE_BYTES];
        for (int done = 0; done < length; done += PIECE_BYTES) {
            int count = Math.min(PIECE_BYTES, length - done);
            System.arraycopy(bytes, from + done, piece, 0, count);
            decryption.piece(piece, 0, count);
            content.update(piece, 0, count);
        }
        return decryption.hasTag(bytes, tagFrom);
    }

    /**
     * SunJCE decrypts GCM only in one call (it holds back all output until the tag is checked),
     * which is the slow way described above. GCM is counter mode, and a tag over the ciphertext: so
     * this decrypts by counter mode and encrypts the result again, which gives the same ciphertext
     * and the tag it must have. Twice the AES work, still over 2 GB/s, and no second buffer.
     */
    private static final class Decryption {

        private final Cipher counter;
        private final Cipher again;
        private final byte[] ciphertext = new byte[PIECE_BYTES + BLOCK_BYTES];

        Decryption(SecretKey key, byte[] nonce) {
            again = encrypting(key, nonce);
            try {
                counter = Cipher.getInstance("AES/CTR/NoPadding", PROVIDER);
                counter.init(
                        Cipher.DECRYPT_MODE, key, new IvParameterSpec(firstCounterBlock(nonce)));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every JDK has AES-CTR", e);
            }
        }

        /** In place; at most {@link #PIECE_BYTES}. */
        void piece(byte[] bytes, int from, int length) {
            try {
                counter.update(bytes, from, length, bytes, from);
                again.update(bytes, from, length, ciphertext, 0);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("the output has room for all of the input", e);
            }
        }

        boolean hasTag(byte[] bytes, int tagFrom) {
            byte[] end = finish(again);
            byte[] tag = Arrays.copyOfRange(end, end.length - CmsHeader.TAG_BYTES, end.length);
            return MessageDigest.isEqual(
                    tag, Arrays.copyOfRange(bytes, tagFrom, tagFrom + CmsHeader.TAG_BYTES));
        }
    }

    /**
     * inc32(J0): the nonce and a counter of 2; the counter 1 encrypts the tag (SP 800-38D, section
     * 7.1).
     */
    private static byte[] firstCounterBlock(byte[] nonce) {
        byte[] block = Arrays.copyOf(nonce, BLOCK_BYTES);
        block[BLOCK_BYTES - 1] = 2;
        return block;
    }
}
