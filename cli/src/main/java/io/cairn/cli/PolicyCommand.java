package io.cairn.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.cairn.config.CairnConfig;
import io.cairn.config.CairnConfigReader;
import io.cairn.model.policy.ObjectLockMode;
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
                "Shows what the policies of a changed configuration would keep, remove and lock, on the real buckets:",
                "until when each copy would be locked, beside the lock it has. Nothing is changed, and no store is",
                "asked whether it takes a lock that long. Of the file only the tiers count."
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
                "copies", policy.run().copies().stream().map(Object::toString).toList(),
                "lock", policy.lock().map(ObjectLockMode::id).orElse("none"));
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
                        ">LOCKED COPIES",
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
                            locks(cluster, when, life).count(),
                            lockedUntil(cluster, when, life),
                            walFrom(life));
                }
            }
        }
        output.print(table);
        clusters.forEach(this::changes);
    }

    private void changes(JsonNode cluster) {
        List<String> now = expired(cluster.path("now"));
        List<String> then = expired(cluster.path("then"));
        String name = cluster.path("cluster").asText();
        then.stream()
                .filter(label -> !now.contains(label))
                .forEach(label ->
                        output.line(
                                name
                                        + " "
                                        + label
                                        + " would expire as well"
                                        + lockEnd(cluster, label)));
        now.stream()
                .filter(label -> !then.contains(label))
                .forEach(label -> output.line(name + " " + label + " would be kept"));
        cluster.path("locks")
                .valueStream()
                .filter(lock -> !lock.path("then").equals(lock.path("now")))
                .forEach(lock -> output.line(name + " " + locked(lock)));
    }

    /** The lock round comes before the clean-up. */
    private static String lockEnd(JsonNode cluster, String label) {
        return cluster.path("locks")
                .valueStream()
                .filter(lock -> lock.path("label").asText().equals(label))
                .map(lock -> lock.path("then").path("until").asText())
                .max(Comparator.naturalOrder())
                .map(until -> ", once its lock has ended at " + until)
                .orElse("");
    }

    private static String locked(JsonNode lock) {
        String change =
                "%s would be locked in store '%s' until %s"
                        .formatted(
                                lock.path("label").asText(),
                                lock.path("store").asText(),
                                end(lock.path("then")));
        return lock.hasNonNull("now")
                ? change + " instead of until " + end(lock.path("now"))
                : change + "; it is not locked";
    }

    private static String end(JsonNode lock) {
        return "%s (%s)".formatted(lock.path("until").asText(), lock.path("mode").asText());
    }

    private static List<String> expired(JsonNode plan) {
        return plan.path("lives")
                .valueStream()
                .flatMap(life -> life.path("backups").valueStream())
                .filter(backup -> backup.path("decision").asText().equals("expire"))
                .map(backup -> backup.path("label").asText())
                .toList();
    }

    /** The locks of a life's copies, those of now or of then. */
    private static Stream<JsonNode> locks(JsonNode cluster, String when, JsonNode life) {
        String system = life.path("systemIdentifier").asText();
        return cluster.path("locks")
                .valueStream()
                .filter(lock -> lock.path("systemIdentifier").asText().equals(system))
                .filter(lock -> lock.hasNonNull(when))
                .map(lock -> lock.path(when));
    }

    /** The last end, of those too that were only found when something was to expire. */
    private static String lockedUntil(JsonNode cluster, String when, JsonNode life) {
        Stream<String> found =
                life.path("backups")
                        .valueStream()
                        .filter(backup -> backup.hasNonNull("lockedUntil"))
                        .map(backup -> backup.path("lockedUntil").asText());
        Stream<String> known = locks(cluster, when, life).map(lock -> lock.path("until").asText());
        return Stream.concat(found, known).max(Comparator.naturalOrder()).orElse("-");
    }

    private static String walFrom(JsonNode life) {
        return life.path("wal")
                .valueStream()
                .filter(wal -> !wal.hasNonNull("to"))
                .map(wal -> wal.path("timeline").asText() + "@" + wal.path("from").asText())
                .collect(Collectors.joining(" "));
    }
}
