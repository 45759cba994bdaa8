package io.cairn.executor.basebackup;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.model.StoreName;
import io.cairn.model.policy.RunPolicy;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RestoreTimeTest {

    private static final RunPolicy POLICY =
            new RunPolicy(
                    Duration.ofDays(90),
                    Duration.ofSeconds(1000),
                    Duration.ofMinutes(15),
                    List.of(new StoreName("primary")),
                    6,
                    RunPolicy.VOLUME_BYTES_MIN);

    private static RestoreTime gigabytes(long full, long incrementals) {
        return new RestoreTime(
                full * 1_000_000_000,
                incrementals * 1_000_000_000,
                ChainSettings.DEFAULT.restoreRate());
    }

    @Test
    void aChainIsLeftWhenItsRestoreWouldMissTheRto() {
        assertThat(gigabytes(80, 20).missed(POLICY)).isEmpty();
        assertThat(gigabytes(80, 21).missed(POLICY))
                .contains(
                        "a restore of the chain would take about 1010 s at 100 MB/s, longer than the"
                                + " RTO of 1000 s");
    }

    /** Nothing is won by a full that takes too long itself, or that saves next to nothing. */
    @ParameterizedTest
    @CsvSource({"101, 0", "101, 500", "98, 3", "100, 9"})
    void aNewFullIsNotTakenWhereItWouldNotHelp(long full, long incrementals) {
        assertThat(gigabytes(full, incrementals).missed(POLICY)).isEmpty();
    }
}
