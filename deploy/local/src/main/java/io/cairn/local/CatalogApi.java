package io.cairn.local;

import com.fasterxml.jackson.databind.JsonNode;
import io.cairn.model.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** What the platform asks of the catalog's REST API. */
final class CatalogApi {

    private static final Duration ANSWER = Duration.ofSeconds(30);

    private final URI base;
    private final HttpClient http =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(5))
                    .build();

    CatalogApi(String address) {
        this.base = URI.create(address + "/api/v1/");
    }

    JsonNode clusters() throws IOException, InterruptedException {
        return send(request("clusters").GET().build());
    }

    /** Empty while the catalog has not heard of it. */
    Optional<JsonNode> findRun(String id) throws IOException, InterruptedException {
        HttpRequest request = request("runs/" + id).GET().build();
        HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
        return response.statusCode() == 404
                ? Optional.empty()
                : Optional.of(answer(request, response));
    }

    JsonNode activeRuns(String cluster) throws IOException, InterruptedException {
        return send(request("runs?active=true&cluster=" + cluster).GET().build()).path("items");
    }

    JsonNode backup(String cluster, String label) throws IOException, InterruptedException {
        return send(request("backups/" + label + "?cluster=" + cluster).GET().build())
                .path("backup");
    }

    /** Asks for a full backup and returns its run. */
    String requestFull(String cluster) throws IOException, InterruptedException {
        byte[] body =
                Json.write(
                        Map.of(
                                "cluster",
                                cluster,
                                "kind",
                                "full",
                                "requestedBy",
                                "deploy/local/up"));
        HttpRequest request =
                request("backups")
                        .header("Content-Type", "application/json")
                        .header("Idempotency-Key", UUID.randomUUID().toString())
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                        .build();
        return send(request).path("run").asText();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(base.resolve(path))
                .timeout(ANSWER)
                .header("Accept", "application/json");
    }

    private JsonNode send(HttpRequest request) throws IOException, InterruptedException {
        return answer(request, http.send(request, HttpResponse.BodyHandlers.ofByteArray()));
    }

    private static JsonNode answer(HttpRequest request, HttpResponse<byte[]> response)
            throws IOException {
        JsonNode answer = Json.mapper().readTree(response.body());
        if (response.statusCode() >= 400) {
            throw new IOException(
                    request.uri()
                            + " answered "
                            + response.statusCode()
                            + ": "
                            + answer.path("detail").asText(answer.path("title").asText()));
        }
        return answer;
    }
}
