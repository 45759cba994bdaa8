package io.cairn.archive.cms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.awaitility.Awaitility.await;

import io.cairn.archive.SampleData;
import io.cairn.archive.key.BackupKey;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.CRC32C;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bouncycastle.asn1.cms.AuthEnvelopedData;
import org.bouncycastle.cms.CMSAuthEnvelopedData;
import org.bouncycastle.cms.KEKRecipientId;
import org.bouncycastle.cms.RecipientInformation;
import org.junit.jupiter.api.Test;

class CmsSealerTest {

    private final BackupKey key = BackupKey.random(new SecureRandom());

    /**
     * Around every change of a DER length's own length, of the cipher's block and of the piece it
     * is fed.
     */
    @Provide
    Arbitrary<Integer> contentSizes() {
        return Arbitraries.oneOf(
                Arbitraries.of(
                        0, 1, 15, 16, 17, 108, 109, 110, 111, 112, 113, 126, 127, 128, 129, 255,
                        256, 257),
                Arbitraries.of(
                        2047,
                        2048,
                        2049,
                        65_300,
                        65_400,
                        65_535,
                        65_536,
                        65_537,
                        16_777_100,
                        16_777_216),
                Arbitraries.integers().between(0, 70_000));
    }

    @Property(tries = 150)
    void opensWhatItSealed(
            @ForAll("contentSizes") int size,
            @ForAll @IntRange(min = 1, max = 5000) int piece,
            @ForAll long seed) {
        byte[] content = SampleData.random(new Random(seed), size);

        byte[] object = seal(key, content, piece);

        assertThat(open(key, object)).isEqualTo(content);
        assertThat(object.length - size).isBetween(1, CmsSealer.MAX_OVERHEAD_BYTES);
    }

    @Test
    void nothingIsGivenOutThatDoesNotOpenWithWhatWasAppended() {
        byte[] content = SampleData.random(new Random(3), 5000);
        byte[] object = seal(key, content, 777);
        CRC32C appended = new CRC32C();
        appended.update(content);
        long right = appended.getValue();

        CmsSealer.requireOpens(key, object, 0, object.length, right);

        assertFailed(() -> CmsSealer.requireOpens(key, object, 0, object.length, right + 1));
        for (int at = 0; at < object.length; at += 3) {
            byte[] flipped = object.clone();
            flipped[at] ^= 1;
            assertFailed(() -> CmsSealer.requireOpens(key, flipped, 0, flipped.length, right));
        }
        assertFailed(() -> CmsSealer.requireOpens(key, object, 0, object.length - 1, right));
    }

    @Test
    void contentThatChangesWhileItIsAppendedIsNotSealed() {
        CmsSealer sealer = new CmsSealer(1 << 20, new SecureRandom());
        byte[] content = SampleData.random(new Random(4), 100_000);
        AtomicBoolean done = new AtomicBoolean();
        Thread.ofVirtual()
                .start(() -> {
                    while (!done.get()) {
                        content[99_999]++;
                    }
                });
        try {
            await().atMost(Duration.ofSeconds(20))
                    .pollInterval(Duration.ZERO)
                    .untilAsserted(() ->
                            assertFailed(() -> {
                                sealer.begin(key);
                                sealer.append(content, 0, content.length);
                                sealer.seal();
                            }));
        } finally {
            done.set(true);
        }
    }

    private static void assertFailed(ThrowingCallable call) {
        assertThatThrownBy(call)
                .asInstanceOf(type(CairnException.class))
                .extracting(CairnException::code)
                .isEqualTo(ErrorCode.ENCRYPTION_FAILED);
    }

    @Test
    void fillsItsBufferToTheLastByteAndNotBeyond() {
        int objectBytes = 10_000;
        CmsSealer sealer = new CmsSealer(objectBytes, new SecureRandom());
        sealer.begin(key);
        byte[] content = SampleData.random(new Random(1), sealer.room());
        sealer.append(content, 0, content.length);

        assertThat(sealer.room()).isZero();
        assertThatIllegalArgumentException().isThrownBy(() -> sealer.append(content, 0, 1));
        byte[] object = bytes(sealer.seal());
        assertThat(object.length).isLessThanOrEqualTo(objectBytes);
        assertThat(open(key, object)).isEqualTo(content);
    }

    @Test
    void aSealerIsUsedForOneObjectAfterAnother() {
        CmsSealer sealer = new CmsSealer(100_000, new SecureRandom());
        for (int size : new int[] {90_000, 3, 50_000, 0}) {
            byte[] content = SampleData.random(new Random(size), size);
            sealer.begin(key);
            sealer.append(content, 0, size);

            assertThat(open(key, bytes(sealer.seal()))).isEqualTo(content);
        }
    }

