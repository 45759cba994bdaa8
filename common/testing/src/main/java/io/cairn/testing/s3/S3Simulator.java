package io.cairn.testing.s3;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An S3 server on 127.0.0.1, in this process and in memory, for what no server at hand enforces:
 * Object Lock, versions, archive classes with their retrieval, lifecycle configurations, tags,
 * conditional overwrites; all by a clock that the test moves. Path style; lets everybody in, so put
 * {@code StoreProxy} before it for rights and faults. Thread-safe.
 *
 * <p>After the Amazon S3 API reference (2006-03-01). A bucket with Object Lock is versioned, one
 * without is not. The {@code Date} of its answers is the machine's; all else goes by the given
 * clock.
 */
public final class S3Simulator implements AutoCloseable {

    private static final DateTimeFormatter HTTP_DATE =
            DateTimeFormatter.RFC_1123_DATE_TIME.withZone(ZoneOffset.UTC);
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d*)");
    private static final int PAGE = 1000;
    private static final long NO_BODY = -1;

    private final InstantSource clock;
    private final HttpServer listener;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, SimulatedBucket> buckets = new ConcurrentHashMap<>();

    private S3Simulator(InstantSource clock, HttpServer listener) {
        this.clock = clock;
        this.listener = listener;
        listener.setExecutor(threads);
        listener.createContext("/", this::handle);
        listener.start();
    }

    /** Starts on a free port, without a bucket. */
    public static S3Simulator start(InstantSource clock) {
        // Without it an answer's second packet waits up to 40 ms for the acknowledgement of its
        // first.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        try {
            return new S3Simulator(
                    clock,
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Versioned, and with Object Lock. */
    public SimulatedBucket lockingBucket(String name) {
        return buckets.computeIfAbsent(name, _ -> new SimulatedBucket(clock, true));
    }

    /** Neither versioned nor with Object Lock. */
    public SimulatedBucket plainBucket(String name) {
        return buckets.computeIfAbsent(name, _ -> new SimulatedBucket(clock, false));
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + listener.getAddress().getPort());
    }

    @Override
    public void close() {
        listener.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            S3Request request = S3Request.of(exchange);
            byte[] body = exchange.getRequestBody().readAllBytes();
            try {
                serve(exchange, request, body);
            } catch (S3Failure failure) {
                document(exchange, failure.status(), S3Documents.error(failure));
            }
        }
    }

    private void serve(HttpExchange exchange, S3Request request, byte[] body) throws IOException {
        SimulatedBucket bucket = buckets.get(request.bucket());
        if (bucket == null) {
            throw new S3Failure(404, "NoSuchBucket", "there is no bucket " + request.bucket());
        }
        if (request.key().isEmpty()) {
            serveBucket(exchange, request, bucket, body);
        } else {
            serveObject(exchange, request, bucket, body);
        }
    }

    // Buckets
    // --------------------------------------------------------------------------------------------

    private void serveBucket(
            HttpExchange exchange, S3Request request, SimulatedBucket bucket, byte[] body)
            throws IOException {
        switch (request.method()) {
            case "HEAD" -> empty(exchange, 200);
            case "GET" -> document(exchange, 200, look(request, bucket));
            case "PUT" -> {
                if (!request.asksFor("lifecycle")) {
                    throw notImplemented(request);
                }
                bucket.lifecycle(S3Documents.readLifecycle(body));
                empty(exchange, 200);
            }
            case "DELETE" -> {
                if (!request.asksFor("lifecycle")) {
                    throw notImplemented(request);
                }
                bucket.lifecycle(null);
                empty(exchange, 204);
            }
            default -> throw notImplemented(request);
        }
    }

    private static String look(S3Request request, SimulatedBucket bucket) {
        if (request.asksFor("lifecycle")) {
            return bucket.lifecycle()
                    .orElseThrow(() ->
                            new S3Failure(
                                    404,
                                    "NoSuchLifecycleConfiguration",
                                    "the bucket has no lifecycle configuration"));
        }
        if (request.asksFor("object-lock")) {
            if (!bucket.hasObjectLock()) {
                throw new S3Failure(
                        404,
                        "ObjectLockConfigurationNotFoundError",
                        "the bucket has no Object Lock");
            }
            return S3Documents.objectLock();
        }
        if (request.asksFor("versioning")) {
            return S3Documents.versioning(bucket.hasObjectLock());
        }
        String prefix = request.parameters().getOrDefault("prefix", "");
        if (request.asksFor("versions")) {
            return S3Documents.versions(request, bucket.listVersions(prefix));
        }
        int limit = Integer.parseInt(request.parameters().getOrDefault("max-keys", "" + PAGE));
        String after =
                request.parameters()
                        .getOrDefault(
                                "continuation-token",
                                request.parameters().getOrDefault("start-after", ""));
        List<SimulatedBucket.Listed> found = bucket.list(prefix, after, Math.min(limit, PAGE) + 1);
        boolean more = found.size() > limit;
        return S3Documents.listing(request, more ? found.subList(0, limit) : found, limit, more);
    }

    // Objects
    // --------------------------------------------------------------------------------------------

    private void serveObject(
            HttpExchange exchange, S3Request request, SimulatedBucket bucket, byte[] body)
            throws IOException {
        switch (request.method()) {
            case "GET" -> get(exchange, request, bucket);
            case "HEAD" -> head(exchange, request, bucket);
            case "PUT" -> put(exchange, request, bucket, body);
            case "POST" -> restore(exchange, request, bucket, body);
            case "DELETE" -> {
                bucket.delete(request.key(), request.versionId());
                empty(exchange, 204);
            }
            default -> throw notImplemented(request);
        }
    }

    private void get(HttpExchange exchange, S3Request request, SimulatedBucket bucket)
            throws IOException {
        StoredVersion version = bucket.get(request.key(), request.versionId());
        if (request.asksFor("retention")) {
            document(exchange, 200, S3Documents.retention(version.lock()));
        } else if (request.asksFor("legal-hold")) {
            document(exchange, 200, S3Documents.legalHold(version.legalHold()));
        } else if (request.asksFor("tagging")) {
            document(exchange, 200, S3Documents.tagging(version.tags()));
        } else {
            content(exchange, request, version);
        }
    }

    private void content(HttpExchange exchange, S3Request request, StoredVersion version)
            throws IOException {
        if (!version.isReadable(clock.instant())) {
            throw new S3Failure(
                    403,
                    "InvalidObjectState",
                    "the operation is not valid for the object's storage class");
        }
        request.header("if-match")
                .filter(etag -> !etag.equals(version.etag()))
                .ifPresent(_ -> {
                    throw S3Failure.preconditionFailed(request.key());
                });
        describe(exchange.getResponseHeaders(), version);
        byte[] bytes = version.bytes();
        int from = 0;
        int to = bytes.length;
        Matcher range = RANGE.matcher(request.header("range").orElse(""));
        boolean partial = range.matches();
        if (partial) {
            long first = Long.parseLong(range.group(1));
            if (first >= bytes.length) {
                throw new S3Failure(416, "InvalidRange", "the range begins behind the object");
            }
            from = (int) first;
            to =
                    range.group(2).isEmpty()
                            ? bytes.length
                            : (int) Math.min(bytes.length, Long.parseLong(range.group(2)) + 1);
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes %d-%d/%d".formatted(from, to - 1, bytes.length));
        }
        if (to == from) {
            exchange.sendResponseHeaders(200, NO_BODY);
            return;
        }
        exchange.sendResponseHeaders(partial ? 206 : 200, to - from);
        exchange.getResponseBody().write(bytes, from, to - from);
    }

    private void head(HttpExchange exchange, S3Request request, SimulatedBucket bucket)
            throws IOException {
        StoredVersion version = bucket.get(request.key(), request.versionId());
        describe(exchange.getResponseHeaders(), version);
        exchange.getResponseHeaders()
                .set("Content-Length", Integer.toString(version.bytes().length));
        exchange.sendResponseHeaders(200, NO_BODY);
    }

    private void describe(Headers headers, StoredVersion version) {
        version.headers().forEach(headers::set);
        headers.set("ETag", version.etag());
        headers.set("Last-Modified", HTTP_DATE.format(version.storedAt()));
        if (!version.id().equals("null")) {
            headers.set("x-amz-version-id", version.id());
        }
        if (!version.storageClass().equals("STANDARD")) {
            headers.set("x-amz-storage-class", version.storageClass());
        }
        version.lock()
                .ifPresent(lock -> {
                    headers.set("x-amz-object-lock-mode", lock.mode());
                    headers.set("x-amz-object-lock-retain-until-date", lock.until().toString());
                });
        if (version.legalHold()) {
            headers.set("x-amz-object-lock-legal-hold", "ON");
        }
        version.thaw().filter(_ -> version.isArchived()).ifPresent(thaw -> describe(headers, thaw));
    }

    private void describe(Headers headers, StoredVersion.Thaw thaw) {
        Instant now = clock.instant();
        if (now.isBefore(thaw.readable())) {
            headers.set("x-amz-restore", "ongoing-request=\"true\"");
        } else if (now.isBefore(thaw.until())) {
            headers.set(
                    "x-amz-restore",
                    "ongoing-request=\"false\", expiry-date=\""
                            + HTTP_DATE.format(thaw.until())
                            + "\"");
        }
    }

    private void put(HttpExchange exchange, S3Request request, SimulatedBucket bucket, byte[] body)
            throws IOException {
        if (request.asksFor("retention")) {
            bucket.retain(request.key(), request.versionId(), S3Documents.readRetention(body));
            empty(exchange, 200);
        } else if (request.asksFor("legal-hold")) {
            bucket.hold(request.key(), request.versionId(), S3Documents.readLegalHold(body));
            empty(exchange, 200);
        } else if (request.asksFor("tagging")) {
            bucket.tag(request.key(), request.versionId(), S3Documents.readTagging(body));
            empty(exchange, 200);
        } else if (request.header("x-amz-copy-source").isPresent()) {
            copy(exchange, request, bucket);
        } else {
            store(exchange, request, bucket, body);
        }
    }

    private void store(
            HttpExchange exchange, S3Request request, SimulatedBucket bucket, byte[] body)
            throws IOException {
        request.header("x-amz-checksum-sha256")
                .filter(announced -> !announced.equals(sha256(body)))
                .ifPresent(_ -> {
                    throw new S3Failure(400, "BadDigest", "the SHA-256 is another");
                });
        StoredVersion version =
                bucket.put(
                        request.key(),
                        body,
                        request.header("if-none-match").filter("*"::equals).isPresent(),
                        request.header("if-match"),
                        request.options(),
                        request.keptHeaders());
        created(exchange, version);
        empty(exchange, 200);
    }

    private static String sha256(byte[] body) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-256").digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Metadata, and tags, go along unless the request says REPLACE. */
    private void copy(HttpExchange exchange, S3Request request, SimulatedBucket bucket)
            throws IOException {
        S3Request from = source(request);
        SimulatedBucket sourceBucket = buckets.get(from.bucket());
        if (sourceBucket == null) {
            throw new S3Failure(404, "NoSuchBucket", "there is no bucket " + from.bucket());
        }
        StoredVersion source = sourceBucket.get(from.key(), from.versionId());
        if (!source.isReadable(clock.instant())) {
            throw new S3Failure(403, "InvalidObjectState", from.key() + " is archived");
        }
        request.header("x-amz-copy-source-if-match")
                .filter(etag -> !etag.equals(source.etag()))
                .ifPresent(_ -> {
                    throw S3Failure.preconditionFailed(from.key());
                });
        boolean ownHeaders =
                request.header("x-amz-metadata-directive").filter("REPLACE"::equals).isPresent();
        boolean ownTags =
                request.header("x-amz-tagging-directive").filter("REPLACE"::equals).isPresent();
        StoredVersion version =
                bucket.put(
                        request.key(),
                        source.bytes(),
                        request.header("if-none-match").filter("*"::equals).isPresent(),
                        request.header("if-match"),
                        made -> {
                            StoredVersion optioned = request.options().apply(made);
                            return ownTags ? optioned : optioned.withTags(source.tags());
                        },
                        ownHeaders ? request.keptHeaders() : source.headers());
        created(exchange, version);
        document(exchange, 200, S3Documents.copied(version));
    }

    private static S3Request source(S3Request request) {
        String path = request.header("x-amz-copy-source").orElseThrow();
        URI uri = URI.create("http://source/" + (path.startsWith("/") ? path.substring(1) : path));
        String[] parts = uri.getPath().substring(1).split("/", 2);
        String query = uri.getQuery();
        Map<String, String> parameters =
                query == null || !query.startsWith("versionId=")
                        ? Map.of()
                        : Map.of("versionId", query.substring("versionId=".length()));
        return new S3Request(
                "GET", parts[0], parts.length < 2 ? "" : parts[1], parameters, Map.of());
    }

    private static void created(HttpExchange exchange, StoredVersion version) {
        exchange.getResponseHeaders().set("ETag", version.etag());
        if (!version.id().equals("null")) {
            exchange.getResponseHeaders().set("x-amz-version-id", version.id());
        }
    }

    private void restore(
            HttpExchange exchange, S3Request request, SimulatedBucket bucket, byte[] body)
            throws IOException {
        if (!request.asksFor("restore")) {
            throw notImplemented(request);
        }
        S3Documents.Restore wanted = S3Documents.readRestore(body);
        boolean begun =
                bucket.thaw(request.key(), request.versionId(), wanted.days(), wanted.tier());
        empty(exchange, begun ? 202 : 200);
    }

    private static S3Failure notImplemented(S3Request request) {
        return new S3Failure(
                501, "NotImplemented", request.method() + " " + request.parameters().keySet());
    }

    // Answers
    // --------------------------------------------------------------------------------------------

    private void empty(HttpExchange exchange, int status) throws IOException {
        exchange.sendResponseHeaders(status, NO_BODY);
    }

    private void document(HttpExchange exchange, int status, String document) throws IOException {
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(status, NO_BODY);
            return;
        }
        byte[] bytes = document.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/xml");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }
}
