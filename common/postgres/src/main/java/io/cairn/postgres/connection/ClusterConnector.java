package io.cairn.postgres.connection;

import io.cairn.config.ClusterConfig;
import io.cairn.config.ClusterConfig.TlsMode;
import io.cairn.config.HostPort;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import org.postgresql.PGProperty;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.ssl.DefaultJavaSSLFactory;
import org.postgresql.ssl.LibPQFactory;

/**
 * Opens sessions with a cluster's hosts, by its configuration. Thread-safe; each call opens a
 * session of its own and reads the password anew, so a rotated secret needs no restart.
 */
public final class ClusterConnector {

    /**
     * A session of ours is idle for as long as a store is slow, and its statements last as long as
     * a checkpoint: no limit that a role or database may have must end it. When this machine
     * vanishes, the server ends the session within a minute, and with it the run's lock.
     */
    private static final String SESSION_SETTINGS =
            String.join(
                    "; ",
                    "SET idle_session_timeout = 0",
                    "SET idle_in_transaction_session_timeout = 0",
                    "SET statement_timeout = 0",
                    "SET lock_timeout = 0",
                    "SET standard_conforming_strings = on",
                    "SET tcp_keepalives_idle = 30",
                    "SET tcp_keepalives_interval = 10",
                    "SET tcp_keepalives_count = 3");

    /** {@code NAMEDATALEN - 1}: the server cuts longer ones. */
    private static final int LONGEST_APPLICATION_NAME = 63;

    private static final Executor SAME_THREAD = Runnable::run;

    private final ClusterConfig cluster;
    private final ConnectionSettings settings;

    public ClusterConnector(ClusterConfig cluster, ConnectionSettings settings) {
        if (cluster.hosts().isEmpty()) {
            throw new CairnException(
                    ErrorCode.CONFIG_INVALID,
                    "cluster " + cluster.name() + " has no hosts",
                    "name its hosts as host:port");
        }
        this.cluster = cluster;
        this.settings = settings;
    }

    public ClusterConnector(ClusterConfig cluster) {
        this(cluster, ConnectionSettings.DEFAULT);
    }

    public ClusterConfig cluster() {
        return cluster;
    }

    /**
     * A session for a run, in {@link ConnectionMode#DATABASE_REPLICATION}, with the primary: the
     * first host in the configuration's order that is not in recovery.
     *
     * @param applicationName the run's id; others see it in {@code pg_stat_activity}
     * @throws CairnException {@link ErrorCode#POSTGRES_NO_PRIMARY} if every host that answers is a
     *     standby; where a host fails with an error that waiting will not heal, that error
     */
    public ServerConnection connectToPrimary(String applicationName) {
        List<CairnException> failures = new ArrayList<>();
        List<HostPort> standbys = new ArrayList<>();
        for (HostPort host : cluster.hosts()) {
            try {
                ServerConnection connection =
                        connect(host, ConnectionMode.DATABASE_REPLICATION, applicationName);
                if (!isStandby(connection)) {
                    return connection;
                }
                standbys.add(host);
            } catch (CairnException e) {
                failures.add(e);
            }
        }
        throw noPrimary(failures, standbys);
    }

    private static boolean isStandby(ServerConnection connection) {
        try {
            boolean standby = connection.isInRecovery();
            if (standby) {
                connection.close();
            }
            return standby;
        } catch (CairnException e) {
            connection.abort();
            throw e;
        }
    }

    private CairnException noPrimary(List<CairnException> failures, List<HostPort> standbys) {
        for (CairnException failure : failures) {
            if (failure.category() != ErrorCategory.TRANSIENT) {
                return failure;
            }
        }
        if (standbys.isEmpty() && failures.size() == 1) {
            return failures.getFirst();
        }
        List<String> seen = new ArrayList<>();
        standbys.forEach(standby -> seen.add(standby + " is a standby"));
        failures.forEach(failure -> seen.add(failure.getMessage()));
        CairnException exception =
                new CairnException(
                        standbys.isEmpty()
                                ? failures.getFirst().code()
                                : ErrorCode.POSTGRES_NO_PRIMARY,
                        "no primary among the hosts of cluster "
                                + cluster.name()
                                + ": "
                                + String.join("; ", seen),
                        standbys.isEmpty()
                                ? "check the addresses and that the servers run"
                                : "add the primary to hosts, or promote one");
        failures.forEach(exception::addSuppressed);
        return exception;
    }

