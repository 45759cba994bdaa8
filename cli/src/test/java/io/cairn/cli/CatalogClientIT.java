package io.cairn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A catalog, or what is at its address, that never ends its answer. */
@Timeout(20)
class CatalogClientIT {

    private final CountDownLatch end = new CountDownLatch(1);
    private final HttpServer server;

    CatalogClientIT() throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.setExecutor(task -> Thread.ofVirtual().start(task));
        server.createContext(
                "/api/v1/stops",
                exchange -> {
                    exchange.sendResponseHeaders(200, 0);
                    OutputStream body = exchange.getResponseBody();
                    body.write('[');
                    body.flush();
                    await();
                    exchange.close();
                });
        server.createContext(
                "/api/v1/large",
                exchange -> {
                    exchange.sendResponseHeaders(200, 0);
                    try (OutputStream body = exchange.getResponseBody()) {
                        body.write(new byte[64 << 10]);
                    }
                });
        server.start();
    }

    private void await() {
        try {
            end.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @AfterEach
    void stop() {
        end.countDown();
        server.stop(0);
    }

    @Test
    void anAnswerThatStopsInTheMiddleIsWaitedForToALimit() {
        assertBrokenOff(() -> client().get("/stops"), "within 0.3 s");
    }

    @Test
    void anAnswerIsReadToALimit() {
        assertBrokenOff(() -> client().get("/large"), "1024");
    }

    private CatalogClient client() {
        URI base = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        return new CatalogClient(base, Duration.ofMillis(300), 1024);
    }

    private static void assertBrokenOff(ThrowingCallable call, String why) {
        assertThatThrownBy(call)
                .hasMessageContaining("did not come to its end")
                .hasMessageContaining(why)
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.SERVICE_UNREACHABLE);
                            assertThat(e.hint()).isPresent();
                        });
    }
}
