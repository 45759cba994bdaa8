package io.cairn.postgres.server;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The places where PostgreSQL's programs of a major version are looked for, in this order: what the
 * configuration names; the jar of that major in the servers directory, unpacked once into the
 * cache; the distribution's directory.
 *
 * @param configured major → directory that holds {@code bin/postgres}
 * @param servers directory that holds {@code postgres/*-<major>.*.jar}
 * @param cache where jars are unpacked, {@code <cache>/postgres/<version>}
 * @param distribution directory with one subdirectory per major, as Debian and Ubuntu have it
 */
public record PostgresInstallations(
        Map<Integer, Path> configured, Optional<Path> servers, Path cache, Path distribution) {

    public PostgresInstallations {
        configured = Map.copyOf(configured);
    }

    /**
     * This machine's places. The servers directory is the system property {@code cairn.servers} or
     * the environment variable {@code CAIRN_SERVERS}. The cache is {@code CAIRN_CACHE}, {@code
     * $XDG_CACHE_HOME/cairn}, {@code /var/cache/cairn} for root (whose home others may not enter,
     * while PostgreSQL refuses to run as root), or {@code ~/.cache/cairn}.
     */
    public static PostgresInstallations of(Map<Integer, Path> configured) {
        return new PostgresInstallations(
                configured,
                setting("cairn.servers", "CAIRN_SERVERS"),
                setting("cairn.cache", "CAIRN_CACHE")
                        .orElseGet(PostgresInstallations::defaultCache),
                Path.of("/usr/lib/postgresql"));
    }

    private static Optional<Path> setting(String property, String variable) {
        return Optional.ofNullable(System.getProperty(property))
                .or(() -> Optional.ofNullable(System.getenv(variable)))
                .filter(value -> !value.isBlank())
                .map(Path::of)
                .map(Path::toAbsolutePath);
    }

    private static Path defaultCache() {
        String xdg = System.getenv("XDG_CACHE_HOME");
        if (xdg != null && !xdg.isBlank()) {
            return Path.of(xdg, "cairn");
        }
        return ServerAccount.current().isSeparate()
                ? Path.of("/var/cache/cairn")
                : Path.of(System.getProperty("user.home"), ".cache", "cairn");
    }

    /**
     * @throws CairnException {@link ErrorCode#POSTGRES_BINARIES_MISSING} if no place has them,
     *     {@link ErrorCode#CONFIG_INVALID} if the configured directory does not hold them
     */
    public PostgresBinaries find(int major) {
        Path named = configured.get(major);
        if (named != null) {
            return new PostgresBinaries(major, configured(major, named));
        }
        return fromJar(major)
                .or(() -> fromDistribution(major))
                .map(home -> new PostgresBinaries(major, home))
                .orElseThrow(() -> missing(major));
    }

    private static Path configured(int major, Path home) {
        if (!holdsPostgres(home)) {
            throw new CairnException(
                    ErrorCode.CONFIG_INVALID,
                    "postgres." + major + " names " + home + ", which has no bin/postgres",
                    "name the directory that holds bin/postgres of PostgreSQL " + major);
        }
        return home.toAbsolutePath();
    }

    private Optional<Path> fromJar(int major) {
        return servers.flatMap(
                        directory -> BinariesJar.newest(directory.resolve("postgres"), major))
                .map(jar -> jar.unpackInto(cache.resolve("postgres")));
    }

    private Optional<Path> fromDistribution(int major) {
        return Optional.of(distribution.resolve(Integer.toString(major)))
                .filter(PostgresInstallations::holdsPostgres);
    }

    private static boolean holdsPostgres(Path home) {
        return Files.isExecutable(home.resolve("bin/postgres"));
    }

    private CairnException missing(int major) {
        List<String> looked = new ArrayList<>();
        servers.ifPresent(
                directory -> looked.add(directory.resolve("postgres") + "/*-" + major + ".*.jar"));
        looked.add(distribution.resolve(Integer.toString(major)).toString());
        return new CairnException(
                ErrorCode.POSTGRES_BINARIES_MISSING,
                "no programs of PostgreSQL "
                        + major
                        + " on this machine; looked for "
                        + String.join(" and ", looked),
                "install the package postgresql-"
                        + major
                        + ", or set postgres."
                        + major
                        + " in the configuration to the directory that holds its bin/postgres");
    }

    /** Whether {@link #find} would succeed, without unpacking anything. */
    public boolean has(int major) {
        Path named = configured.get(major);
        if (named != null) {
            return holdsPostgres(named);
        }
        return servers.flatMap(directory ->
                        BinariesJar.newest(directory.resolve("postgres"), major))
                        .isPresent()
                || fromDistribution(major).isPresent();
    }

    static CairnException unreadable(Path path, IOException cause) {
        return new CairnException(
                ErrorCode.POSTGRES_BINARIES_MISSING,
                "cannot unpack PostgreSQL from " + path + ": " + cause,
                "check the free space and the rights of the cache directory, or set CAIRN_CACHE to another one",
                cause);
    }
}
