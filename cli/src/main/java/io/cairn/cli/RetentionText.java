package io.cairn.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.Collectors;

/** A retention plan of the catalog, for people. */
final class RetentionText {

    private RetentionText() {}

    static boolean removesSomething(JsonNode plan) {
        return plan.path("lives")
                .valueStream()
                .map(life -> life.path("removed"))
                .anyMatch(removed ->
                        removed.path("backups").asInt() > 0
                                || removed.path("walObjects").asInt() > 0
                                || removed.path("orphans").asInt() > 0);
    }

    static void plan(JsonNode plan, Output output) {
        if (plan.path("lives").isEmpty()) {
            output.line("No backups of " + plan.path("cluster").asText() + ".");
        }
        for (JsonNode life : plan.path("lives")) {
            life(life, output);
        }
    }

    private static void life(JsonNode life, Output output) {
        Table table = new Table("LABEL", "KIND", "COMPLETED (UTC)", ">STORED", "COPIES", "");
        for (JsonNode backup : life.path("backups")) {
            table.row(
                    backup.path("label").asText(),
                    backup.path("kind").asText(),
                    backup.path("completedAt").asText(),
                    Format.bytes(backup.path("bytes").asLong()),
                    joined(backup.path("copies"), ", "),
                    backup.path("decision").asText().equals("expire")
                            ? "EXPIRES"
                            : joined(backup.path("reasons"), "; "));
        }
        output.print(table);
        for (JsonNode wal : life.path("wal")) {
            output.line(
                    "WAL of timeline %s is kept from %s%s"
                            .formatted(
                                    wal.path("timeline").asText(),
                                    wal.path("from").asText(),
                                    wal.hasNonNull("to") ? " to " + wal.path("to").asText() : ""));
        }
        JsonNode removed = life.path("removed");
        output.line(
                "Expires: %d of %d backups, %d objects of WAL, %d given up attempts; %s of %s in all stores"
                        .formatted(
                                removed.path("backups").asInt(),
                                life.path("backups").size(),
                                removed.path("walObjects").asLong(),
                                removed.path("orphans").asInt(),
                                Format.bytes(removed.path("bytes").asLong()),
                                Format.bytes(life.path("totalBytes").asLong())));
    }

    private static String joined(JsonNode array, String separator) {
        return array.valueStream().map(JsonNode::asText).collect(Collectors.joining(separator));
    }
}
