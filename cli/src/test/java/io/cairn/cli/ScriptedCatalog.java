package io.cairn.cli;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A catalog that answers what it was given, one after the other, and the last one for ever. {@code
 * NOW} in an answer is the time at which it is given.
 */
final class ScriptedCatalog implements AutoCloseable {

    /** Instead of an answer: the connection is closed. */
    static final String AWAY = "";

    private final HttpServer server;
    private final Deque<String> answers;
    private final List<String> asked = new CopyOnWriteArrayList<>();

    ScriptedCatalog(String... answers) throws IOException {
        this(List.of(answers));
    }

    ScriptedCatalog(List<String> answers) throws IOException {
        this.answers = new ConcurrentLinkedDeque<>(answers);
        this.server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext(
                "/api/v1/",
                exchange -> {
                    asked.add(exchange.getRequestMethod());
                    String answer = next();
                    if (answer.equals(AWAY)) {
                        exchange.close();
                        return;
                    }
                    byte[] body =
                            answer.replace("NOW", Instant.now().toString())
                                    .getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(200, body.length);
                    try (OutputStream stream = exchange.getResponseBody()) {
                        stream.write(body);
                    }
                });
        server.start();
    }

    private String next() {
        return answers.size() > 1 ? answers.removeFirst() : answers.getFirst();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    URI uri() {
        return URI.create(url());
    }

    /** The methods of the requests so far. */
    List<String> asked() {
        return List.copyOf(asked);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
