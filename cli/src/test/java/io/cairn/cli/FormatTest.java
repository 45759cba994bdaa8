package io.cairn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FormatTest {

    @ParameterizedTest
    @CsvSource({
        "0,0 B",
        "999,999 B",
        "1000,1.00 kB",
        "999499,999 kB",
        "999500,1.00 MB",
        "12345678,12.3 MB",
        "149800000,150 MB",
        "9223372036854775807,9223 PB"
    })
    void bytesHaveThreeDigitsAndADecimalUnit(long bytes, String text) {
        assertThat(Format.bytes(bytes)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "850,850 ms",
        "12400,12.4 s",
        "185000,3 min 05 s",
        "7800000,2 h 10 min",
        "356400000,4 d 3 h"
    })
    void durationsAreReadAtAGlance(long millis, String text) {
        assertThat(Format.duration(Duration.ofMillis(millis))).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"PT0S,0 s", "PT90S,90 s", "PT15M,15 min", "PT2H,2 h", "P90D,90 d", "PT36H,36 h"})
    void promisesAreReadAsTheyWereMade(Duration duration, String text) {
        assertThat(Format.whole(duration)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"PT1H,1 day", "P27D,27 days", "P63D,9 weeks", "P91D,3 months", "P800D,2 years"})
    void whatIsFarAheadIsSaidRoughly(Duration duration, String text) {
        assertThat(Format.ahead(duration)).isEqualTo(text);
    }

    @Test
    void aRateOfNoTimeIsNoDivisionByZero() {
        assertThat(Format.rate(0, Duration.ZERO)).isEqualTo("0 MB/s");
        assertThat(Format.rate(150_000_000, Duration.ofSeconds(2))).isEqualTo("75 MB/s");
    }
}
