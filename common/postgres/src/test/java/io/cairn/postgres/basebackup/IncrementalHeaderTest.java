package io.cairn.postgres.basebackup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IncrementalHeaderTest {

    private static byte[] bytes(ByteOrder order, int length, int... blocks) {
        ByteBuffer bytes = ByteBuffer.allocate(12 + 4 * blocks.length + 100).order(order);
        bytes.putInt(0xd3ae1f0d).putInt(blocks.length).putInt(length);
        IntStream.of(blocks).forEach(bytes::putInt);
        return bytes.array();
    }

    private static IncrementalHeader read(byte[] bytes, int chunk) {
        IncrementalHeader header = new IncrementalHeader("base/5/INCREMENTAL.1");
        for (int at = 0; at < bytes.length; at += chunk) {
            header.write(bytes, at, Math.min(chunk, bytes.length - at));
        }
        return header;
    }

    @ParameterizedTest
    @CsvSource({"'', 10, 10", "9, 10, 9", "'7 8 9', 10, 7", "'0 7 8', 10, 10", "'0 1 2', 3, 0"})
    void theBlocksThatReachToTheEndAreFound(String listed, int length, int from) {
        int[] blocks =
                Arrays.stream(listed.split(" "))
                        .filter(number -> !number.isEmpty())
                        .mapToInt(Integer::parseInt)
                        .toArray();

        for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
            IncrementalHeader header = read(bytes(order, length, blocks), 1000);
            assertThat(header.heldFrom()).isEqualTo(from);
            assertThat(header.length()).isEqualTo(length);
        }
    }

    /** From there on no block is missing, and the one before it is. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void everyBlockFromThereOnIsHeldHoweverTheBytesCome(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 50; round++) {
            int length = 1 + random.nextInt(50);
            int present = 1 + random.nextInt(10);
            int[] listed =
                    IntStream.range(0, length).filter(i -> random.nextInt(11) <= present).toArray();
            IncrementalHeader header =
                    read(bytes(ByteOrder.nativeOrder(), length, listed), 1 + random.nextInt(30));

            Set<Integer> blocks = IntStream.of(listed).boxed().collect(Collectors.toSet());
            int from = Math.toIntExact(header.heldFrom());
            assertThat(IntStream.range(from, length)).allMatch(blocks::contains);
            assertThat(from == 0 || !blocks.contains(from - 1)).isTrue();
        }
    }

    @Test
    void whatIsNoIncrementalFileIsRefused() {
        byte[] wrong = bytes(ByteOrder.nativeOrder(), 10, 1, 2);
        wrong[0]++;
        assertRefused(() -> read(wrong, 1000));
        assertRefused(() -> read(bytes(ByteOrder.nativeOrder(), 10, 2, 1), 1000));
        byte[] cut = Arrays.copyOf(bytes(ByteOrder.nativeOrder(), 10, 1, 2), 19);
        assertRefused(() -> read(cut, 1000).heldFrom());
        assertRefused(() -> read(Arrays.copyOf(cut, 5), 1000).heldFrom());
    }

    private static void assertRefused(Runnable reading) {
        assertThatThrownBy(reading::run)
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.MANIFEST_MISMATCH));
    }
}
