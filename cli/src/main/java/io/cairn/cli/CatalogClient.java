package io.cairn.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.cairn.model.Json;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscribers;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/** The catalog's REST API, for the verbs that go through it so that they are recorded. */
final class CatalogClient {

    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(30);

    /** Of what a catalog answers, much more than all backups of a hundred clusters. */
    private static final long ANSWER_BYTES = 256L << 20;

    /** Of what reads or deletes the objects of a cluster in all stores. */
    private static final Duration LONG_ANSWER = Duration.ofHours(1);

    private final URI base;
    private final Duration limit;
    private final long limitBytes;
    // The JDK's switch from HTTP/1.1 to 2 on one connection loses bytes now and then: the answer
    // breaks off, or never ends.
    private final HttpClient http =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(CONNECT)
                    .build();

    CatalogClient(URI base) {
        this(base, ANSWER, ANSWER_BYTES);
    }

    /**
     * @param limit for a whole answer, but to what takes long
     * @param limitBytes of an answer
     */
    CatalogClient(URI base, Duration limit, long limitBytes) {
        this.base = base;
        this.limit = limit;
        this.limitBytes = limitBytes;
    }

    JsonNode get(String path) {
        return send(request(path).GET().build());
    }

    JsonNode post(String path, Map<String, ?> body, Map<String, String> headers) {
        HttpRequest.Builder request =
                request(path)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(Json.write(body)));
        headers.forEach(request::header);
        return send(request.build());
    }

    /** For what takes long. */
    JsonNode postLong(String path, Map<String, ?> body) {
        return send(
                request(path)
                        .timeout(LONG_ANSWER)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(Json.write(body)))
                        .build());
    }

    JsonNode getLong(String path) {
        return send(request(path).timeout(LONG_ANSWER).GET().build());
    }

    JsonNode delete(String path) {
        return send(request(path).DELETE().build());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(base.resolve("/api/v1" + path))
                .timeout(limit)
                .header("Accept", "application/json");
    }

    private JsonNode send(HttpRequest request) {
        HttpResponse<byte[]> response = answer(request, request.timeout().orElse(limit));
        JsonNode answer = parse(response);
        if (response.statusCode() >= 400) {
            throw problem(response.statusCode(), answer);
        }
        return answer;
    }

    /** All of it: a request's own time-out ends with the headers. */
    private HttpResponse<byte[]> answer(HttpRequest request, Duration within) {
        AtomicBoolean begun = new AtomicBoolean();
        CompletableFuture<HttpResponse<byte[]>> answer =
                http.sendAsync(
                        request,
                        _ -> {
                            begun.set(true);
                            return BodySubscribers.limiting(
                                    BodySubscribers.ofByteArray(), limitBytes);
                        });
        try {
            return answer.get(within.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw begun.get()
                    ? brokenOff("it was not whole within " + seconds(within), e)
                    : silent(e);
        } catch (ExecutionException e) {
            throw begun.get() ? brokenOff(String.valueOf(e.getMessage()), e) : silent(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CairnException(ErrorCode.SERVICE_UNREACHABLE, "interrupted", null, e);
        } finally {
            answer.cancel(true);
        }
    }

    private CairnException silent(Exception cause) {
        return new CairnException(
                ErrorCode.SERVICE_UNREACHABLE,
                "the catalog at " + base + " does not answer",
                "start it, or name its address with --catalog, CAIRN_CATALOG or catalog.url in cairn.yaml",
                cause);
    }

    private CairnException brokenOff(String why, Exception cause) {
        return new CairnException(
                ErrorCode.SERVICE_UNREACHABLE,
                "the answer of the catalog at " + base + " did not come to its end: " + why,
                "is this the catalog's address? Its log says more; what was asked for may have been done",
                cause);
    }

    private static String seconds(Duration duration) {
        return duration.toMillis() / 1000.0 + " s";
    }

    private JsonNode parse(HttpResponse<byte[]> response) {
        try {
            JsonNode node = Json.mapper().readTree(response.body());
            return node == null ? Json.mapper().nullNode() : node;
        } catch (IOException e) {
            throw new CairnException(
                    ErrorCode.SERVICE_UNREACHABLE,
                    base + " answered " + response.statusCode() + " without JSON",
                    "is this the catalog's address?",
                    e);
        }
    }

    /** RFC 9457, with Cairn's code and hint. */
    private static CairnException problem(int status, JsonNode problem) {
        ErrorCode code =
                code(problem, status == 404 ? ErrorCode.BACKUP_NOT_FOUND : ErrorCode.INTERNAL);
        String detail =
                problem.path("detail")
                        .asText(problem.path("title").asText("the catalog answered " + status));
        return new CairnException(code, detail, problem.path("hint").asText(null));
    }

    /**
     * The code of an error that the catalog tells of.
     *
     * @param otherwise where this release does not know it
     */
    static ErrorCode code(JsonNode error, ErrorCode otherwise) {
        try {
            return ErrorCode.valueOf(error.path("code").asText());
        } catch (IllegalArgumentException e) {
            return otherwise;
        }
    }
}
