package io.cairn.testing;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A path-style S3 request as {@link StoreProxy} saw it.
 *
 * @param accessKeyId who signed it, by the SigV4 credential scope; empty for an anonymous one
 * @param key the object's key, or the prefix of a listing
 */
public record StoreRequest(
        String accessKeyId, StoreOperation operation, String method, String bucket, String key) {

    private static final Pattern CREDENTIAL = Pattern.compile("Credential=([^/,\\s]+)/");

    /**
     * @param headers yields a header's value, or null
     */
    static StoreRequest of(String method, URI uri, UnaryOperator<@Nullable String> headers) {
        String[] path = uri.getPath().substring(1).split("/", 2);
        String key = path.length > 1 ? path[1] : "";
        Map<String, String> query = query(uri);
        StoreOperation operation =
                key.isEmpty() ? ofBucket(method, query) : ofObject(method, query, headers);
        return new StoreRequest(
                accessKeyId(headers),
                operation,
                method,
                path[0],
                operation == StoreOperation.LIST ? query.getOrDefault("prefix", "") : key);
    }

    private static StoreOperation ofBucket(String method, Map<String, String> query) {
        boolean listing =
                query.isEmpty()
                        || query.containsKey("list-type")
                        || query.containsKey("prefix")
                        || query.containsKey("versions");
        return switch (method) {
            case "GET" -> listing ? StoreOperation.LIST : StoreOperation.OTHER;
            case "HEAD" -> StoreOperation.LIST;
            default -> StoreOperation.OTHER;
        };
    }

    private static StoreOperation ofObject(
            String method, Map<String, String> query, UnaryOperator<@Nullable String> headers) {
        boolean plain =
                query.keySet().stream()
                        .allMatch(name -> name.equals("versionId") || name.startsWith("x-"));
        return switch (method) {
            case "GET" -> plain ? StoreOperation.READ : ofSubresource(query);
            case "POST" ->
                    query.containsKey("restore") ? StoreOperation.THAW : StoreOperation.OTHER;
            case "HEAD" -> StoreOperation.READ_METADATA;
            case "DELETE" -> plain ? StoreOperation.DELETE : StoreOperation.OTHER;
            case "PUT" -> plain ? ofPut(headers) : ofSubresource(query);
            default -> StoreOperation.OTHER;
        };
    }

    private static StoreOperation ofPut(UnaryOperator<@Nullable String> headers) {
        if (headers.apply("x-amz-copy-source") != null) {
            return StoreOperation.OTHER;
        }
        if ("*".equals(headers.apply("If-None-Match"))) {
            return StoreOperation.CREATE;
        }
        return headers.apply("If-Match") == null
                ? StoreOperation.OVERWRITE
                : StoreOperation.REPLACE;
    }

    private static StoreOperation ofSubresource(Map<String, String> query) {
        if (query.containsKey("tagging")) {
            return StoreOperation.TAG;
        }
        if (query.containsKey("retention")) {
            return StoreOperation.RETAIN;
        }
        return query.containsKey("legal-hold") ? StoreOperation.HOLD : StoreOperation.OTHER;
    }

    private static String accessKeyId(UnaryOperator<@Nullable String> headers) {
        String authorization = headers.apply("Authorization");
        if (authorization == null) {
            return "";
        }
        Matcher matcher = CREDENTIAL.matcher(authorization);
        return matcher.find() ? matcher.group(1) : "";
    }

    private static Map<String, String> query(URI uri) {
        Map<String, String> query = new TreeMap<>();
        if (uri.getRawQuery() != null) {
            for (String parameter : uri.getRawQuery().split("&")) {
                String[] parts = parameter.split("=", 2);
                query.put(decode(parts[0]), parts.length > 1 ? decode(parts[1]) : "");
            }
        }
        return query;
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
