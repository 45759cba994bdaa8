package io.cairn.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.record.Caller;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "hold",
        description = {
            "Places legal holds on backups, and releases them, through the catalog.",
            "Who did it is recorded as user@host of this machine: there is no authentication yet."
        },
        mixinStandardHelpOptions = true)
final class HoldCommand extends CommandGroup {

    private static final String HOLDS = "/holds";

    @Mixin private final Output output = new Output();

    @Command(
            name = "place",
            description = {
                "Keeps a backup, those that it builds on and their WAL from being deleted, by anybody, until the hold is",
                "released. In force when this command ends; the catalog brings it into every store, which list shows."
            },
            mixinStandardHelpOptions = true)
    int place(
            @Mixin CatalogAddress catalog,
            @Parameters(
                            paramLabel = "LABEL",
                            description = "CLUSTER/LABEL, or a label that one cluster has.")
                    String backup,
            @Option(
                            names = "--reason",
                            paramLabel = "TEXT",
                            required = true,
                            description = "One line, kept with the hold for ever.")
                    String reason) {
        Map<String, Object> wish = new HashMap<>();
        int slash = Math.max(backup.indexOf('/'), backup.indexOf(':'));
        if (slash >= 0) {
            wish.put("cluster", new ClusterName(backup.substring(0, slash)).value());
        }
        wish.put("label", new BackupLabel(backup.substring(slash + 1)).value());
        // Told twice, after an answer that was lost, it stays one hold.
        wish.put("id", UUID.randomUUID().toString().replace("-", ""));
        wish.put("reason", reason);
        wish.put("by", Caller.current());
        JsonNode hold = client(catalog).post(HOLDS, wish, Map.of());
        output.print(
                options().output(),
                "hold",
                hold,
                () -> {
                    output.line(hold.path("id").asText());
                    tellWhereItIsNot(hold);
                });
        return ExitCode.OK.code();
    }

    @Command(
            name = "release",
            description = "Ends a hold. What other holds, locks or the policy keep is kept on.",
            mixinStandardHelpOptions = true)
    int release(
            @Mixin CatalogAddress catalog,
            @Parameters(paramLabel = "ID", description = "As cairn hold list shows it.") String id,
            @Option(
                            names = "--reason",
                            paramLabel = "TEXT",
                            required = true,
                            description = "One line, kept with the hold for ever.")
                    String reason) {
        JsonNode hold =
                client(catalog)
                        .delete(
                                HOLDS
                                        + "/"
                                        + encoded(id)
                                        + "?reason="
                                        + encoded(reason)
                                        + "&by="
                                        + encoded(Caller.current()));
        output.print(
                options().output(),
                "hold",
                hold,
                () -> {
                    output.line(id + " released");
                    tellWhereItIsNot(hold);
                });
        return ExitCode.OK.code();
    }

    @Command(
            name = "list",
            description =
                    "Shows the holds, those too that were released, and how far they are in each store.",
            mixinStandardHelpOptions = true)
    int list(
            @Mixin CatalogAddress catalog,
            @Parameters(
                            arity = "0..1",
                            paramLabel = "CLUSTER",
                            description = "Default: all clusters.")
                    @Nullable String cluster) {
        String filter =
                Optional.ofNullable(cluster)
                        .map(name -> "?cluster=" + new ClusterName(name).value())
                        .orElse("");
        JsonNode holds = client(catalog).get(HOLDS + filter).path("holds");
        output.print(options().output(), "holds", holds, () -> text(holds));
        return ExitCode.OK.code();
    }

    private void text(JsonNode holds) {
        Table table = new Table("ID", "BACKUP", "SINCE", "BY", "STORES", "REASON");
        for (JsonNode hold : holds) {
            JsonNode released = hold.path("released");
            table.row(
                    hold.path("id").asText(),
                    hold.path("cluster").asText() + "/" + hold.path("label").asText(),
                    hold.path("at").asText(),
                    hold.path("by").asText(),
                    stores(hold),
                    hold.path("reason").asText()
                            + (released.isObject()
                                    ? "; released by "
                                            + released.path("by").asText()
                                            + ": "
                                            + released.path("reason").asText()
                                    : ""));
        }
        output.print(table);
    }

    private static String stores(JsonNode hold) {
        return StreamSupport.stream(hold.path("stores").spliterator(), false)
                .map(store -> store.path("store").asText() + " " + store.path("state").asText())
                .collect(Collectors.joining(", "));
    }

    private void tellWhereItIsNot(JsonNode hold) {
        for (JsonNode store : hold.path("stores")) {
            String state = store.path("state").asText();
            if (state.equals("unreachable") || state.equals("waiting")) {
                output.warn(
                        "store '"
                                + store.path("store").asText()
                                + "' does not have it yet; the catalog goes on trying, cairn hold list shows it");
            }
        }
    }

    private CatalogClient client(CatalogAddress catalog) {
        return new CatalogClient(catalog.uri(options()));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
