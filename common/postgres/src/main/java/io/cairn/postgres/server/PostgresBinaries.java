package io.cairn.postgres.server;

import io.cairn.config.CairnConfig;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.nio.file.Path;
import java.util.Map;

/**
 * PostgreSQL's programs of one major version.
 *
 * @param major 15, 16, …
 * @param home the directory that holds {@code bin/postgres}
 */
public record PostgresBinaries(int major, Path home) {

    /** Looks where {@link PostgresInstallations#of} says, nothing being configured. */
    public static PostgresBinaries find(int major) {
        return find(major, Map.of());
    }

    /**
     * @param configured {@link CairnConfig#postgres()}: major → directory; it wins over everything
     *     found by looking
     * @throws CairnException {@link ErrorCode#POSTGRES_BINARIES_MISSING}
     */
    public static PostgresBinaries find(int major, Map<Integer, Path> configured) {
        return PostgresInstallations.of(configured).find(major);
    }

    /**
     * The absolute path of a program, {@code postgres} or {@code initdb}; other programs may not
     * exist.
     */
    public Path program(String name) {
        return home.resolve("bin").resolve(name);
    }
}
