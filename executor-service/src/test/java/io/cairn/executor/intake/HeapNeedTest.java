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
        assertThatNoException()
                .isThrownBy(() -> new HeapNeed(1, 192 * MIB, 0, 0).requireFits(285 * MIB));
    }

    @Test
    void whatDoesNotFitIsSaidWithTheHeapThatWould() {
        HeapNeed four = new HeapNeed(4, 4 * 192 * MIB, 0, 0);

        CairnException refusal =
                catchThrowableOfType(CairnException.class, () -> four.requireFits(285 * MIB));

        assertThat(refusal.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
        assertThat(refusal)
                .hasMessage(
                        "4 run(s) at once may need 840 MiB of Java heap, this executor has 285");
        assertThat(refusal.hint())
                .hasValueSatisfying(hint -> assertThat(hint).contains("-Xmx848m"));
    }

    @Test
    void streamsThatMayNotFitBesideTheRunsAreSaidAndDoNotKeepItFromStarting() {
        HeapNeed need = new HeapNeed(1, 192 * MIB, 3, 3 * 144 * MIB);

        assertThatNoException().isThrownBy(() -> need.requireFits(285 * MIB));
        assertThat(need.shortage(285 * MIB))
                .contains(
                        "1 run(s) at once and 3 WAL stream(s) under load may need 696 MiB of Java heap, this executor has 285;"
                                + " hint: start it with -Xmx704m, or lower cairn.executor.wal.memory");
        assertThat(need.shortage(696 * MIB)).isEmpty();
        assertThat(need.shortage(696 * MIB - 1)).isPresent();
    }
}
