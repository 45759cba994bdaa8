package io.cairn.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "catalog",
        description = "Looks after the catalog.",
        mixinStandardHelpOptions = true)
final class CatalogCommand extends CommandGroup {

    private static final String REBUILD = "/catalog/rebuild";
    private static final Duration POLL = Duration.ofMillis(500);

    @Mixin private final Output output = new Output();

    @Command(
            name = "rebuild",
            description = {
                "Reproduces backups, chains, keys and verification records from the buckets alone.",
                "The catalog does it, all or nothing, within cairn.catalog.database.rebuild-timeout. To end this command"
                        + " only ends the watching; the same command watches again."
            },
            mixinStandardHelpOptions = true)
    int rebuild(@Mixin CatalogAddress catalog) throws InterruptedException {
        URI address = catalog.uri(options());
        CatalogClient client = new CatalogClient(address);
        JsonNode end = follow(client, client.post(REBUILD, Map.of(), Map.of()), address);
        JsonNode result = end.path("result");
        output.print(options().output(), "rebuild", result, () -> text(result));
        return ExitCode.OK.code();
    }

    private static JsonNode follow(CatalogClient client, JsonNode begun, URI address)
            throws InterruptedException {
        String id = begun.path("id").asText();
        JsonNode seen = begun;
        try (Progress progress = Progress.onStandardError("objects read", Progress.Unit.OBJECTS)) {
            while (seen.path("state").asText().equals("running")) {
                progress.update(
                        seen.path("objectsRead").asLong(), seen.path("objectsFound").asLong());
                Thread.sleep(POLL);
                seen = client.get(REBUILD);
                if (!seen.path("id").asText().equals(id)) {
                    throw new CairnException(
                            ErrorCode.SERVICE_UNREACHABLE,
                            "the catalog at " + address + " was restarted during the rebuild",
                            "its rows are as they were; run the command again");
                }
            }
        }
        if (!seen.path("state").asText().equals("completed")) {
            JsonNode error = seen.path("error");
            throw new CairnException(
                    CatalogClient.code(error, ErrorCode.INTERNAL),
                    "the rebuild failed and changed nothing: " + error.path("message").asText(),
                    error.path("hint").asText(null));
        }
        return seen;
    }

    private void text(JsonNode result) {
        result.properties()
                .forEach(count ->
                        output.line(
                                "%-14s %s"
                                        .formatted(
                                                count.getKey(),
                                                count.getValue().isArray()
                                                        ? count.getValue().size()
                                                        : count.getValue().asText())));
    }
}
