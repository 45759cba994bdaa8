package io.cairn.service.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cairn.service.intake.IntakeSettings.Lease;
import io.cairn.service.intake.IntakeSettings.Redelivery;
import java.time.Duration;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class IntakeSettingsTest {

    @Test
    void theLockIsRenewedEveryThird() {
        assertThat(Lease.ofLock(Duration.ofSeconds(30)).renewEvery())
                .isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void aRenewalThatComesTooLateIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Lease(Duration.ofSeconds(30), Duration.ofSeconds(16)));
    }

    @Test
    void thePauseDoublesUpToItsLimit() {
        Redelivery redelivery = new Redelivery(7, Duration.ofSeconds(1), Duration.ofSeconds(60));

        assertThat(List.of(1, 2, 3, 6, 7, 20))
                .extracting(redelivery::pauseAfter)
                .extracting(Duration::toSeconds)
                .containsExactly(1L, 2L, 4L, 32L, 60L, 60L);
    }

    @Property
    void noPauseIsLongerThanTheLongest(
            @ForAll @IntRange(min = 1, max = Short.MAX_VALUE) int count) {
        assertThat(Redelivery.DEFAULT.pauseAfter(count))
                .isBetween(Redelivery.DEFAULT.pauseMin(), Redelivery.DEFAULT.pauseMax());
    }

    @Test
    void anIntakeNeedsTopicsAndWorkers() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> IntakeSettings.of("b:1", "g", List.of(), 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> IntakeSettings.of("b:1", "g", List.of("t"), 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> IntakeSettings.of("b:1", " ", List.of("t"), 1));
    }
}
