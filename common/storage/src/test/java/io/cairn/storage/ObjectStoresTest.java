package io.cairn.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ObjectStoresTest {

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
    private final AtomicInteger tries = new AtomicInteger();

    @Test
    void whatBreaksOffSoonIsBegunThreeTimes() {
        assertThatThrownBy(() -> copy(Duration.ofSeconds(1), ErrorCode.STORE_UNREACHABLE))
                .isInstanceOf(CairnException.class);

        assertThat(tries).hasValue(3);
    }

    @Test
    void aStoreThatTookLongToFailIsNotAskedAgain() {
        assertThatThrownBy(() -> copy(Duration.ofMinutes(6), ErrorCode.STORE_UNREACHABLE))
                .hasMessage("copying x was given up after 360 s: nobody answers")
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.STORE_UNREACHABLE);
                            assertThat(e.hint()).contains("look");
                        });

        assertThat(tries).hasValue(1);
    }

    @Test
    void whatIsWrongForGoodIsNotTriedAgain() {
        assertThatThrownBy(() -> copy(Duration.ZERO, ErrorCode.STORE_OBJECT_DIFFERS))
                .hasMessage("nobody answers");

        assertThat(tries).hasValue(1);
    }

    private void copy(Duration each, ErrorCode code) {
        ObjectStores.again(
                "copying x",
                () -> {
                    tries.incrementAndGet();
                    now.updateAndGet(time -> time.plus(each));
                    throw new CairnException(code, "nobody answers", "look");
                },
                now::get);
    }
}
