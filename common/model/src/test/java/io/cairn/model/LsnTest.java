package io.cairn.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.model.error.CairnException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class LsnTest {

    @Property
    void isReadBackFromItsText(@ForAll long bits) {
        assertThat(Lsn.parse(new Lsn(bits).toString())).isEqualTo(new Lsn(bits));
    }

    @Property
    void isOrderedAsUnsigned(@ForAll long a, @ForAll long b) {
        assertThat(new Lsn(a).compareTo(new Lsn(b))).isEqualTo(Long.compareUnsigned(a, b));
    }

    @Test
    void isWrittenAsPostgresWritesIt() {
        assertThat(new Lsn(0x16_B374D848L)).hasToString("16/B374D848");
        assertThat(new Lsn(0x1L)).hasToString("0/1");
    }

    @Test
    void refusesWhatIsNone() {
        assertThatThrownBy(() -> Lsn.parse("16-B374D848"))
                .isInstanceOfSatisfying(
                        CairnException.class, e -> assertThat(e.hint()).isPresent());
    }
}
