package io.cairn.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CronCheckTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0 2 * * *",
                "*/5 * * * *",
                "30 */4 * * *",
                "0,15,30,45 9-17 * * mon-fri",
                "0 0 1 jan *",
                "0 6 * * 7",
                "10-50/20 * * * *",
            })
    void cronIsAccepted(String cron) {
        assertThat(CronCheck.require(cron)).isEqualTo(cron);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *",
                        "* * * 13 *",
                "* * * 0 *", "* * * * 8", "*/0 * * * *", "5-1 * * * *", "a * * * *", "1,,2 * * * *",
                        ", * * * *", "* * * xyz *",
                "@daily", "-1 * * * *", "* jan * * *",
            })
    void whatIsNoCronIsRefused(String cron) {
        assertThatIllegalArgumentException().isThrownBy(() -> CronCheck.require(cron));
    }
}
