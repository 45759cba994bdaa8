package io.cairn.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LoopbackHttpTest {

    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void anErrorIsAnAnswerToo() throws InterruptedException {
        answer(404, 7, "nothing");

        assertThat(LoopbackHttp.get(uri())).isEqualTo("nothing");
    }

    @Test
    void anAnswerWhoseBodyNeverEndsIsNotWaitedForForever() {
        answer(200, 1000, "the first of 1000 bytes");

        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> LoopbackHttp.get(uri(), Duration.ofMillis(300)))
                .withCauseInstanceOf(HttpTimeoutException.class)
                .withMessageContaining(uri().toString());
    }

    @Test
    void nobodyThereIsToldWithTheAddress() {
        server.stop(0);

        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> LoopbackHttp.get(uri()))
                .withMessageContaining(uri().toString());
    }

    private URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/metrics");
    }

    private void answer(int status, int length, String begin) {
        server.createContext(
                "/metrics",
                exchange -> {
                    exchange.sendResponseHeaders(status, length);
                    exchange.getResponseBody().write(begin.getBytes(StandardCharsets.UTF_8));
                    exchange.getResponseBody().flush();
                });
    }
}
