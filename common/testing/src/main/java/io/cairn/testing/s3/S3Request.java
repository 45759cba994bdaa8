package io.cairn.testing.s3;

import com.sun.net.httpserver.HttpExchange;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A request in path style, as the S3 API reference has it.
 *
 * @param key empty for the bucket itself
 */
record S3Request(
        String method,
        String bucket,
        String key,
        Map<String, String> parameters,
        Map<String, String> headers) {

    private static final String METADATA = "x-amz-meta-";

    static S3Request of(HttpExchange exchange) {
        String path = exchange.getRequestURI().getRawPath().substring(1);
        int slash = path.indexOf('/');
        Map<String, String> headers = new HashMap<>();
        exchange.getRequestHeaders()
                .forEach((name, values) ->
                        headers.put(name.toLowerCase(Locale.ROOT), values.getFirst()));
        return new S3Request(
                exchange.getRequestMethod(),
                decode(slash < 0 ? path : path.substring(0, slash)),
                slash < 0 ? "" : decode(path.substring(slash + 1)),
                pairs(exchange.getRequestURI().getRawQuery()),
                headers);
    }

    /** In a path a plus is a plus. */
    private static String decode(String path) {
        return URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static Map<String, String> pairs(@Nullable String query) {
        Map<String, String> pairs = new HashMap<>();
        if (query != null && !query.isEmpty()) {
            for (String pair : query.split("&")) {
                int equals = pair.indexOf('=');
                String name = equals < 0 ? pair : pair.substring(0, equals);
                String value = equals < 0 ? "" : pair.substring(equals + 1);
                pairs.put(
                        URLDecoder.decode(name, StandardCharsets.UTF_8),
                        URLDecoder.decode(value, StandardCharsets.UTF_8));
            }
        }
        return pairs;
    }

    boolean asksFor(String subresource) {
        return parameters.containsKey(subresource);
    }

    @Nullable String versionId() {
        return parameters.get("versionId");
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }

    /** What a GET gives back as it came. */
    Map<String, String> keptHeaders() {
        return headers.entrySet().stream()
                .filter(header ->
                        header.getKey().startsWith(METADATA)
                                || header.getKey().equals("content-type"))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** Storage class, lock, hold and tags. */
    UnaryOperator<StoredVersion> options() {
        return version -> {
            StoredVersion made = version;
            Optional<String> storageClass = header("x-amz-storage-class");
            if (storageClass.isPresent()) {
                made = made.withStorageClass(storageClass.get());
            }
            Optional<String> mode = header("x-amz-object-lock-mode");
            if (mode.isPresent()) {
                Instant until =
                        Instant.parse(header("x-amz-object-lock-retain-until-date").orElseThrow());
                made = made.withLock(new StoredVersion.Lock(mode.get(), until));
            }
            if (header("x-amz-object-lock-legal-hold").filter("ON"::equals).isPresent()) {
                made = made.withLegalHold(true);
            }
            Optional<String> tagging = header("x-amz-tagging");
            return tagging.isPresent() ? made.withTags(pairs(tagging.get())) : made;
        };
    }
}
