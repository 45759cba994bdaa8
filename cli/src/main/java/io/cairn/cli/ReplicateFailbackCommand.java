package io.cairn.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.cairn.model.StoreName;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.record.Caller;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "failback",
        description = {
            "Brings a store that was failed over back into service, through the catalog.",
            "The replication service compares it with the other stores by every key, length and digest first; where"
                    + " something differs it says what, and nothing changes."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Examples:", "  cairn replicate failback primary"})
final class ReplicateFailbackCommand implements Callable<Integer> {

    private static final Duration LOOK = Duration.ofSeconds(1);

    @ParentCommand private ReplicateCommand replicate = new ReplicateCommand();

    @Mixin private final Output output = new Output();

    @Mixin private final CatalogAddress catalog = new CatalogAddress();

    @Parameters(paramLabel = "STORE", description = "As cairn.yaml names it.")
    private String store = "";

    @Option(
            names = "--wait",
            paramLabel = "DURATION",
            defaultValue = "1h",
            converter = DurationOption.class,
            description = "How long the comparison is waited for (default: ${DEFAULT-VALUE}).")
    private Duration wait = Duration.ofHours(1);

    @Override
    public Integer call() throws InterruptedException {
        CatalogClient client = new CatalogClient(catalog.uri(replicate.options()));
        String path = "/regions/" + new StoreName(store) + "/failback";
        JsonNode answer = client.post(path, Map.of("by", Caller.current()), Map.of());
        String request = answer.path("request").asText();
        long until = System.nanoTime() + wait.toNanos();
        while (answer.path("state").asText().equals("comparing")) {
            if (System.nanoTime() >= until) {
                throw new CairnException(
                        ErrorCode.SERVICE_UNREACHABLE,
                        "no answer to the request " + request + " within " + wait,
                        "see whether a replication service runs; the store may still return");
            }
            Thread.sleep(LOOK);
            answer = client.get(path + "/" + request);
        }
        JsonNode result = answer;
        boolean returned = result.path("state").asText().equals("returned");
        output.print(
                replicate.options().output(),
                "failback",
                result,
                () -> {
                    if (returned) {
                        output.line(
                                "store '"
                                        + store
                                        + "' is in service again: "
                                        + result.path("objects").asLong()
                                        + " objects are the same as in the other stores");
                    } else {
                        output.line(
                                "store '"
                                        + store
                                        + "' stays out of service: "
                                        + result.path("reason").asText());
                        result.path("examples").forEach(line -> output.line("  " + line.asText()));
                    }
                });
        if (!returned) {
            output.note("hint: " + hint(result));
        }
        return returned ? ExitCode.OK.code() : ExitCode.REFUSED.code();
    }

    private static String hint(JsonNode refused) {
        return refused.path("differences").asLong() > 0
                ? "replication copies what differs: see cairn replicate status, then ask again"
                : "see what cairn check says of the store, then ask again";
    }
}
