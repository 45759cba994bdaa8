package io.cairn.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.cairn.model.ClusterName;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "expire",
        description = {
            "Shows what of a cluster its policy no longer keeps; with --confirm, removes exactly that.",
            "The catalog reads it from the buckets of all stores, and removes it from all of them."
        },
        mixinStandardHelpOptions = true)
final class ExpireCommand implements Callable<Integer> {

    /** Characters of a plan's digest that are shown, and enough to name it by. */
    private static final int SHORT = 12;

    @ParentCommand private Cairn cairn = new Cairn();

    @Mixin private final Output output = new Output();

    @Mixin private final CatalogAddress catalog = new CatalogAddress();

    @Parameters(paramLabel = "CLUSTER", description = "The cluster's name in the configuration.")
    private String cluster = "";

    @Option(names = "--confirm", description = "Removes what is shown. Without it nothing is.")
    private boolean confirm;

    @Option(
            names = "--plan",
            paramLabel = "DIGEST",
            description =
                    "With --confirm: only if this is still the plan, as an earlier call named it.")
    private @Nullable String plan;

    @Override
    public Integer call() {
        String name = new ClusterName(cluster).value();
        CatalogClient client = new CatalogClient(catalog.uri(cairn.options()));
        JsonNode shown = client.getLong("/retention/plans?cluster=" + name);
        String digest = shown.path("plan").asText();
        if (plan != null && (plan.length() < SHORT || !digest.startsWith(plan))) {
            throw new CairnException(
                    ErrorCode.PLAN_CHANGED,
                    "what would expire of " + name + " is not the plan " + plan,
                    "look at it again with: cairn expire " + name);
        }
        Map<String, Object> results = new LinkedHashMap<>();
        results.put("plan", shown);
        if (confirm) {
            // To the end of it: an interrupted clean-up is finished by the next one.
            JsonNode done =
                    client.postLong(
                            "/retention/expirations", Map.of("cluster", name, "plan", digest));
            results.put("expiration", done);
            output.print(cairn.options().output(), results, () -> text(shown, done));
            return held(done) ? ExitCode.REFUSED.code() : ExitCode.OK.code();
        }
        output.print(
                cairn.options().output(),
                results,
                () -> {
                    RetentionText.plan(shown, output);
                    if (RetentionText.removesSomething(shown)) {
                        output.line(
                                "Nothing was removed. To remove this: cairn expire %s --confirm --plan %s"
                                        .formatted(name, digest.substring(0, SHORT)));
                    }
                });
        return ExitCode.OK.code();
    }

    private static boolean held(JsonNode done) {
        return done.path("lives")
                .valueStream()
                .anyMatch(life -> life.path("outcome").asText().equals("held"));
    }

    private void text(JsonNode shown, JsonNode done) {
        RetentionText.plan(shown, output);
        for (JsonNode life : done.path("lives")) {
            if (life.path("outcome").asText().equals("held")) {
                output.warn(life.path("message").asText() + " hint: " + life.path("hint").asText());
                continue;
            }
            output.line(
                    "%d backups expired; %d objects of %s were deleted."
                            .formatted(
                                    life.path("expired").size(),
                                    life.path("objects").asLong(),
                                    Format.bytes(life.path("bytes").asLong())));
            List<JsonNode> retained = life.path("retained").valueStream().toList();
            retained.forEach(one ->
                    output.warn(
                            one.path("key").asText()
                                    + " in store '"
                                    + one.path("store").asText()
                                    + "' is locked"
                                    + (one.hasNonNull("until")
                                            ? " until " + one.path("until").asText()
                                            : "")));
        }
    }
}
