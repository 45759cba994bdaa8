package io.cairn.executor.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.model.Lsn;
import io.cairn.model.error.CairnException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class SegmentAssemblerTest {

    private static final int SIZE = 4096;
    private static final Lsn START = new Lsn(7L * SIZE);

    private final AtomicInteger unused = new AtomicInteger();

    @Property(tries = 300)
    void whateverComesAtOnceTheSegmentsAreTheSame(
            @ForAll @Size(min = 1, max = 60) List<@IntRange(min = 1, max = 3000) Integer> messages,
            @ForAll Random cuts) {
        byte[] wal = new byte[messages.stream().mapToInt(it -> it).sum()];
        new Random(wal.length).nextBytes(wal);
        SegmentAssembler assembler = assembler();
        List<SegmentBuffer.Part> segments = new ArrayList<>();
        List<SegmentBuffer.Part> pieces = new ArrayList<>();

        int at = 0;
        for (int message : messages) {
            ByteBuffer bytes = ByteBuffer.wrap(wal, at, message).slice();
            while (bytes.hasRemaining()) {
                boolean full = assembler.append(assembler.position(), bytes);
                if (cuts.nextInt(4) == 0) {
                    assembler.cut().ifPresent(pieces::add);
                }
                if (full) {
                    segments.add(assembler.takeSegment().orElseThrow());
                }
            }
            at += message;
        }

        assertThat(assembler.position()).isEqualTo(START.plus(wal.length));
        assertThat(segments).hasSize(wal.length / SIZE);
        Lsn expected = START;
        for (SegmentBuffer.Part segment : segments) {
            assertThat(segment.range().start()).isEqualTo(expected);
            assertThat(segment.length()).isEqualTo(SIZE);
            assertHolds(segment, wal);
            expected = segment.range().end();
        }
        Lsn last = START;
        for (SegmentBuffer.Part piece : pieces) {
            assertThat(piece.range().start()).isGreaterThanOrEqualTo(last);
            assertHolds(piece, wal);
            last = piece.range().end();
        }
    }

    private static void assertHolds(SegmentBuffer.Part part, byte[] wal) {
        int from = (int) part.range().start().minus(START);
        assertThat(Arrays.copyOfRange(part.array(), part.from(), part.from() + part.length()))
                .isEqualTo(Arrays.copyOfRange(wal, from, from + part.length()));
    }

    @Test
    void memoryIsGivenBackWhenTheLastUserIsDone() {
        SegmentAssembler assembler = assembler();
        assembler.append(START, ByteBuffer.allocate(SIZE / 2));
        SegmentBuffer.Part piece = assembler.cut().orElseThrow();
        assembler.append(assembler.position(), ByteBuffer.allocate(SIZE / 2));
        SegmentBuffer.Part segment = assembler.takeSegment().orElseThrow();

        segment.buffer().release();
        assertThat(unused).hasValue(0);
        piece.buffer().release();
        assertThat(unused).hasValue(1);
    }

    @Test
    void aHoleInTheStreamIsRefused() {
        SegmentAssembler assembler = assembler();
        assembler.append(START, ByteBuffer.allocate(10));

        assertThatThrownBy(() -> assembler.append(START.plus(11), ByteBuffer.allocate(1)))
                .isInstanceOf(CairnException.class)
                .hasMessageContaining("was expected at 0/700A");
    }

    @Test
    void aStreamBeginsWithASegment() {
        assertThatThrownBy(() -> new SegmentAssembler(START.plus(1), SIZE, this::buffer))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anIdleClustersBufferIsSmall() {
        SegmentBuffer buffer = new SegmentBuffer(new Lsn(0), 16 << 20, () -> {});
        buffer.append(ByteBuffer.allocate(1000));

        assertThat(buffer.part(new Lsn(0)).array()).hasSizeLessThan(100_000);
    }

    private SegmentAssembler assembler() {
        return new SegmentAssembler(START, SIZE, this::buffer);
    }

    private SegmentBuffer buffer(Lsn start) {
        return new SegmentBuffer(start, SIZE, unused::incrementAndGet);
    }
}
