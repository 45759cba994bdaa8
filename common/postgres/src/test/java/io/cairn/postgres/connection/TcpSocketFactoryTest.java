package io.cairn.postgres.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import jdk.net.ExtendedSocketOptions;
import org.junit.jupiter.api.Test;

class TcpSocketFactoryTest {

    @Test
    void aDeadPeerIsNoticedWithinAMinute() throws IOException {
        try (Socket socket = new TcpSocketFactory("").createSocket()) {
            assertThat(socket.getKeepAlive()).isTrue();
            int idle = socket.getOption(ExtendedSocketOptions.TCP_KEEPIDLE);
            int interval = socket.getOption(ExtendedSocketOptions.TCP_KEEPINTERVAL);
            int count = socket.getOption(ExtendedSocketOptions.TCP_KEEPCOUNT);
            assertThat(idle + interval * count).isLessThanOrEqualTo(60);
        }
    }
}
