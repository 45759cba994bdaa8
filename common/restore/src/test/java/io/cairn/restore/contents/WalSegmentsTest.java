package io.cairn.restore.contents;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WalSegmentsTest {

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
                        WalSegments.between(
                                new Timeline(timeline),
                                Lsn.parse(start),
                                Lsn.parse(stop),
                                (long) mebibytes << 20))
                .containsExactly(names.split(" "));
    }
}
