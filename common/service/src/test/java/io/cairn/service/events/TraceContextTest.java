package io.cairn.service.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceContextTest {

    private static final String CAUSE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

    private final TraceContext traces = new TraceContext(new Random(7));

    @Test
    void anEventContinuesTheTraceOfItsCauseUnderItsOwnSpan() {
        assertThat(traces.next(Optional.of(CAUSE)))
                .matches("00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-00")
                .isNotEqualTo(CAUSE);
    }

    @Test
    void withoutACauseATraceBegins() {
        String one = traces.next(Optional.empty());

        assertThat(one).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-01");
        assertThat(traces.next(Optional.empty()).substring(3, 35))
                .isNotEqualTo(one.substring(3, 35));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                "00-abc-def-01"
            })
    void aBrokenTraceIsNotContinued(String broken) {
        assertThat(traces.next(Optional.of(broken))).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-01");
    }

    @Test
    void anIdIsNeverAllZeros() {
        TraceContext zeros = new TraceContext(() -> 0L);

        assertThat(zeros.next(Optional.empty())).doesNotContain("0000000000000000-");
    }
}