    /**
     * A session with one host, whatever its role.
     *
     * @throws CairnException with the code that {@link ErrorCode} has for what is wrong, and a hint
     *     that mends it
     */
    public ServerConnection connect(HostPort host, ConnectionMode mode, String applicationName) {
        ServerErrors errors = new ServerErrors(cluster, host, mode);
        requireCertificate();
        DriverConnection opened;
        try {
            opened = DriverConnection.open(url(host), properties(mode, applicationName));
        } catch (SQLException e) {
            throw errors.whileConnecting(e);
        }
        PgConnection connection = opened.connection();
        try {
            ServerConnection session =
                    new ServerConnection(host, opened, errors, settings.readTimeout());
            connection.setNetworkTimeout(
                    SAME_THREAD, Math.toIntExact(settings.readTimeout().toMillis()));
            if (mode != ConnectionMode.PHYSICAL_REPLICATION) {
                session.execute(
                        SESSION_SETTINGS
                                + (session.majorVersion() >= 17
                                        ? "; SET transaction_timeout = 0"
                                        : ""));
            }
            return session;
        } catch (SQLException e) {
            throw closing(connection, errors.inCommand(e));
        } catch (CairnException e) {
            throw closing(connection, e);
        }
    }

    private static CairnException closing(PgConnection connection, CairnException failure) {
        try {
            connection.close();
        } catch (SQLException e) {
            failure.addSuppressed(e);
        }
        return failure;
    }

    private String url(HostPort host) {
        return "jdbc:postgresql://"
                + host
                + "/"
                + URLEncoder.encode(cluster.database(), StandardCharsets.UTF_8);
    }

    private Properties properties(ConnectionMode mode, String applicationName) {
        int bytes = applicationName.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > LONGEST_APPLICATION_NAME) {
            throw new IllegalArgumentException(
                    "application_name '" + applicationName + "' has " + bytes + " bytes");
        }
        Properties properties = new Properties();
        PGProperty.USER.set(properties, cluster.user());
        cluster.password()
                .ifPresent(
                        secret -> PGProperty.PASSWORD.set(properties, secret.resolve().reveal()));
        PGProperty.APPLICATION_NAME.set(properties, applicationName);
        mode.replication().ifPresent(value -> PGProperty.REPLICATION.set(properties, value));
        // A walsender knows the simple query protocol only. With an assumed version the driver asks
        // no questions of its own.
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(
                properties, Integer.toString(ServerConnection.OLDEST_MAJOR));
        PGProperty.SSL_MODE.set(
                properties, cluster.tls().mode().name().toLowerCase(Locale.ROOT).replace('_', '-'));
        cluster.tls()
                .rootCertificate()
                .ifPresent(file -> PGProperty.SSL_ROOT_CERT.set(properties, file.toString()));
        if (cluster.tls().rootCertificate().isEmpty()) {
            // Without a file of its own the cluster trusts what the JVM trusts; the driver would
            // look into ~/.postgresql.
            PGProperty.SSL_FACTORY.set(properties, trusting(cluster.tls().mode()));
        }
        PGProperty.GSS_ENC_MODE.set(properties, "disable");
        int seconds = Math.toIntExact(settings.connectTimeout().toSeconds());
        PGProperty.CONNECT_TIMEOUT.set(properties, seconds);
        PGProperty.SOCKET_TIMEOUT.set(properties, seconds);
        DriverConnection.useSockets(properties, TcpSocketFactory.class, "");
        return properties;
    }

    private static String trusting(TlsMode mode) {
        return switch (mode) {
            case VERIFY_CA, VERIFY_FULL -> DefaultJavaSSLFactory.class.getName();
            case DISABLE, REQUIRE -> LibPQFactory.class.getName();
        };
    }

    /**
     * The driver reports an unreadable file only after it has connected, and without naming what is
     * wrong with it.
     */
    private void requireCertificate() {
        cluster.tls().rootCertificate().ifPresent(this::requireCertificates);
    }

    private void requireCertificates(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            if (CertificateFactory.getInstance("X.509").generateCertificates(in).isEmpty()) {
                throw new CertificateException("it holds none");
            }
        } catch (IOException | CertificateException e) {
            throw new CairnException(
                    ErrorCode.CERTIFICATE_INVALID,
                    "tls.rootCertificate of cluster "
                            + cluster.name()
                            + ", "
                            + file
                            + ", holds no readable certificate",
                    "it must be a PEM file with the certificate of the authority that signed the server's",
                    e);
        }
    }

    @Override
    public String toString() {
        return cluster.hosts().stream()
                .map(HostPort::toString)
                .collect(Collectors.joining(",", cluster.name() + "@", ""));
    }
}
