package io.cairn.restore.identity.kms;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.cairn.model.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.jspecify.annotations.Nullable;

/**
 * GetPublicKey and Decrypt of AWS KMS for one RSA key, as the API reference describes them: JSON
 * 1.1 over HTTP, requests signed with Signature Version 4. The decryption is real. Fails on demand.
 */
final class FakeKms implements AutoCloseable {

    static final String ARN = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd";

    /** One request as it came. */
    record Asked(String action, String authorization, Map<?, ?> body) {}

    private record Failure(int status, String code) {}

    private final HttpServer server;
    private final PublicKey publicKey;
    private final PrivateKey privateKey;
    private final List<Asked> asked = new ArrayList<>();
    private final Deque<Failure> failures = new ArrayDeque<>();
    private volatile String algorithm = "RSAES_OAEP_SHA_256";

    FakeKms(PublicKey publicKey, PrivateKey privateKey) {
        this.publicKey = publicKey;
        this.privateKey = privateKey;
        try {
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::answer);
        server.start();
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    synchronized List<Asked> asked() {
        return List.copyOf(asked);
    }

    /** The next {@code times} requests are refused. */
    synchronized void fail(int times, int status, String code) {
        for (int i = 0; i < times; i++) {
            failures.add(new Failure(status, code));
        }
    }

    /** The key encrypts otherwise, or not at all. */
    void offers(String other) {
        algorithm = other;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
            Map<?, ?> body = Json.read(exchange.getRequestBody().readAllBytes(), Map.class);
            Failure failure = taken(exchange, target, body);
            if (failure != null) {
                send(exchange, failure.status(), Map.of("__type", failure.code()));
            } else if (!ARN.equals(body.get("KeyId"))
                    && !"alias/backups".equals(body.get("KeyId"))) {
                send(exchange, 400, Map.of("__type", "NotFoundException"));
            } else if (target.equals("TrentService.GetPublicKey")) {
                send(exchange, 200, publicKey());
            } else {
                decrypt(exchange, body);
            }
        }
    }

    private synchronized @Nullable Failure taken(
            HttpExchange exchange, String target, Map<?, ?> body) {
        asked.add(
                new Asked(
                        target.substring(target.indexOf('.') + 1),
                        String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")),
                        body));
        return failures.poll();
    }

    private Map<String, Object> publicKey() {
        return Map.of(
                "KeyId",
                ARN,
                "KeyUsage",
                "ENCRYPT_DECRYPT",
                "PublicKey",
                Base64.getEncoder().encodeToString(publicKey.getEncoded()),
                "EncryptionAlgorithms",
                List.of(algorithm));
    }

    private void decrypt(HttpExchange exchange, Map<?, ?> body) throws IOException {
        try {
            if (!"RSAES_OAEP_SHA_256".equals(body.get("EncryptionAlgorithm"))) {
                send(exchange, 400, Map.of("__type", "InvalidKeyUsageException"));
                return;
            }
            Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
            cipher.init(
                    Cipher.DECRYPT_MODE,
                    privateKey,
                    new OAEPParameterSpec(
                            "SHA-256",
                            "MGF1",
                            MGF1ParameterSpec.SHA256,
                            PSource.PSpecified.DEFAULT));
            byte[] plain =
                    cipher.doFinal(
                            Base64.getDecoder().decode(String.valueOf(body.get("CiphertextBlob"))));
            send(
                    exchange,
                    200,
                    Map.of("KeyId", ARN, "Plaintext", Base64.getEncoder().encodeToString(plain)));
        } catch (GeneralSecurityException e) {
            send(exchange, 400, Map.of("__type", "InvalidCiphertextException"));
        }
    }

    private static void send(HttpExchange exchange, int status, Map<String, Object> body)
            throws IOException {
        byte[] json = Json.writeIndented(body);
        exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.1");
        exchange.sendResponseHeaders(status, json.length);
        exchange.getResponseBody().write(json);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
