package io.cairn.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The proxy and the server behind it, as plain HTTP sees them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StoreProxyIT {

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final byte[] bytes = new byte[1_000_000];
    private S3Server server;
    private StoreProxy proxy;

    @BeforeAll
    void start(@TempDir Path directory) {
        new Random(1).nextBytes(bytes);
        server = S3Server.in(directory).buckets("bucket").start();
        proxy = StoreProxy.before(server.endpoint());
        proxy.grantAll("ALL");
    }

    @AfterAll
    void stop() {
        client.close();
        proxy.close();
        server.close();
    }

    @AfterEach
    void heal() {
        proxy.heal();
        proxy.forget();
    }

    @Test
    void passesBodiesOnUnchangedInBothDirections() throws Exception {
        assertThat(put("ALL", "plain").statusCode()).isEqualTo(200);

        HttpResponse<byte[]> response = get("ALL", "plain");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo(bytes);
        HttpResponse<byte[]> head =
                send(request("ALL", "plain").method("HEAD", BodyPublishers.noBody()));
        assertThat(head.headers().firstValueAsLong("content-length")).hasValue(bytes.length);
    }

    @Test
    void passesARangeOn() throws Exception {
        put("ALL", "range");

        HttpResponse<byte[]> response =
                send(request("ALL", "range").header("Range", "bytes=10-19"));

        assertThat(response.statusCode()).isEqualTo(206);
        assertThat(response.body()).isEqualTo(Arrays.copyOfRange(bytes, 10, 20));
    }

    @Test
    void refusesWhoIsUnknownAndWhatIsNotGranted() throws Exception {
        proxy.grant(
                "READER",
                (operation, key) -> operation == StoreOperation.READ && key.startsWith("open-"));
        put("ALL", "open-1");
        put("ALL", "closed-1");

        assertThat(get("NOBODY", "open-1").statusCode()).isEqualTo(403);
        assertThat(get("READER", "open-1").statusCode()).isEqualTo(200);
        assertThat(get("READER", "closed-1").statusCode()).isEqualTo(403);
        assertThat(put("READER", "open-2").statusCode()).isEqualTo(403);
        assertThat(get("ALL", "open-2").statusCode()).isEqualTo(404);
    }

    @Test
    void remembersWhoAskedForWhat() throws Exception {
        put("ALL", "remembered");
        get("NOBODY", "remembered");

        assertThat(proxy.requests())
                .containsExactly(
                        new StoreRequest(
                                "ALL", StoreOperation.CREATE, "PUT", "bucket", "remembered"),
                        new StoreRequest(
                                "NOBODY", StoreOperation.READ, "GET", "bucket", "remembered"));
    }

    @Test
    void makesAFaultAsOftenAsWanted() throws Exception {
        put("ALL", "storm");
        proxy.inject(
                new StoreFault.Refuse(503, "SlowDown"),
                1,
                2,
                StoreFault.on(StoreOperation.READ, "storm"));

        assertThat(get("ALL", "storm").statusCode()).isEqualTo(200);
        assertThat(get("ALL", "storm").statusCode()).isEqualTo(503);
        assertThat(new String(get("ALL", "storm").body(), StandardCharsets.UTF_8))
                .contains("SlowDown");
        assertThat(get("ALL", "storm").statusCode()).isEqualTo(200);
    }

    @Test
    void resetsBeforeTheServerSeesAnything() throws Exception {
        proxy.inject(new StoreFault.Reset(1000), 1, StoreFault.on(StoreOperation.CREATE));

        assertThatThrownBy(() -> put("ALL", "reset")).isInstanceOf(IOException.class);
        assertThat(get("ALL", "reset").statusCode()).isEqualTo(404);
    }

    @Test
    void losesTheAnswerAfterTheServerHasDoneIt() throws Exception {
        proxy.inject(new StoreFault.LoseResponse(), 1, StoreFault.on(StoreOperation.CREATE));

        assertThatThrownBy(() -> put("ALL", "lost")).isInstanceOf(IOException.class);
        assertThat(get("ALL", "lost").body()).isEqualTo(bytes);
    }

    @Test
    void answersBeforeTheServerHasIt() throws Exception {
        proxy.inject(new StoreFault.AnswerFirst(), 1, StoreFault.on(StoreOperation.CREATE));
        server.suspend();
        try {
            assertThat(put("ALL", "early").statusCode()).isEqualTo(200);
            assertThat(server.files("bucket").resolve("early")).doesNotExist();
        } finally {
            server.resume();
        }
        await().until(() -> get("ALL", "early").statusCode() == 200);
        assertThat(get("ALL", "early").body()).isEqualTo(bytes);
    }

    @Test
    void truncatesFlipsAndForgets() throws Exception {
        put("ALL", "damaged");
        proxy.inject(new StoreFault.Truncate(500_000), 1, StoreFault.on(StoreOperation.READ));
        assertThatThrownBy(() -> get("ALL", "damaged")).isInstanceOf(IOException.class);

        proxy.inject(new StoreFault.Flip(700_000), 1, StoreFault.on(StoreOperation.READ));
        byte[] flipped = get("ALL", "damaged").body();
        assertThat(Arrays.mismatch(flipped, bytes)).isEqualTo(700_000);
        flipped[700_000] = bytes[700_000];
        assertThat(flipped).isEqualTo(bytes);

        proxy.inject(new StoreFault.Stale(), 1, StoreFault.on(StoreOperation.READ));
        assertThat(get("ALL", "damaged").statusCode()).isEqualTo(404);
        assertThat(get("ALL", "damaged").statusCode()).isEqualTo(200);
    }

    @Test
    void slowsDown() throws Exception {
        proxy.inject(new StoreFault.Throttle(2_000_000), 1, StoreFault.on(StoreOperation.CREATE));
        long started = System.nanoTime();
        put("ALL", "slow");
        assertThat(Duration.ofNanos(System.nanoTime() - started))
                .isGreaterThan(Duration.ofMillis(300));

        proxy.inject(
                new StoreFault.Delay(Duration.ofMillis(300)),
                1,
                StoreFault.on(StoreOperation.READ));
        started = System.nanoTime();
        assertThat(get("ALL", "slow").body()).isEqualTo(bytes);
        assertThat(Duration.ofNanos(System.nanoTime() - started))
                .isGreaterThan(Duration.ofMillis(300));
    }

    @Test
    void theServerKeepsItsObjectsOverKillMinusNine() throws Exception {
        put("ALL", "kept");
        long pid = server.pid();

        server.kill();
        assertThat(server.isRunning()).isFalse();
        server.start();

        assertThat(server.pid()).isNotEqualTo(pid);
        assertThat(get("ALL", "kept").body()).isEqualTo(bytes);
        assertThat(server.residentBytes()).isBetween(30L << 20, 600L << 20);
        assertThat(server.cpu()).isPositive();
    }

    private HttpResponse<byte[]> put(String accessKeyId, String key) throws Exception {
        return send(
                request(accessKeyId, key)
                        .header("If-None-Match", "*")
                        .PUT(BodyPublishers.ofByteArray(bytes)));
    }

    private HttpResponse<byte[]> get(String accessKeyId, String key) throws Exception {
        return send(request(accessKeyId, key));
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), BodyHandlers.ofByteArray());
    }

    private HttpRequest.Builder request(String accessKeyId, String key) {
        return HttpRequest.newBuilder(URI.create(proxy.endpoint() + "/bucket/" + key))
                .header(
                        "Authorization",
                        "AWS4-HMAC-SHA256 Credential="
                                + accessKeyId
                                + "/20261122/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00");
    }
}
