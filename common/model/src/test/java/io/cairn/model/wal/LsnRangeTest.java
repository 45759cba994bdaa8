package io.cairn.model.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.model.Lsn;
import java.util.List;
import java.util.stream.LongStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class LsnRangeTest {

    @Provide
    Arbitrary<List<LsnRange>> ranges() {
        return Combinators.combine(
                        Arbitraries.longs().between(0, 60), Arbitraries.longs().between(1, 12))
                .as((start, bytes) -> range(start, start + bytes))
                .list()
                .ofMaxSize(8);
    }

    @Property
    void mergedRangesHoldTheSameBytesAndHaveGapsBetweenThem(
            @ForAll("ranges") List<LsnRange> ranges) {
        List<LsnRange> merged = LsnRange.merged(ranges);

        assertThat(LongStream.range(0, 80).filter(at -> holds(merged, at)))
                .containsExactly(
                        LongStream.range(0, 80)
                                .filter(at -> holds(ranges, at))
                                .boxed()
                                .toArray(Long[]::new));
        for (int i = 1; i < merged.size(); i++) {
            assertThat(merged.get(i).start()).isGreaterThan(merged.get(i - 1).end());
        }
    }

    @Property
    void theFirstByteThatIsNotCoveredIsFound(
            @ForAll("ranges") List<LsnRange> ranges, @ForAll @LongRange(max = 70) long start) {
        long expected = start;
        while (holds(ranges, expected)) {
            expected++;
        }
        assertThat(LsnRange.coveredFrom(new Lsn(start), LsnRange.merged(ranges)))
                .isEqualTo(new Lsn(expected));
    }

    @Test
    void touchingRangesAreOne() {
        assertThat(LsnRange.merged(List.of(range(5, 9), range(0, 5), range(2, 3))))
                .containsExactly(range(0, 9));
        assertThat(LsnRange.merged(List.of())).isEmpty();
    }

    private static boolean holds(List<LsnRange> ranges, long at) {
        return ranges.stream().anyMatch(range -> range.contains(new Lsn(at)));
    }

    private static LsnRange range(long start, long end) {
        return new LsnRange(new Lsn(start), new Lsn(end));
    }
}
