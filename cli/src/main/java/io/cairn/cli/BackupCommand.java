package io.cairn.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.cairn.model.BackupKind;
import io.cairn.model.ClusterName;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "backup",
        description =
                "Asks for a backup now, through the catalog, and follows it until it is complete.",
        mixinStandardHelpOptions = true)
final class BackupCommand implements Callable<Integer> {

    @ParentCommand private Cairn cairn = new Cairn();

    @Mixin private final Output output = new Output();

    @Mixin private final CatalogAddress catalog = new CatalogAddress();

    @Parameters(paramLabel = "CLUSTER", description = "The cluster's name in the configuration.")
    private String cluster = "";

    @Option(
            names = "--type",
            paramLabel = "KIND",
            defaultValue = "full",
            description = "full, incremental, log or snapshot.")
    private String kind = "full";

    @Option(names = "--no-wait", description = "Returns as soon as the request is accepted.")
    private boolean noWait;

    @Option(
            names = "--stall-timeout",
            paramLabel = "TIME",
            defaultValue = "10m",
            converter = DurationOption.class,
            description =
                    "How long a run is followed of which nothing changes, such as 30s, 10m or 6h;"
                            + " the run itself goes on. Default: 10m.")
    private Duration stall = Duration.ofMinutes(10);

    @Option(
            names = "--idempotency-key",
            paramLabel = "KEY",
            description =
                    "Repeated requests with the same key become one backup. Default: a random one.")
    private String idempotencyKey = UUID.randomUUID().toString();

    @Override
    public Integer call() throws InterruptedException {
        Map<String, String> request =
                Map.of(
                        "cluster",
                        new ClusterName(cluster).value(),
                        "kind",
                        BackupKind.parse(kind).id());
        CatalogClient client = new CatalogClient(catalog.uri(cairn.options()));
        String run =
                client.post("/backups", request, Map.of("Idempotency-Key", idempotencyKey))
                        .path("run")
                        .asText();
        if (noWait) {
            output.print(
                    cairn.options().output(),
                    "run",
                    Map.of("id", run, "state", "requested"),
                    () -> output.line(run));
            return ExitCode.OK.code();
        }
        RunFollower follower =
                new RunFollower(
                        client,
                        RunFollower.Limits.stallingAfter(stall),
                        InstantSource.system(),
                        again());
        JsonNode end = follower.follow(run);
        String by = end.path("supersededBy").asText("");
        if (by.isEmpty()) {
            return report(run, end);
        }
        // Where an incremental cannot be taken, a backup of another kind is.
        output.note(run + " is superseded by " + by);
        return report(by, follower.follow(by));
    }

    /** The same request again becomes the same run. */
    private String again() {
        return "cairn backup %s --type %s --idempotency-key %s"
                .formatted(cluster, kind, idempotencyKey);
    }

    private int report(String run, JsonNode end) {
        String state = end.path("state").asText();
        output.print(cairn.options().output(), "run", end, () -> output.line(run + " " + state));
        if (state.equals("completed")) {
            return ExitCode.OK.code();
        }
        JsonNode error = end.path("error");
        throw new CairnException(
                CatalogClient.code(error, ErrorCode.SOURCE_FAILED),
                run
                        + " "
                        + state
                        + ": "
                        + error.path("message")
                                .asText(end.path("reason").asText("no reason given")),
                error.path("hint").asText(null));
    }
}
