package io.cairn.archive.gzip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.cairn.archive.SampleData;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GzipCodecTest {

    static Stream<GzipCodec> codecs() {
        return Stream.concat(GzipCodec.libdeflate().stream(), Stream.of(GzipCodec.zlib()));
    }

    @Provide
    Arbitrary<GzipCodec> anyCodec() {
        return Arbitraries.of(codecs().toList());
    }

    @Provide
    Arbitrary<List<Integer>> memberSizes() {
        Arbitrary<Integer> edge =
                Arbitraries.of(
                        0,
                        1,
                        2,
                        511,
                        65_535,
                        65_536,
                        GzipCodec.MEMBER_BYTES - 1,
                        GzipCodec.MEMBER_BYTES);
        return Arbitraries.oneOf(edge, Arbitraries.integers().between(0, 200_000))
                .list()
                .ofMinSize(1)
                .ofMaxSize(4);
    }

    @Property(tries = 60)
    void everyCodecReadsTheMembersOfEveryCodec(
            @ForAll("anyCodec") GzipCodec writer,
            @ForAll("anyCodec") GzipCodec reader,
            @ForAll("memberSizes") List<Integer> sizes,
            @ForAll boolean dense,
            @ForAll long seed) {
        ByteArrayOutputStream gzip = new ByteArrayOutputStream();
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        for (int size : sizes) {
            byte[] content = content(dense, seed, size);
            expected.writeBytes(content);
            gzip.writeBytes(member(writer, 6, content));
        }

        assertThat(inflate(reader, gzip.toByteArray())).isEqualTo(expected.toByteArray());
    }

    @ParameterizedTest
    @MethodSource("codecs")
    void theJdkReadsOurMembers(GzipCodec codec) throws IOException {
        byte[] one = SampleData.cluster(new Random(1), 100_000);
        byte[] two = SampleData.cluster(new Random(2), 5);
        byte[] gzip = concatenated(member(codec, 6, one), member(codec, 9, two));

        byte[] read = new GZIPInputStream(new ByteArrayInputStream(gzip)).readAllBytes();

        assertThat(read).isEqualTo(concatenated(one, two));
    }

    @ParameterizedTest
    @MethodSource("codecs")
    void levelNineIsNotLargerThanLevelSix(GzipCodec codec) {
        byte[] content = SampleData.cluster(new Random(3), 12 << 20);
        int six = 0;
        int nine = 0;
        for (int at = 0; at < content.length; at += GzipCodec.MEMBER_BYTES) {
            byte[] block = Arrays.copyOfRange(content, at, at + GzipCodec.MEMBER_BYTES);
            six += member(codec, 6, block).length;
            nine += member(codec, 9, block).length;
        }

        assertThat(nine).isLessThanOrEqualTo(six);
    }

    @ParameterizedTest
    @MethodSource("codecs")
    void boundHoldsForBytesThatDoNotCompress(GzipCodec codec) {
        for (int size : new int[] {0, 1, 4096, 100_000, GzipCodec.MEMBER_BYTES}) {
            byte[] content = SampleData.random(new Random(size), size);

            assertThat(member(codec, 6, content).length).isBetween(18, codec.bound(size));
        }
    }

    @ParameterizedTest
    @MethodSource("codecs")
    void otherLevelsAreRefused(GzipCodec codec) {
        assertThatIllegalArgumentException().isThrownBy(() -> codec.compressor(5));
        assertThatIllegalArgumentException().isThrownBy(() -> codec.compressor(10));
    }

    @ParameterizedTest
    @MethodSource("codecs")
    void noFlippedBitChangesWhatIsRead(GzipCodec codec) {
        byte[] content = concatenated("first member".getBytes(), new byte[500]);
        byte[] gzip =
                concatenated(
                        member(codec, 6, "first member".getBytes()),
                        member(codec, 6, new byte[500]));
        int refused = 0;

        for (int bit = 0; bit < gzip.length * 8; bit++) {
            byte[] damaged = gzip.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            try {
                // A few bits have no meaning: XFL, OS, and the padding of deflate's blocks.
                assertThat(inflate(codec, damaged)).as("bit " + bit).isEqualTo(content);
            } catch (CairnException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.ARCHIVE_CORRUPT);
                refused++;
            }
        }

        assertThat(refused).isGreaterThan(gzip.length * 8 - 2 * (16 + 16));
    }

    @ParameterizedTest
    @MethodSource("codecs")
    void everyTruncationInsideAMemberIsFound(GzipCodec codec) {
        byte[] first = member(codec, 6, "first member".getBytes());
        byte[] gzip = concatenated(first, member(codec, 6, new byte[500]));

        for (int length = 0; length < gzip.length; length++) {
            byte[] cut = Arrays.copyOf(gzip, length);
            if (length == first.length) {
                continue; // a member boundary: this is what the length of the slice in the commit
                // object is for
            }
            assertCorrupt(codec, cut);
        }
    }

    @ParameterizedTest
    @MethodSource("codecs")
    void whateverFollowsTheLastMemberIsRefused(GzipCodec codec) {
        byte[] gzip = member(codec, 6, "content".getBytes());

        assertCorrupt(codec, concatenated(gzip, new byte[1]));
        assertCorrupt(codec, concatenated(gzip, new byte[512]));
        assertCorrupt(codec, concatenated(gzip, "garbage that is longer than a header".getBytes()));
        assertCorrupt(codec, concatenated(gzip, Arrays.copyOf(gzip, 10)));
    }

    @ParameterizedTest
    @MethodSource("codecs")
    void aMemberOfMoreThanOneMebibyteIsRefused(GzipCodec codec) throws IOException {
        assertThat(inflate(codec, jdkMember(new byte[GzipCodec.MEMBER_BYTES])))
                .hasSize(GzipCodec.MEMBER_BYTES);
        assertCorrupt(codec, jdkMember(new byte[GzipCodec.MEMBER_BYTES + 1]));
        assertCorrupt(codec, jdkMember(new byte[3 * GzipCodec.MEMBER_BYTES]));
    }

    @ParameterizedTest
    @MethodSource("codecs")
    void aClosedCompressorRefusesToWork(GzipCodec codec) {
        try (Arena arena = Arena.ofConfined()) {
            GzipCompressor compressor = codec.compressor(6);
            compressor.close();
            compressor.close();

            assertThatThrownBy(() -> compressor.compress(arena.allocate(10), arena.allocate(100)))
                    .isInstanceOfAny(IllegalStateException.class, NullPointerException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("codecs")
    void outputWithoutRoomIsRefused(GzipCodec codec) {
        try (Arena arena = Arena.ofConfined();
                GzipCompressor compressor = codec.compressor(6)) {
            MemorySegment input = arena.allocate(1000);
            input.copyFrom(MemorySegment.ofArray(SampleData.random(new Random(1), 1000)));

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> compressor.compress(input, arena.allocate(100)));
        }
    }

    @Test
    void bestIsLibdeflateWhereItIsInstalled() {
        String expected = GzipCodec.libdeflate().map(GzipCodec::name).orElse("zlib (JDK)");

        assertThat(GzipCodec.best().name()).isEqualTo(expected);
        assertThat(GzipCodec.libdeflate().map(GzipCodec::name))
                .isIn(Optional.empty(), Optional.of("libdeflate"));
    }

    private static byte[] content(boolean dense, long seed, int size) {
        return dense
                ? SampleData.random(new Random(seed), size)
                : SampleData.cluster(new Random(seed), size);
    }

    private static byte[] member(GzipCodec codec, int level, byte[] content) {
        try (Arena arena = Arena.ofConfined();
                GzipCompressor compressor = codec.compressor(level)) {
            MemorySegment input =
                    arena.allocate(Math.max(1, content.length)).asSlice(0, content.length);
            input.copyFrom(MemorySegment.ofArray(content));
            MemorySegment output = arena.allocate(codec.bound(content.length));
            int length = compressor.compress(input, output);
            return output.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private static byte[] jdkMember(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(content);
        }
        return bytes.toByteArray();
    }

    private static byte[] inflate(GzipCodec codec, byte[] gzip) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        byte[] chunk = new byte[GzipCodec.MEMBER_BYTES];
        try (GzipMembers members = new GzipMembers(codec)) {
            // In the middle of a larger array, as in a decrypted object.
            byte[] around = new byte[gzip.length + 20];
            System.arraycopy(gzip, 0, around, 7, gzip.length);
            members.begin(around, 7, 7 + gzip.length, "an object");
            while (members.hasNext()) {
                content.write(chunk, 0, members.next(chunk));
            }
        }
        return content.toByteArray();
    }

    private static void assertCorrupt(GzipCodec codec, byte[] gzip) {
        assertThatThrownBy(() -> inflate(codec, gzip))
                .asInstanceOf(type(CairnException.class))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.ARCHIVE_CORRUPT))
                .satisfies(e -> assertThat(e.messageWithHint()).contains("an object", "hint:"));
    }

    private static byte[] concatenated(byte[]... parts) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            bytes.writeBytes(part);
        }
        return bytes.toByteArray();
    }
}
