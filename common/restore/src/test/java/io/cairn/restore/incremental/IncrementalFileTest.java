package io.cairn.restore.incremental;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.basebackup.RelationFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IncrementalFileTest {

    private static final int BLOCK = 8192;
    private static final int MAGIC = 0xd3ae1f0d;

    @TempDir private Path temporary;

    /** By the definition in PostgreSQL's documentation, block by block. */
    @Test
    void blocksLandWhereTheyBelongWhateverTheFileWasBefore() throws Exception {
        Random random = new Random(17);
        for (int round = 0; round < 300; round++) {
            byte[] before = bytes(random, random.nextInt(6) * BLOCK);
            int truncation = random.nextInt(8);
            SortedMap<Integer, byte[]> blocks = new TreeMap<>();
            for (int i = random.nextInt(4); i > 0; i--) {
                blocks.put(random.nextInt(9), bytes(random, BLOCK));
            }

            boolean changed = overlay(before, file(truncation, blocks), random);

            byte[] expected = expected(before, truncation, blocks);
            assertThat(Files.readAllBytes(target())).as("round %d", round).isEqualTo(expected);
            if (!Arrays.equals(before, expected)) {
                assertThat(changed).as("round %d", round).isTrue();
            }
        }
    }

    @Test
    void aFileWithoutBlocksOfTheSameLengthIsUnchanged() throws Exception {
        byte[] before = bytes(new Random(1), 3 * BLOCK);

        assertThat(overlay(before, file(3, new TreeMap<>()), new Random(2))).isFalse();
        assertThat(Files.readAllBytes(target())).isEqualTo(before);
    }

    @Test
    void whatIsNoIncrementalFileIsRefused() {
        SortedMap<Integer, byte[]> blocks = new TreeMap<>();
        blocks.put(1, new byte[BLOCK]);
        byte[] sound = file(2, blocks);
        byte[] otherMagic = sound.clone();
        otherMagic[0] ^= 1;
        byte[] hugeCount = sound.clone();
        hugeCount[7] = 0x7F;
        byte[] hugeBlock = sound.clone();
        hugeBlock[15] = 0x7F;

        for (byte[] wrong :
                new byte[][] {
                    otherMagic,
                    hugeCount,
                    hugeBlock,
                    Arrays.copyOf(sound, 5),
                    Arrays.copyOf(sound, 14),
                    Arrays.copyOf(sound, BLOCK),
                    Arrays.copyOf(sound, sound.length - 1),
                    Arrays.copyOf(sound, sound.length + 1)
                }) {
            assertThatThrownBy(() -> overlay(new byte[0], wrong, new Random(3)))
                    .isInstanceOfSatisfying(
                            CairnException.class,
                            e -> assertThat(e.code()).isEqualTo(ErrorCode.ARCHIVE_CORRUPT));
        }
    }

    @Test
    void pathsAreToldApartByTheirLastName() {
        assertThat(RelationFile.isIncremental("base/5/INCREMENTAL.1259")).isTrue();
        assertThat(RelationFile.isIncremental("INCREMENTAL.x")).isTrue();
        assertThat(RelationFile.isIncremental("INCREMENTAL.5/1259")).isFalse();
        assertThat(IncrementalFile.whole("base/5/INCREMENTAL.1259")).isEqualTo("base/5/1259");
        assertThat(IncrementalFile.incremental("base/5/1259")).isEqualTo("base/5/INCREMENTAL.1259");
    }

    private Path target() {
        return temporary.resolve("file");
    }

    private boolean overlay(byte[] before, byte[] incremental, Random random) throws IOException {
        Files.write(target(), before);
        try (FileChannel channel =
                FileChannel.open(target(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            IncrementalFile file = new IncrementalFile("INCREMENTAL.file", channel);
            int at = 0;
            while (at < incremental.length) {
                int length = Math.min(incremental.length - at, 1 + random.nextInt(20000));
                file.write(incremental, at, length);
                at += length;
            }
            return file.finish();
        }
    }

    private static byte[] file(int truncation, SortedMap<Integer, byte[]> blocks) {
        int header = 12 + 4 * blocks.size();
        int padded = blocks.isEmpty() ? header : (header + BLOCK - 1) / BLOCK * BLOCK;
        ByteBuffer file =
                ByteBuffer.allocate(padded + blocks.size() * BLOCK).order(ByteOrder.nativeOrder());
        file.putInt(MAGIC).putInt(blocks.size()).putInt(truncation);
        blocks.keySet().forEach(file::putInt);
        file.position(padded);
        blocks.values().forEach(file::put);
        return file.array();
    }

    private static byte[] expected(
            byte[] before, int truncation, SortedMap<Integer, byte[]> blocks) {
        int count = Math.max(truncation, blocks.isEmpty() ? 0 : blocks.lastKey() + 1);
        byte[] expected = new byte[count * BLOCK];
        for (int block = 0; block < count; block++) {
            byte[] content = blocks.get(block);
            if (content != null) {
                System.arraycopy(content, 0, expected, block * BLOCK, BLOCK);
            } else if (block < truncation && (block + 1) * BLOCK <= before.length) {
                System.arraycopy(before, block * BLOCK, expected, block * BLOCK, BLOCK);
            }
        }
        return expected;
    }

    private static byte[] bytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
