package io.cairn.restore.engine;

import io.cairn.postgres.server.PostgresInstallations;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * PostgreSQL's command-line tools, which the servers that tests run on come without: the
 * distribution's, or those that {@code deploy/bin/fetch-postgres-tools} put into the cache.
 */
public final class PostgresTools {

    private PostgresTools() {}

    /** The program of a major version; whoever asks sees whether it is there. */
    public static Path program(int major, String name) {
        PostgresInstallations places = PostgresInstallations.of(Map.of());
        Path installed = places.distribution().resolve(major + "/bin").resolve(name);
        return Files.isExecutable(installed)
                ? installed
                : places.cache().resolve("postgres-tools/" + major + "/bin").resolve(name);
    }
}
