package io.cairn.postgres.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ServerMessageTest {

    @Test
    void fieldsAreReadByTheirTypeAndTheUntranslatedSeverityWins() {
        ServerMessage message =
                ServerMessage.parse(
                        bytes(
                                "SFEHLER\0VFATAL\0C57P01\0MVerbindung wird beendet\0Fpostgres.c\0L3301\0RProcessInterrupts\0\0"));
        assertThat(message)
                .isEqualTo(
                        new ServerMessage(
                                "FATAL",
                                "57P01",
                                "Verbindung wird beendet",
                                "",
                                "ProcessInterrupts"));
        assertThat(message.endsSession()).isTrue();
    }

    @Test
    void aMessageThatIsCutOffGivesWhatItHas() {
        assertThat(ServerMessage.parse(bytes("VERROR\0C42501\0Mpermission den")).message())
                .isEqualTo("permission den");
        assertThat(ServerMessage.parse(new byte[0]).sqlState()).isEmpty();
        assertThat(ServerMessage.parse(bytes("VERROR\0C42501\0\0")).endsSession()).isFalse();
    }

    @Test
    void theDetailIsNotShown() {
        assertThat(
                        ServerMessage.parse(
                                bytes("VERROR\0C23505\0Mduplicate key\0DKey (secret)=(1)\0\0")))
                .hasToString("duplicate key (SQLSTATE 23505)");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
