package io.cairn.model.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import io.cairn.model.error.CairnException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WalSegmentTest {

    private static final Timeline ONE = new Timeline(1);

    @Test
    void isNamedAsPostgresNamesIt() {
        // pg_walfile_name('16/B374D848') with segments of 16 and of 64 MiB
        Lsn position = Lsn.parse("16/B374D848");
        assertThat(WalSegment.containing(ONE, position, SegmentSize.DEFAULT).name())
                .isEqualTo("0000000100000016000000B3");
        assertThat(WalSegment.containing(ONE, position, new SegmentSize(64 << 20)).name())
                .isEqualTo("00000001000000160000002C");
    }

    @Property
    void isReadBackFromItsName(
            @ForAll @LongRange(min = 0, max = 1L << 40) long number,
            @ForAll @IntRange(min = 20, max = 30) int sizeBits,
            @ForAll @IntRange(min = 1) int timeline) {
        WalSegment segment =
                new WalSegment(
                        new Timeline(timeline),
                        number >>> (sizeBits - 20),
                        new SegmentSize(1 << sizeBits));
        assertThat(WalSegment.parse(segment.name(), segment.size())).isEqualTo(segment);
    }

    @Property
    void followsTheOneBeforeIt(@ForAll @LongRange(min = 0, max = 1L << 50) long bits) {
        WalSegment segment = WalSegment.containing(ONE, new Lsn(bits), SegmentSize.DEFAULT);
        assertThat(segment.range().contains(new Lsn(bits))).isTrue();
        assertThat(segment.next().start()).isEqualTo(segment.end());
        assertThat(segment.next().name()).isGreaterThan(segment.name());
    }

    @Test
    void coversARangeWithoutTheSegmentThatOnlyBeginsAtItsEnd() {
        Lsn start = Lsn.parse("0/1800000");
        assertThat(
                        WalSegment.of(
                                ONE,
                                new LsnRange(start, Lsn.parse("0/3000000")),
                                SegmentSize.DEFAULT))
                .extracting(WalSegment::name)
                .containsExactly("000000010000000000000001", "000000010000000000000002");
    }

    @ParameterizedTest
    @CsvSource({
        "1, 0/2000028, 0/2000120, 16, 000000010000000000000002",
        "1, 0/2000028, 0/3000000, 16, 000000010000000000000002",
        "1, 0/2000028, 0/3000001, 16, 000000010000000000000002 000000010000000000000003",
        "26, 0/FF000028, 1/1, 16, 0000001A00000000000000FF 0000001A0000000100000000",
        "1, 1/FFF00000, 2/100001, 1, 000000010000000100000FFF 000000010000000200000000 000000010000000200000001",
        "1, A/C0000000, A/C0000001, 1024, 000000010000000A00000003"
    })
    void theSegmentsFromStartToStopAreNamed(
            int timeline, String start, String stop, int mebibytes, String names) {
        assertThat(
                        WalSegment.between(
                                new Timeline(timeline),
                                Lsn.parse(start),
                                Lsn.parse(stop),
                                new SegmentSize(mebibytes << 20)))
                .extracting(WalSegment::name)
                .containsExactly(names.split(" "));
    }

    @Test
    void refusesANameThatNoServerWrites() {
        assertThatThrownBy(() -> WalSegment.parse("000000010000000000000100", SegmentSize.DEFAULT))
                .isInstanceOf(CairnException.class);
        assertThatThrownBy(() -> WalSegment.parse("00000001.history", SegmentSize.DEFAULT))
                .isInstanceOf(CairnException.class);
    }

    @Test
    void refusesASizeThatNoServerHas() {
        assertThatThrownBy(() -> new SegmentSize(3 << 20))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new SegmentSize(1 << 19))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
