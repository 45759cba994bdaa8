package io.cairn.postgres.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.wal.TimelineHistory.Fork;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimelineHistoryTest {

    private static final Timeline ONE = new Timeline(1);
    private static final Timeline TWO = new Timeline(2);
    private static final Timeline FOUR = new Timeline(4);
    private static final Timeline FIVE = new Timeline(5);

    private static final TimelineHistory HISTORY =
            history(
                    5,
                    """
                    1\t0/5000000\tno recovery target specified

                    # timeline 2 was left by hand
                    2\t0/70000A0\tbefore 2026-11-22 17:00:00+00
                    4\t1/0\tat restore point "caf\u00e9"
                    """);

    private static TimelineHistory history(int timeline, String text) {
        return TimelineHistory.parse(
                new Timeline(timeline), text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void theForksAreReadInOrder() {
        assertThat(HISTORY.forks())
                .containsExactly(
                        new Fork(ONE, Lsn.parse("0/5000000")),
                        new Fork(TWO, Lsn.parse("0/70000A0")),
                        new Fork(FOUR, Lsn.parse("1/0")));
        assertThat(HISTORY.contains(FIVE)).isTrue();
        assertThat(HISTORY.contains(new Timeline(3))).isFalse();
        assertThat(HISTORY.switchPoint(TWO)).hasValue(Lsn.parse("0/70000A0"));
        assertThat(HISTORY.switchPoint(FIVE)).isEmpty();
    }

    @Test
    void theFirstByteAfterAForkIsTheNextTimelines() {
        assertThat(HISTORY.holding(Lsn.parse("0/4FFFFFF"))).isEqualTo(ONE);
        assertThat(HISTORY.holding(Lsn.parse("0/5000000"))).isEqualTo(TWO);
        assertThat(HISTORY.holding(Lsn.parse("0/FFFFFFFF"))).isEqualTo(FOUR);
        assertThat(HISTORY.holding(Lsn.parse("1/0"))).isEqualTo(FIVE);
    }

    @Test
    void timelinesThatWereLeftBeforeAPositionHaveNothingFromItOn() {
        assertThat(HISTORY.from(Lsn.parse("0/4FFFFFF"))).containsExactly(ONE, TWO, FOUR, FIVE);
        assertThat(HISTORY.from(Lsn.parse("0/5000000"))).containsExactly(TWO, FOUR, FIVE);
        assertThat(HISTORY.from(Lsn.parse("1/0"))).containsExactly(FIVE);
    }

    @Test
    void whoHasReadToTheForkCanGoOnAndWhoHasReadFurtherCannot() {
        assertThat(HISTORY.continues(ONE, Lsn.parse("0/5000000"))).isTrue();
        assertThat(HISTORY.continues(ONE, Lsn.parse("0/5000001"))).isFalse();
        assertThat(HISTORY.continues(TWO, Lsn.parse("0/4FFFFFF"))).isFalse();
        assertThat(HISTORY.continues(TWO, Lsn.parse("0/5000000"))).isTrue();
        assertThat(HISTORY.continues(new Timeline(3), Lsn.parse("0/6000000"))).isFalse();
        assertThat(HISTORY.continues(FIVE, Lsn.parse("9/0"))).isTrue();
        assertThat(HISTORY.continues(FIVE, Lsn.parse("0/FFFFFFFF"))).isFalse();
    }

    @Test
    void theFirstTimelineHasAnEmptyHistory() {
        TimelineHistory first = history(1, "");
        assertThat(first.forks()).isEmpty();
        assertThat(first.holding(Lsn.parse("7/7"))).isEqualTo(ONE);
        assertThat(first.continues(ONE, Lsn.parse("0/0"))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "one\t0/5000000\treason",
                "1",
                "1\t5000000\treason",
                "1\t0/5000000x",
                "0\t0/5000000\treason",
                "4294967295\t0/5000000\treason",
                "5\t0/5000000\tof itself",
                "2\t0/5000000\tno order\n1\t0/6000000\tno order",
                "1\t0/6000000\tbackwards\n2\t0/5000000\tbackwards"
            })
    void whatTheServerWouldNotReadIsRefused(String text) {
        assertThatThrownBy(() -> history(5, text))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.ARCHIVE_CORRUPT));
    }
}
