package io.cairn.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventObjectTest {

    private static final ObjectKey KEY = new ObjectKey("k");
    private static final StoreName STORE = new StoreName("s");

    @Property(tries = 200)
    void anObjectGivesBackTheEventItWasWrittenOf(@ForAll("events") CairnEvent event) {
        EventObject object = EventObject.of(event);

        assertThat(EventObject.read(object.toJson(), KEY, STORE)).isEqualTo(event);
        assertThat(object.event()).isEqualTo(event);
    }

    @Provide
    Arbitrary<CairnEvent> events() {
        return Events.any();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no JSON",
                "{}",
                "[]",
                "{\"type\":\"io.cairn.Unheard.v1\",\"data\":{}}",
                "{\"type\":\"io.cairn.ValidationPassed.v1\"}",
                "{\"type\":\"io.cairn.ValidationPassed.v1\",\"data\":{\"run\":\"x\"}}"
            })
    void whatIsNoRecordIsRefusedInOneLine(String json) {
        assertThatThrownBy(() -> EventObject.read(json.getBytes(UTF_8), KEY, STORE))
                .isInstanceOf(CairnException.class)
                .hasFieldOrPropertyWithValue("code", ErrorCode.EVENT_UNREADABLE)
                .hasMessageStartingWith("cannot read k in store 's': ")
                .hasMessageNotContaining("\n");
    }
}
