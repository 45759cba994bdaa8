package io.cairn.bench;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.server.PostgresInstallations;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * PostgreSQL's command-line tools, which the servers that tests run on come without: the
 * distribution's, or those that {@code deploy/bin/fetch-postgres-tools} put into the cache.
 */
public final class PostgresTools {

    /** What is fetched where the distribution has none; its clients speak to older servers. */
    private static final int FETCHED = 18;

    private PostgresTools() {}

    /** A program of a major version. */
    public static Optional<Path> program(int major, String name) {
        PostgresInstallations places = PostgresInstallations.of(Map.of());
        return Stream.of(
                        places.distribution().resolve(major + "/bin"),
                        places.cache().resolve("postgres-tools/" + major + "/bin"))
                .map(directory -> directory.resolve(name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** A client program for a server of a major version. */
    public static Path client(int major, String name) {
        return List.of(major, FETCHED).stream()
                .flatMap(version -> program(version, name).stream())
                .findFirst()
                .orElseThrow(() ->
                        new CairnException(
                                ErrorCode.POSTGRES_BINARIES_MISSING,
                                name + " is not installed",
                                "deploy/bin/fetch-postgres-tools fetches it with npm"));
    }
}
