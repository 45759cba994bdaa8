package io.cairn.executor.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import org.junit.jupiter.api.Test;

class HeapNeedTest {

    private static final long MIB = 1L << 20;

    @Test
    void oneRunFitsTheHeapThatAnOperatorIsTold() {
        // -Xmx288m -Xmn24m, of which one survivor space does not count
        assertThatNoException().isThrownBy(() -> new HeapNeed(1, 192 * MIB).requireFits(285 * MIB));
    }

    @Test
    void whatDoesNotFitIsSaidWithTheHeapThatWould() {
        HeapNeed four = new HeapNeed(4, 4 * 192 * MIB);

        CairnException refusal =
                catchThrowableOfType(CairnException.class, () -> four.requireFits(285 * MIB));

        assertThat(refusal.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
        assertThat(refusal)
                .hasMessage(
                        "4 run(s) at once may need 840 MiB of Java heap, this executor has 285");
        assertThat(refusal.hint())
                .hasValueSatisfying(hint -> assertThat(hint).contains("-Xmx848m"));
    }
}
