package io.cairn.service.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingLimitsTest {

    private final SettingLimits limits = new SettingLimits("cairn.test");

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 64})
    void theLimitsThemselvesAreWithin(int value) {
        assertThatCode(() -> limits.within("parallel", value, 1, 64)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 65})
    void whatIsOutsideIsNamedWithItsRange(int value) {
        assertThatExceptionOfType(CairnException.class)
                .isThrownBy(() -> limits.within("parallel", value, 1, 64))
                .satisfies(e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
                    assertThat(e.getMessage()).isEqualTo("cairn.test.parallel is out of range");
                    assertThat(e.hint()).contains("use 1 to 64");
                });
    }

    @Test
    void durationsAreComparedAsSuch() {
        assertThatExceptionOfType(CairnException.class)
                .isThrownBy(() ->
                        limits.within(
                                "every",
                                Duration.ofMinutes(11),
                                Duration.ofSeconds(1),
                                Duration.ofMinutes(10)));
    }
}
