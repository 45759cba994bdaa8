package io.cairn.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * A reverse proxy in front of an S3 server that enforces rights and makes faults on demand. Each
 * access key id has {@link StoreRights}; what they do not allow is answered with 403 and never
 * reaches the server. Signatures are not verified: the server behind is to be one that lets
 * everybody in, known to the proxy alone.
 *
 * <p>Path style only. Bodies are streamed. Thread-safe.
 */
public final class StoreProxy implements AutoCloseable {

    /** How many of the latest requests {@link #requests()} remembers. */
    public static final int REMEMBERED = 100_000;

    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration HOLD_MAX = Duration.ofMinutes(1);
    private static final int BUFFER_BYTES = 64 * 1024;
    private static final int NO_CONTENT = 204;

    /** What HttpExchange takes as the length of the answer's body. */
    private static final long NO_BODY = -1;

    private static final long CHUNKED = 0;

    /** Of an object of which the answer knows nothing yet. */
    private static final String UNCHECKED_ETAG = "\"00000000000000000000000000000000\"";

    private static final long UNKNOWN = -1;

    /**
     * Set by the client or server library itself, about one connection only, or meant for the
     * proxy.
     */
    private static final Set<String> NOT_FORWARDED =
            Set.of(
                    "authorization",
                    "connection",
                    "content-length",
                    "date",
                    "expect",
                    "host",
                    "keep-alive",
                    "transfer-encoding",
                    "upgrade");

    private final URI server;
    private final HttpServer listener;
    private final HttpClient client;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, StoreRights> rights = new ConcurrentHashMap<>();
    private final List<Injection> injections = new ArrayList<>();
    private final Deque<StoreRequest> requests = new ArrayDeque<>();

    private StoreProxy(URI server, HttpServer listener) {
        this.server = server;
        this.listener = listener;
        this.client =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(CONNECT)
                        .executor(threads)
                        .build();
        listener.setExecutor(threads);
        listener.createContext("/", this::handle);
        listener.start();
    }

    /**
     * Starts on a free port of 127.0.0.1, in front of a server that authenticates nobody. Nobody
     * has rights yet.
     */
    public static StoreProxy before(URI server) {
        // Without it an answer's second packet waits up to 40 ms for the acknowledgement of its
        // first.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        try {
            return new StoreProxy(
                    server,
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + listener.getAddress().getPort());
    }

    /** Lets the holder of this access key id do what {@code allowed} says, and nothing else. */
    public void grant(String accessKeyId, StoreRights allowed) {
        rights.put(accessKeyId, allowed);
    }

    /** Lets the holder of this access key id do everything. */
    public void grantAll(String accessKeyId) {
        grant(accessKeyId, (operation, key) -> true);
    }

    /** Makes the fault at the next {@code times} requests that match, of those that are allowed. */
    public void inject(StoreFault fault, int times, Predicate<StoreRequest> requests) {
        inject(fault, 0, times, requests);
    }

    /**
     * Lets {@code skip} matching requests pass before. The injection that was made first and
     * matches, wins.
     */
    public void inject(StoreFault fault, int skip, int times, Predicate<StoreRequest> requests) {
        synchronized (injections) {
            injections.add(new Injection(fault, requests, skip, times));
        }
    }

    /** Makes the fault at every request that matches, until {@link #heal()}. */
    public void injectAlways(StoreFault fault, Predicate<StoreRequest> requests) {
        inject(fault, 0, Integer.MAX_VALUE, requests);
    }

    /** No more faults. */
    public void heal() {
        synchronized (injections) {
            injections.clear();
        }
    }

    /**
     * The latest requests in the order of their arrival, refused ones too, at most {@link
     * #REMEMBERED}.
     */
    public List<StoreRequest> requests() {
        synchronized (requests) {
            return List.copyOf(requests);
        }
    }

    /** Forgets {@link #requests()}. */
    public void forget() {
        synchronized (requests) {
            requests.clear();
        }
    }

    @Override
    public void close() {
        listener.stop(0);
        client.shutdownNow();
        threads.shutdownNow();
    }

    private static final class Injection {
        private final StoreFault fault;
        private final Predicate<StoreRequest> requests;
        private int skip;
        private int times;

