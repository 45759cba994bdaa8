package io.cairn.archive.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.security.InvalidKeyException;
import java.security.SecureRandom;
import java.util.HexFormat;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class BackupKeyTest {

    private final BackupKey key = BackupKey.random(new SecureRandom());

    @Test
    void everyKeyIsAnother() {
        BackupKey other = BackupKey.random(new SecureRandom());

        assertThat(key.id()).isNotEqualTo(other.id()).matches("[0-9a-f]{32}");
        assertThat(key.bytes()).isNotEqualTo(other.bytes()).hasSize(32);
    }

    @Test
    void unwrapsWhatItWrapped() throws Exception {
        SecretKey content = new SecretKeySpec(new byte[32], "AES");

        byte[] wrapped = key.wrap(content);

        assertThat(wrapped).hasSize(40);
        assertThat(key.unwrap(wrapped).getEncoded()).isEqualTo(content.getEncoded());
    }

    /** RFC 3394, section 4.6: 256 bits of key data with a 256-bit key. */
    @Test
    void wrapsAsRfc3394() {
        BackupKey known =
                new BackupKey(
                        key.id(),
                        HexFormat.of()
                                .parseHex(
                                        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"));
        byte[] data =
                HexFormat.of()
                        .parseHex(
                                "00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f");

        assertThat(HexFormat.of().formatHex(known.wrap(new SecretKeySpec(data, "AES"))))
                .isEqualTo(
                        "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21");
    }

    @Test
    void refusesWhatAnotherKeyWrapped() {
        byte[] wrapped =
                BackupKey.random(new SecureRandom()).wrap(new SecretKeySpec(new byte[32], "AES"));

        assertThatExceptionOfType(InvalidKeyException.class).isThrownBy(() -> key.unwrap(wrapped));
    }

    @Test
    void showsItsIdAndNeverItself() {
        assertThat(key.toString())
                .isEqualTo("backup key " + key.id())
                .doesNotContain(HexFormat.of().formatHex(key.bytes()));
    }

    @Test
    void aDestroyedKeyDoesNothingMore() {
        key.destroy();

        assertThat(key.isDestroyed()).isTrue();
        assertThatIllegalStateException()
                .isThrownBy(() -> key.wrap(new SecretKeySpec(new byte[32], "AES")));
        assertThatIllegalStateException().isThrownBy(() -> key.unwrap(new byte[40]));
        assertThatIllegalStateException().isThrownBy(key::bytes);
    }
}
