package io.cairn.config;

import io.cairn.model.ClusterName;
import io.cairn.model.Tier;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * One protected PostgreSQL cluster and how to reach it.
 *
 * @param hosts every node, primary and standbys; the primary is found by asking
 * @param user a role with LOGIN REPLICATION and {@code pg_monitor}
 * @param password absent where the server asks for none (peer certificates, trust on loopback)
 * @param database the maintenance database, in which the run's advisory lock is held
 * @param maxRateKilobytes limit of the base backup in kB/s, 32 to 1048576 (PostgreSQL's own {@code
 *     MAX_RATE})
 */
public record ClusterConfig(
        ClusterName name,
        Tier tier,
        List<HostPort> hosts,
        String user,
        Optional<SecretReference> password,
        String database,
        Tls tls,
        Optional<Integer> maxRateKilobytes) {

    public ClusterConfig {
        hosts = List.copyOf(hosts);
    }

    /**
     * @param mode as libpq's {@code sslmode}
     * @param rootCertificate PEM file with the authorities that are trusted, for {@code verify-ca}
     *     and {@code verify-full}
     */
    public record Tls(TlsMode mode, Optional<Path> rootCertificate) {}

    /**
     * libpq's {@code sslmode}; the weaker modes that silently fall back to plain text are left out
     * on purpose.
     */
    public enum TlsMode {
        DISABLE,
        REQUIRE,
        VERIFY_CA,
        VERIFY_FULL
    }
}
