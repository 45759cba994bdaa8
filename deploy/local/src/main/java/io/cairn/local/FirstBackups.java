package io.cairn.local;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;

/**
 * Asks, the way everybody does, for a full backup of each cluster that has none and none on its
 * way.
 */
final class FirstBackups {

    private final Console console;
    private final CatalogApi catalog;

    FirstBackups(Console console, CatalogApi catalog) {
        this.console = console;
        this.catalog = catalog;
    }

    void request() throws IOException, InterruptedException {
        console.heading("Backups");
        for (JsonNode cluster : catalog.clusters()) {
            String name = cluster.path("name").asText();
            JsonNode last = cluster.path("lastBackup");
            if (!cluster.path("configured").asBoolean()) {
                // An earlier start's; its backups stay.
                continue;
            }
            if (!last.isMissingNode()) {
                console.line("  " + name + ": newest is " + last.path("label").asText());
            } else if (catalog.activeRuns(name).isEmpty()) {
                console.line("  " + name + ": asked for " + catalog.requestFull(name));
            } else {
                console.line("  " + name + ": a first backup is on its way");
            }
        }
    }
}
