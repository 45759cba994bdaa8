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

    /** Before an answer: it is a problem, {@code 503}. */
    static final String PROBLEM = "503 ";

    private final HttpServer server;
    private final Deque<String> answers;
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final List<String> bodies = new CopyOnWriteArrayList<>();

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
                    byte[] sent = exchange.getRequestBody().readAllBytes();
                    if (sent.length > 0) {
                        bodies.add(new String(sent, StandardCharsets.UTF_8));
                    }
                    String answer = next();
                    if (answer.equals(AWAY)) {
                        exchange.close();
                        return;
                    }
                    boolean refuses = answer.startsWith(PROBLEM);
                    byte[] body =
                            answer.substring(refuses ? PROBLEM.length() : 0)
                                    .replace("NOW", Instant.now().toString())
                                    .getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(refuses ? 503 : 200, body.length);
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

    /** What was sent with the requests so far, where anything was. */
    List<String> bodies() {
        return List.copyOf(bodies);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