        Injection(StoreFault fault, Predicate<StoreRequest> requests, int skip, int times) {
            this.fault = fault;
            this.requests = requests;
            this.skip = skip;
            this.times = times;
        }

        boolean strikes(StoreRequest request) {
            if (times == 0 || !requests.test(request)) {
                return false;
            }
            if (skip > 0) {
                skip--;
                return false;
            }
            times--;
            return true;
        }
    }

    private Optional<StoreFault> fault(StoreRequest request) {
        synchronized (injections) {
            return injections.stream()
                    .filter(injection -> injection.strikes(request))
                    .findFirst()
                    .map(injection -> injection.fault);
        }
    }

    private void remember(StoreRequest request) {
        synchronized (requests) {
            if (requests.size() == REMEMBERED) {
                requests.removeFirst();
            }
            requests.addLast(request);
        }
    }

    /**
     * An exception drops the connection, which is what a broken server behind or a client that went
     * away comes to.
     */
    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            StoreRequest request =
                    StoreRequest.of(
                            exchange.getRequestMethod(),
                            exchange.getRequestURI(),
                            exchange.getRequestHeaders()::getFirst);
            remember(request);
            StoreRights allowed = rights.get(request.accessKeyId());
            if (allowed == null) {
                answer(exchange, 403, "InvalidAccessKeyId");
            } else if (!allowed.allows(request.operation(), request.key())) {
                answer(exchange, 403, "AccessDenied");
            } else {
                serve(exchange, fault(request));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(HttpExchange exchange, Optional<StoreFault> fault)
            throws IOException, InterruptedException {
        if (fault.isEmpty()) {
            pass(exchange, Body.UNCHANGED);
            return;
        }
        switch (fault.get()) {
            case StoreFault.Delay(Duration pause) -> {
                Thread.sleep(pause);
                pass(exchange, Body.UNCHANGED);
            }
            case StoreFault.Hold(CountDownLatch open) -> {
                open.await(HOLD_MAX.toSeconds(), TimeUnit.SECONDS);
                pass(exchange, Body.UNCHANGED);
            }
            case StoreFault.Reset(long afterBytes) -> skip(exchange.getRequestBody(), afterBytes);
            case StoreFault.Refuse(int status, String code) -> answer(exchange, status, code);
            case StoreFault.ErrorInSuccess(String code) -> answer(exchange, 200, code);
            case StoreFault.LoseResponse() -> discard(forward(exchange, Body.UNCHANGED));
            case StoreFault.AnswerFirst() -> answerFirst(exchange);
            case StoreFault.Truncate(long afterBytes) -> pass(exchange, Body.truncated(afterBytes));
            case StoreFault.Flip(long offset) -> pass(exchange, Body.flipped(offset));
            case StoreFault.Stale() -> answer(exchange, 404, "NoSuchKey");
            case StoreFault.Throttle(long bytesPerSecond) ->
                    pass(exchange, Body.throttled(bytesPerSecond));
        }
    }

    /**
     * What happens to the bodies on their way.
     *
     * @param limit bytes of the answer after which the connection is dropped
     * @param flip offset of the answer's byte that is inverted; -1 for none
     */
    private record Body(long bytesPerSecond, long limit, long flip) {

        static final Body UNCHANGED = new Body(Long.MAX_VALUE, Long.MAX_VALUE, -1);

        static Body truncated(long limit) {
            return new Body(Long.MAX_VALUE, limit, -1);
        }

        static Body flipped(long offset) {
            return new Body(Long.MAX_VALUE, Long.MAX_VALUE, offset);
        }

        static Body throttled(long bytesPerSecond) {
            return new Body(bytesPerSecond, Long.MAX_VALUE, -1);
        }

        InputStream paced(InputStream stream) {
            return bytesPerSecond == Long.MAX_VALUE
                    ? stream
                    : new PacedInputStream(stream, bytesPerSecond);
        }
    }

    private void pass(HttpExchange exchange, Body body) throws IOException, InterruptedException {
        HttpResponse<InputStream> response = forward(exchange, body);
        // A server that answers early has not read the whole body; the client must have sent it
        // before it listens.
        skip(exchange.getRequestBody(), Long.MAX_VALUE);
        response.headers()
                .map()
                .forEach((name, values) -> {
                    if (!NOT_FORWARDED.contains(name.toLowerCase(Locale.ROOT))) {
                        exchange.getResponseHeaders().put(name, values);
                    }
                });
        try (InputStream stream = body.paced(response.body())) {
            OptionalLong length = response.headers().firstValueAsLong("content-length");
            if (exchange.getRequestMethod().equals("HEAD")) {
                length.ifPresent(bytes ->
                        exchange.getResponseHeaders().set("Content-Length", Long.toString(bytes)));
                exchange.sendResponseHeaders(response.statusCode(), NO_BODY);
            } else if (response.statusCode() == NO_CONTENT || length.orElse(UNKNOWN) == 0) {
                exchange.sendResponseHeaders(response.statusCode(), NO_BODY);
            } else {
                exchange.sendResponseHeaders(response.statusCode(), length.orElse(CHUNKED));
                copy(stream, exchange.getResponseBody(), body);
            }
        }
    }

    private void answerFirst(HttpExchange exchange) throws IOException, InterruptedException {
        byte[] content = exchange.getRequestBody().readAllBytes();
        exchange.getResponseHeaders().set("ETag", UNCHECKED_ETAG);
        exchange.sendResponseHeaders(200, NO_BODY);
        discard(forward(exchange, () -> new ByteArrayInputStream(content)));
    }

    private HttpResponse<InputStream> forward(HttpExchange exchange, Body body)
            throws IOException, InterruptedException {
        return forward(exchange, () -> body.paced(unclosed(exchange.getRequestBody())));
    }

    private HttpResponse<InputStream> forward(HttpExchange exchange, Supplier<InputStream> content)
            throws IOException, InterruptedException {
        URI uri = exchange.getRequestURI();
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        HttpRequest.Builder request =
                HttpRequest.newBuilder(server.resolve(uri.getRawPath() + query));
        exchange.getRequestHeaders()
                .forEach((name, values) -> {
                    if (!NOT_FORWARDED.contains(name.toLowerCase(Locale.ROOT))) {
                        values.forEach(value -> request.header(name, value));
                    }
                });
        long length =
                Optional.ofNullable(exchange.getRequestHeaders().getFirst("Content-Length"))
                        .map(Long::parseLong)
                        .orElse(0L);
        BodyPublisher publisher =
                length == 0
                        ? BodyPublishers.noBody()
                        : BodyPublishers.fromPublisher(
                                BodyPublishers.ofInputStream(content), length);
        // The server may refuse a body before it has seen it, and would then close on the one who
        // goes on sending.
        request.method(exchange.getRequestMethod(), publisher)
                .expectContinue(length > BUFFER_BYTES);
        return client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    }

    /** The HTTP client closes what it has sent; what is left after that must still be read. */
    private static InputStream unclosed(InputStream stream) {
        return new FilterInputStream(stream) {
            @Override
            public void close() {}
        };
    }

    private static void copy(InputStream from, OutputStream to, Body body) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        long done = 0;
        while (done < body.limit()) {
            int count = from.read(buffer, 0, (int) Math.min(buffer.length, body.limit() - done));
            if (count < 0) {
                return;
            }
            if (body.flip() >= done && body.flip() < done + count) {
                buffer[(int) (body.flip() - done)] ^= (byte) 0xff;
            }
            to.write(buffer, 0, count);
            done += count;
        }
        to.flush();
    }

    private static void discard(HttpResponse<InputStream> response) throws IOException {
        try (InputStream body = response.body()) {
            skip(body, Long.MAX_VALUE);
        }
    }

    private static void skip(InputStream stream, long bytes) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        long done = 0;
        while (done < bytes) {
            int count = stream.read(buffer, 0, (int) Math.min(buffer.length, bytes - done));
            if (count < 0) {
                return;
            }
            done += count;
        }
    }

    private static void answer(HttpExchange exchange, int status, String code) throws IOException {
        skip(exchange.getRequestBody(), Long.MAX_VALUE);
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(status, NO_BODY);
            return;
        }
        byte[] document =
                ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>"
                                + code
                                + "</Code><Message>"
                                + code
                                + "</Message><RequestId>proxy</RequestId></Error>")
                        .getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/xml");
        exchange.sendResponseHeaders(status, document.length);
        exchange.getResponseBody().write(document);
    }
}
