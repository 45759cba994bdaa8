package io.cairn.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.cairn.config.CairnConfig;
import io.cairn.config.CairnConfigReader;
import io.cairn.model.policy.TierPolicy;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "policy",
        description = "Tries policies before they are followed.",
        mixinStandardHelpOptions = true)
final class PolicyCommand extends CommandGroup {

    @Mixin private final Output output = new Output();

    @Command(
            name = "simulate",
            description = {
                "Shows what the policies of a changed configuration would keep, remove and find locked, on the real",
                "buckets. Nothing is changed. Of the file only the tiers count."
            },
            mixinStandardHelpOptions = true)
    int simulate(
            @Mixin CatalogAddress catalog,
            @Parameters(paramLabel = "FILE", description = "The changed cairn.yaml.") Path file) {
        CairnConfig changed = CairnConfigReader.read(file);
        List<Map<String, Object>> tiers =
                changed.tiers().values().stream()
                        .sorted(Comparator.comparing(TierPolicy::tier))
                        .map(PolicyCommand::tier)
                        .toList();
        JsonNode simulated =
                new CatalogClient(catalog.uri(options()))
                        .postLong("/policies/simulations", Map.of("tiers", tiers));
        JsonNode clusters = simulated.path("clusters");
        output.print(options().output(), "clusters", clusters, () -> text(clusters));
        return ExitCode.OK.code();
    }

    private static Map<String, Object> tier(TierPolicy policy) {
        return Map.of(
                "tier", policy.tier().id(),
                "retention", policy.run().retention().toString(),
                "pointInTimeWindow", policy.pointInTimeWindow().toString(),
                "copies", policy.run().copies().stream().map(Object::toString).toList());
    }

    private void text(JsonNode clusters) {
        Table table =
                new Table(
                        "CLUSTER",
                        "TIER",
                        "",
                        ">BACKUPS",
                        ">EXPIRE",
                        ">WAL OBJECTS",
                        ">REMOVED",
                        "LOCKED UNTIL",
                        "WAL FROM");
        for (JsonNode cluster : clusters) {
            for (String when : List.of("now", "then")) {
                for (JsonNode life : cluster.path(when).path("lives")) {
                    JsonNode removed = life.path("removed");
                    table.row(
                            cluster.path("cluster").asText(),
                            cluster.path("tier").asText(),
                            when,
                            life.path("backups").size(),
                            removed.path("backups").asInt(),
                            removed.path("walObjects").asLong(),
                            Format.bytes(removed.path("bytes").asLong()),
                            lockedUntil(life),
                            walFrom(life));
                }
            }
        }
        output.print(table);
        for (JsonNode cluster : clusters) {
            List<String> more = expired(cluster.path("then"));
            more.removeAll(expired(cluster.path("now")));
            List<String> fewer = expired(cluster.path("now"));
            fewer.removeAll(expired(cluster.path("then")));
            String name = cluster.path("cluster").asText();
            more.forEach(label -> output.line(name + " " + label + " would expire as well"));
            fewer.forEach(label -> output.line(name + " " + label + " would be kept"));
        }
    }

    private static List<String> expired(JsonNode plan) {
        return plan.path("lives")
                .valueStream()
                .flatMap(life -> life.path("backups").valueStream())
                .filter(backup -> backup.path("decision").asText().equals("expire"))
                .map(backup -> backup.path("label").asText())
                .collect(Collectors.toList());
    }

    private static String lockedUntil(JsonNode life) {
        return life.path("backups")
                .valueStream()
                .flatMap(backup ->
                        backup.hasNonNull("lockedUntil")
                                ? Stream.of(backup.path("lockedUntil").asText())
                                : Stream.empty())
                .max(Comparator.naturalOrder())
                .orElse("-");
    }

    private static String walFrom(JsonNode life) {
        return life.path("wal")
                .valueStream()
                .filter(wal -> !wal.hasNonNull("to"))
                .map(wal -> wal.path("timeline").asText() + "@" + wal.path("from").asText())
                .collect(Collectors.joining(" "));
    }
}
