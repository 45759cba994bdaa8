package io.cairn.executor.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.model.Lsn;
import io.cairn.model.wal.LsnRange;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class DurablePositionTest {

    private static final Lsn START = new Lsn(1000);

    @Property
    void movesOverContiguousRangesOnlyInWhateverOrderTheyBecomeDurable(
            @ForAll Random random, @ForAll @IntRange(min = 1, max = 40) int ranges) {
        DurablePosition durable = new DurablePosition(START);
        BitSet stored = new BitSet();
        Lsn before = START;

        for (int i = 0; i < ranges; i++) {
            int from = random.nextInt(100);
            int to = from + 1 + random.nextInt(20);
            stored.set(from, to);
            boolean moved = durable.stored(new LsnRange(START.plus(from), START.plus(to)));

            Lsn expected = START.plus(stored.nextClearBit(0));
            assertThat(durable.position()).isEqualTo(expected);
            assertThat(moved).isEqualTo(!expected.equals(before));
            before = expected;
        }
    }

    @Property
    void anyOrderOfCompletionsEndsAtTheEnd(
            @ForAll Random random, @ForAll @IntRange(min = 1, max = 60) int objects) {
        List<LsnRange> ranges = new ArrayList<>();
        Lsn position = START;
        for (int i = 0; i < objects; i++) {
            Lsn end = position.plus(1 + random.nextInt(1000));
            ranges.add(new LsnRange(position, end));
            position = end;
        }
        Lsn end = position;
        Collections.shuffle(ranges, random);
        DurablePosition durable = new DurablePosition(START);

        for (int i = 0; i < objects; i++) {
            assertThat(durable.position().equals(end)).isFalse();
            durable.stored(ranges.get(i));
        }
        assertThat(durable.position()).isEqualTo(end);
    }
}