    @Test
    void nothingIsAppendedOrSealedBeforeAnObjectIsBegun() {
        CmsSealer sealer = new CmsSealer(1000, new SecureRandom());

        assertThatIllegalStateException().isThrownBy(sealer::seal);
        assertThatIllegalStateException().isThrownBy(() -> sealer.append(new byte[1], 0, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CmsSealer(100, new SecureRandom()));
    }

    @Test
    void everyObjectHasAKeyAndANonceOfItsOwn() {
        byte[] content = new byte[64];
        CmsHeader one =
                CmsReader.layout(seal(key, content, 64), 0, seal(key, content, 64).length)
                        .orElseThrow()
                        .header();
        byte[] other = seal(key, content, 64);
        CmsHeader two = CmsReader.layout(other, 0, other.length).orElseThrow().header();

        assertThat(one.wrappedKey()).isNotEqualTo(two.wrappedKey());
        assertThat(one.nonce()).isNotEqualTo(two.nonce());
        assertThat(one.keyId()).isEqualTo(two.keyId()).isEqualTo(key.idBytes());
    }

    @Test
    void everyFlippedBitIsRefused() {
        byte[] content = SampleData.random(new Random(1), 300);
        byte[] object = seal(key, content, 300);

        for (int bit = 0; bit < object.length * 8; bit++) {
            byte[] damaged = object.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            boolean inKeyId = isInKeyId(object, bit / 8);
            // A changed key identifier names another key: that it is damage is for the digest to
            // say.
            ErrorCode expected = inKeyId ? ErrorCode.KEY_CANNOT_DECRYPT : ErrorCode.ARCHIVE_CORRUPT;
            assertRefused(damaged, expected, "bit " + bit);
        }
    }

    private boolean isInKeyId(byte[] object, int at) {
        byte[] id = key.idBytes();
        for (int from = 0; from < 100; from++) {
            if (Arrays.equals(object, from, from + id.length, id, 0, id.length)) {
                return at >= from && at < from + id.length;
            }
        }
        throw new AssertionError("the object names no key");
    }

    @Test
    void everyTruncationAndEveryAdditionIsRefused() {
        byte[] object = seal(key, SampleData.random(new Random(1), 300), 300);

        for (int length = 0; length < object.length; length++) {
            assertRefused(
                    Arrays.copyOf(object, length), ErrorCode.ARCHIVE_CORRUPT, "length " + length);
        }
        assertRefused(
                Arrays.copyOf(object, object.length + 1),
                ErrorCode.ARCHIVE_CORRUPT,
                "one byte more");
    }

    @Test
    void anotherKeyIsToldFromDamage() {
        byte[] object = seal(key, new byte[10], 10);
        BackupKey other = BackupKey.random(new SecureRandom());

        assertThatThrownBy(
                        () -> CmsOpener.openInPlace(other, object, 0, object.length, "an object"))
                .asInstanceOf(type(CairnException.class))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.KEY_CANNOT_DECRYPT))
                .satisfies(e ->
                        assertThat(e.messageWithHint())
                                .contains("an object", key.id(), other.id(), "hint:"));
    }

    @Test
    void plaintextOfATamperedObjectIsWiped() {
        byte[] content = SampleData.random(new Random(1), 5000);
        byte[] object = seal(key, content, 5000);
        object[object.length - 1] ^= 1;

        assertThatThrownBy(() -> CmsOpener.openInPlace(key, object, 0, object.length, "an object"))
                .isInstanceOf(CairnException.class);

        int from = object.length - 18 - content.length;
        assertThat(Arrays.copyOfRange(object, from, from + content.length)).containsOnly(0);
    }

    @Test
    void theStructureIsThatOfRfc5083() throws Exception {
        byte[] object = seal(key, new byte[1000], 1000);

        CMSAuthEnvelopedData parsed = new CMSAuthEnvelopedData(object);

        RecipientInformation recipient = parsed.getRecipientInfos().iterator().next();
        assertThat(parsed.getRecipientInfos().size()).isEqualTo(1);
        assertThat(((KEKRecipientId) recipient.getRID()).getKeyIdentifier())
                .isEqualTo(key.idBytes());
        assertThat(recipient.getKeyEncryptionAlgOID()).isEqualTo("2.16.840.1.101.3.4.1.45");
        assertThat(contentEncryption(parsed)).isEqualTo("2.16.840.1.101.3.4.1.46");
        assertThat(parsed.getAuthAttrs()).isNull();
        assertThat(parsed.toASN1Structure().getEncoded("DER")).isEqualTo(object);
    }

    private static String contentEncryption(CMSAuthEnvelopedData parsed) {
        return AuthEnvelopedData.getInstance(parsed.toASN1Structure().getContent())
                .getAuthEncryptedContentInfo()
                .getContentEncryptionAlgorithm()
                .getAlgorithm()
                .getId();
    }

    private void assertRefused(byte[] object, ErrorCode expected, String what) {
        assertThatThrownBy(() -> CmsOpener.openInPlace(key, object, 0, object.length, "an object"))
                .as(what)
                .asInstanceOf(type(CairnException.class))
                .satisfies(e -> assertThat(e.code()).as(what).isEqualTo(expected));
    }

    private static byte[] seal(BackupKey key, byte[] content, int piece) {
        CmsSealer sealer =
                new CmsSealer(content.length + CmsSealer.MAX_OVERHEAD_BYTES, new SecureRandom());
        sealer.begin(key);
        for (int at = 0; at < content.length; at += piece) {
            sealer.append(content, at, Math.min(piece, content.length - at));
        }
        return bytes(sealer.seal());
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    private static byte[] open(BackupKey key, byte[] object) {
        byte[] around = new byte[object.length + 9];
        System.arraycopy(object, 0, around, 4, object.length);
        CmsOpener.Content content =
                CmsOpener.openInPlace(key, around, 4, 4 + object.length, "an object");
        return Arrays.copyOfRange(around, content.from(), content.to());
    }
}
