package io.cairn.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnitsTest {

    @Property
    void durationsAreExact(@ForAll @IntRange(max = 100_000) int number) {
        assertThat(Units.duration(number + "ms")).isEqualTo(Duration.ofMillis(number));
        assertThat(Units.duration(number + "s")).isEqualTo(Duration.ofSeconds(number));
        assertThat(Units.duration(number + "m")).isEqualTo(Duration.ofMinutes(number));
        assertThat(Units.duration(number + "h")).isEqualTo(Duration.ofHours(number));
        assertThat(Units.duration(number + " d")).isEqualTo(Duration.ofDays(number));
    }

    @Property
    void sizesArePowersOf1024(@ForAll @LongRange(max = 8_000_000) long number) {
        assertThat(Units.size(number + "B")).isEqualTo(number);
        assertThat(Units.size(number + "KiB")).isEqualTo(number * 1024);
        assertThat(Units.size(number + "TiB")).isEqualTo(number * 1024 * 1024 * 1024 * 1024);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "15",
                "m",
                "-15m",
                "1.5h",
                "15M",
                "15min",
                "15m30s",
                "9999999999999999s"
            })
    void whatIsNoDurationIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Units.duration(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "64", "64MB", "64mib", "64 MiB/s", "-1MiB", "999999999999999TiB"})
    void whatIsNoSizeIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Units.size(text));
    }

    @Test
    void theLargestSizeFits() {
        assertThat(Units.size("8388607TiB")).isEqualTo(8_388_607L << 40);
    }
}
