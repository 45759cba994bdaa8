package io.cairn.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.cairn.model.ClusterName;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
            "Shows what of a cluster, or of all clusters, its policy no longer keeps; with --confirm, removes exactly"
                    + " that.",
            "The catalog reads it from the buckets of all stores, and removes it from all of them. Of all clusters,",
            "each is for itself: where much would go at once, where its policy has changed, or where a store is",
            "away, nothing of it is removed, and the exit code says so. Confirm such a cluster by its name."
        },
        mixinStandardHelpOptions = true)
final class ExpireCommand implements Callable<Integer> {

    /** Characters of a plan's digest that are shown, and enough to name it by. */
    private static final int SHORT = 12;

    @ParentCommand private Cairn cairn = new Cairn();

    @Mixin private final Output output = new Output();

    @Mixin private final CatalogAddress catalog = new CatalogAddress();

    @Parameters(
            arity = "0..1",
            paramLabel = "CLUSTER",
            description = "The cluster's name in the configuration. Default: all of the catalog's.")
    private @Nullable String cluster;

    @Option(names = "--confirm", description = "Removes what is shown. Without it nothing is.")
    private boolean confirm;

    @Option(
            names = "--plan",
            paramLabel = "DIGEST",
            description =
                    "With --confirm, of one cluster: only if this is still the plan, as an earlier call named"
                            + " it.")
    private @Nullable String plan;

    @Override
    public Integer call() {
        CatalogClient client = new CatalogClient(catalog.uri(cairn.options()));
        if (cluster != null) {
            return one(client, new ClusterName(cluster));
        }
        if (plan != null) {
            throw new CairnException(
                    ErrorCode.REQUEST_INVALID,
                    "--plan names the plan of one cluster",
                    "name the cluster, too: cairn expire CLUSTER --confirm --plan " + plan);
        }
        return all(client);
    }

    private int one(CatalogClient client, ClusterName name) {
        JsonNode shown = plan(client, name.value());
        String digest = shown.path("plan").asText();
        if (plan != null && (plan.length() < SHORT || !digest.startsWith(plan))) {
            throw new CairnException(
                    ErrorCode.PLAN_CHANGED,
                    "what would expire of " + name + " is not the plan " + plan,
                    "look at it again with: cairn expire " + name);
        }
        Expired expired =
                new Expired(
                        name.value(),
                        Optional.of(shown),
                        confirm
                                ? Optional.of(expire(client, name.value(), digest, false))
                                : Optional.empty(),
                        Optional.empty());
        output.print(cairn.options().output(), expired.results(), () -> text(expired));
        return exit(List.of(expired)).code();
    }

    /** What came of one cluster. */
    private record Expired(
            String cluster,
            Optional<JsonNode> plan,
            Optional<JsonNode> expiration,
            Optional<CairnException> failure) {

        Map<String, Object> results() {
            Map<String, Object> results = new LinkedHashMap<>();
            plan.ifPresent(shown -> results.put("plan", shown));
            expiration.ifPresent(done -> results.put("expiration", done));
            return results;
        }

        Map<String, Object> resultsOfOne() {
            Map<String, Object> results = new LinkedHashMap<>();
            results.put("cluster", cluster);
            results.putAll(results());
            failure.ifPresent(why ->
                    results.put(
                            "error",
                            Map.of(
                                    "code", why.code().name(),
                                    "message", String.valueOf(why.getMessage()),
                                    "hint", why.hint().orElse(""))));
            return results;
        }

        boolean held() {
            return expiration.stream()
                    .flatMap(done -> done.path("lives").valueStream())
                    .anyMatch(ExpireCommand::held);
        }
    }

    /** One that cannot be looked at, or is not to be cleaned up unasked, keeps no other from it. */
    private int all(CatalogClient client) {
        List<Expired> all = new ArrayList<>();
        for (JsonNode name : client.get("/retention/clusters").path("clusters")) {
            all.add(guarded(client, name.asText()));
        }
        output.print(
                cairn.options().output(),
                "clusters",
                all.stream().map(Expired::resultsOfOne).toList(),
                () ->
                        all.forEach(each -> {
                            output.line(each.cluster() + ":");
                            text(each);
                        }));
        return exit(all).code();
    }

    private Expired guarded(CatalogClient client, String name) {
        Optional<JsonNode> shown = Optional.empty();
        try {
            JsonNode found = plan(client, name);
            shown = Optional.of(found);
            Optional<JsonNode> done =
                    confirm
                            ? Optional.of(expire(client, name, found.path("plan").asText(), true))
                            : Optional.empty();
            return new Expired(name, shown, done, Optional.empty());
        } catch (CairnException e) {
            return new Expired(name, shown, Optional.empty(), Optional.of(e));
        }
    }

    private static ExitCode exit(List<Expired> all) {
        if (all.stream().anyMatch(Expired::held)) {
            return ExitCode.REFUSED;
        }
        return all.stream()
                .flatMap(each -> each.failure().stream())
                .findFirst()
                .map(ExitCode::of)
                .orElse(ExitCode.OK);
    }

    private static JsonNode plan(CatalogClient client, String name) {
        return client.getLong("/retention/plans?cluster=" + name);
    }

    /** To the end of it: an interrupted clean-up is finished by the next one. */
    private static JsonNode expire(
            CatalogClient client, String name, String digest, boolean guarded) {
        return client.postLong(
                "/retention/expirations",
                Map.of("cluster", name, "plan", digest, "guarded", guarded));
    }

    private static boolean held(JsonNode life) {
        return life.path("outcome").asText().equals("held");
    }

    private void text(Expired expired) {
        expired.plan().ifPresent(shown -> RetentionText.plan(shown, output));
        expired.failure()
                .ifPresent(why ->
                        output.warn(
                                "nothing more of "
                                        + expired.cluster()
                                        + " expires: "
                                        + why.messageWithHint()));
        expired.expiration().ifPresent(this::text);
        expired.plan()
                .filter(shown -> !confirm && RetentionText.removesSomething(shown))
                .ifPresent(shown ->
                        output.line(
                                "Nothing was removed. To remove this: cairn expire %s --confirm --plan %s"
                                        .formatted(
                                                expired.cluster(),
                                                shown.path("plan").asText().substring(0, SHORT))));
    }

    private void text(JsonNode done) {
        for (JsonNode life : done.path("lives")) {
            if (held(life)) {
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
