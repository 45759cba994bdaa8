package io.cairn.service.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.model.error.ErrorCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InstanceNameTest {

    @Test
    void withoutASettingItIsHostAndProcess() {
        assertThat(InstanceName.ofThisProcess().value())
                .matches("[^/]+/" + ProcessHandle.current().pid());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "two words", "a\nline", "größer"})
    void whatWouldSpoilALogLineIsRefused(String value) {
        assertThatThrownBy(() -> new InstanceName(value))
                .hasFieldOrPropertyWithValue("code", ErrorCode.CONFIG_INVALID);
    }
}
