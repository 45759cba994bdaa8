package io.cairn.bench.month;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class GuardTest {

    @Test
    void everyInvariantHasAGuardThatCanBeTakenAway() {
        assertThat(Arrays.stream(Guard.values()).map(Guard::invariant).distinct())
                .containsExactlyInAnyOrder(Invariant.values());
    }
}
