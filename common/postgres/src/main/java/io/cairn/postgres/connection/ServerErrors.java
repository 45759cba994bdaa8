package io.cairn.postgres.connection;

import io.cairn.config.ClusterConfig;
import io.cairn.config.HostPort;
import io.cairn.config.SecretReference;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * What PostgreSQL and pgjdbc report, as Cairn's errors: each names the host and says what to do
 * next.
 *
 * @see <a href="https://www.postgresql.org/docs/current/errcodes-appendix.html">PostgreSQL Error
 *     Codes</a>
 */
final class ServerErrors {

    private static final Pattern ADDRESS = Pattern.compile("\"([0-9a-fA-F.:]+)\"");

    private final ClusterConfig cluster;
    private final HostPort host;
    private final ConnectionMode mode;

    ServerErrors(ClusterConfig cluster, HostPort host, ConnectionMode mode) {
        this.cluster = cluster;
        this.host = host;
        this.mode = mode;
    }

    /** A connection was not made. */
    CairnException whileConnecting(SQLException e) {
        Optional<ServerMessage> message = serverMessage(e);
        return message.isPresent() ? refused(message.get(), e) : notConnected(e);
    }

    private static Optional<ServerMessage> serverMessage(SQLException e) {
        ServerErrorMessage message =
                e instanceof PSQLException driver ? driver.getServerErrorMessage() : null;
        return Optional.ofNullable(message).map(ServerMessage::of);
    }

    private CairnException notConnected(SQLException e) {
        String state = Optional.ofNullable(e.getSQLState()).orElse("");
        if (hasCause(e, SSLException.class)) {
            return error(
                    ErrorCode.CERTIFICATE_INVALID,
                    "TLS with " + host + " failed: " + rootMessage(e),
                    "tls.rootCertificate of cluster "
                            + cluster.name()
                            + " must hold the authority that signed the server's"
                            + " certificate, and with verify-full the certificate must name the host "
                            + host.host(),
                    e);
        }
        if (!hasCause(e, IOException.class) && (state.equals("08004") || state.startsWith("28"))) {
            return rejectedByDriver(e);
        }
        return error(
                ErrorCode.POSTGRES_UNREACHABLE,
                "cannot reach PostgreSQL at " + host + ": " + rootMessage(e),
                "check the address, that the server runs, its listen_addresses, and the firewall between",
                e);
    }

    /**
     * The driver gave up by itself: the server wants a password that is not configured, or has no
     * TLS.
     */
    private CairnException rejectedByDriver(SQLException e) {
        if (cluster.password().isEmpty()) {
            return error(
                    ErrorCode.POSTGRES_AUTHENTICATION_FAILED,
                    host + " does not let role " + cluster.user() + " in: " + rootMessage(e),
                    "the server wants a password: set password of cluster "
                            + cluster.name()
                            + " to env:NAME or file:/path",
                    e);
        }
        return error(
                ErrorCode.POSTGRES_NOT_PERMITTED,
                host
                        + " does not fit tls.mode of cluster "
                        + cluster.name()
                        + " or its authentication: "
                        + rootMessage(e),
                "set ssl = on on the server, or change tls.mode",
                e);
    }

    private CairnException refused(ServerMessage message, SQLException e) {
        return switch (message.sqlState()) {
            case "28P01" ->
                    error(
                            ErrorCode.POSTGRES_AUTHENTICATION_FAILED,
                            host + " does not accept the password of role " + cluster.user(),
                            "check "
                                    + secretName()
                                    + ", or set it on the server: \\password "
                                    + cluster.user(),
                            e);
            case "28000" -> notAuthorized(message, e);
            case "42501" -> missingPrivilege(message, e);
            case "3D000" ->
                    error(
                            ErrorCode.CONFIG_INVALID,
                            "there is no database " + cluster.database() + " on " + host,
                            "set database of cluster "
                                    + cluster.name()
                                    + " to one that is there, such as postgres",
                            e);
            case "53300" -> tooManyConnections(message, e);
            case "57P03" ->
                    error(
                            ErrorCode.POSTGRES_UNREACHABLE,
                            host + " takes no connections now: " + message,
                            "wait until the server has started",
                            e);
            default ->
                    error(
                            ErrorCode.POSTGRES_ERROR,
                            host + " refuses the connection: " + message,
                            "see the server's log",
                            e);
        };
    }

    private String secretName() {
        return cluster.password()
                .map(SecretReference::value)
                .orElse("password of cluster " + cluster.name());
    }

    private CairnException notAuthorized(ServerMessage message, SQLException e) {
        return switch (message.routine()) {
            case "ClientAuthentication" ->
                    error(
                            ErrorCode.POSTGRES_NOT_PERMITTED,
                            "pg_hba.conf of "
                                    + host
                                    + " does not admit role "
                                    + cluster.user()
                                    + " to "
                                    + admission()
                                    + ": "
                                    + message,
                            "add the line: "
                                    + hostBasedLine(message)
                                    + " and run: SELECT pg_reload_conf();",
                            e);
            case "InitializeSessionUserId" ->
                    error(
                            ErrorCode.POSTGRES_NOT_PERMITTED,
                            "role " + cluster.user() + " cannot log in to " + host + ": " + message,
                            "CREATE ROLE "
                                    + role()
                                    + " LOGIN REPLICATION; or ALTER ROLE "
                                    + role()
                                    + " LOGIN REPLICATION;",
                            e);
            default ->
                    error(
                            ErrorCode.POSTGRES_AUTHENTICATION_FAILED,
                            host + " does not authenticate role " + cluster.user() + ": " + message,
                            "check the method of its line in pg_hba.conf",
                            e);
        };
    }

    private String admission() {
        return mode == ConnectionMode.PHYSICAL_REPLICATION
                ? "replication"
                : "database " + cluster.database();
    }

    /** The line as it must be written, with our address as the server sees it. */
    private String hostBasedLine(ServerMessage message) {
        Matcher address = ADDRESS.matcher(message.message());
        String from = address.find() ? address.group(1) : "<address of this machine>";
        return String.join(
                " ",
                cluster.tls().mode() == ClusterConfig.TlsMode.DISABLE ? "host" : "hostssl",
                mode == ConnectionMode.PHYSICAL_REPLICATION ? "replication" : cluster.database(),
                cluster.user(),
                from + (from.contains(":") ? "/128" : "/32"),
                "scram-sha-256");
    }

    private CairnException missingPrivilege(ServerMessage message, SQLException e) {
        if (message.routine().equals("CheckMyDatabase")) {
            return error(
                    ErrorCode.POSTGRES_NOT_PERMITTED,
                    "role "
                            + cluster.user()
                            + " may not connect to database "
                            + cluster.database()
                            + " on "
                            + host,
                    "GRANT CONNECT ON DATABASE "
                            + SqlText.identifier(cluster.database())
                            + " TO "
                            + role()
                            + ";",
                    e);
        }
        return error(
                ErrorCode.POSTGRES_NOT_PERMITTED,
                "role " + cluster.user() + " has no REPLICATION on " + host,
                "ALTER ROLE " + role() + " REPLICATION;",
                e);
    }

    private String role() {
        return SqlText.identifier(cluster.user());
    }

    private CairnException tooManyConnections(ServerMessage message, SQLException e) {
        if (mode.isWalSender() && message.routine().equals("InitProcess")) {
            return error(
                    ErrorCode.POSTGRES_WAL_SENDERS_EXHAUSTED,
                    "all max_wal_senders of " + host + " are in use",
                    "see who uses them: SELECT pid, application_name FROM pg_stat_replication; or raise max_wal_senders"
                            + " (needs a restart)",
                    e);
        }
        return error(
                ErrorCode.POSTGRES_UNREACHABLE,
                host + " takes no more connections: " + message,
                "wait, or raise max_connections or the role's CONNECTION LIMIT",
                e);
    }

    /** A command failed after the connection was made. */
    CairnException inCommand(SQLException e) {
        return serverMessage(e).map(message -> inCommand(message, e)).orElseGet(() -> lost(e));
    }

    CairnException inCommand(ServerMessage message, @Nullable Throwable cause) {
        String state = message.sqlState();
        if (message.endsSession() || state.startsWith("08") || state.startsWith("57P")) {
            return error(
                    ErrorCode.POSTGRES_CONNECTION_LOST,
                    host + " ended the connection: " + message,
                    "the run is repeated; see the server's log if it happens again",
                    cause);
        }
        return new ReplicationErrors(host, message, cause)
                .toException()
                .orElseGet(() -> anyCommand(message, cause));
    }

    private CairnException anyCommand(ServerMessage message, @Nullable Throwable cause) {
        String state = message.sqlState();
        return switch (state) {
            case "42501" ->
                    error(
                            ErrorCode.POSTGRES_NOT_PERMITTED,
                            host + " refuses role " + cluster.user() + ": " + message,
                            "run cairn check --cluster "
                                    + cluster.name()
                                    + ", which names each missing right with its SQL",
                            cause);
            case "53400" ->
                    error(
                            ErrorCode.POSTGRES_SLOTS_EXHAUSTED,
                            "all max_replication_slots of " + host + " are in use",
                            "see who uses them: SELECT slot_name, active FROM pg_replication_slots; drop one that is abandoned, or"
                                    + " raise max_replication_slots (needs a restart)",
                            cause);
            default ->
                    error(
                            isSourceFailure(state)
                                    ? ErrorCode.SOURCE_FAILED
                                    : ErrorCode.POSTGRES_ERROR,
                            host + " reports: " + message,
                            "see the server's log",
                            cause);
        };
    }

    /**
     * Resources, operator intervention, the operating system, internal: may be over when the run is
     * repeated.
     */
    private static boolean isSourceFailure(String sqlState) {
        return sqlState.startsWith("53")
                || sqlState.startsWith("57")
                || sqlState.startsWith("58")
                || sqlState.startsWith("XX");
    }

    /** The server owes an answer and sends nothing: it may be gone without a word. */
    CairnException silent(@Nullable Exception e) {
        return error(
                ErrorCode.POSTGRES_CONNECTION_LOST,
                host + " sent nothing within the read timeout",
                "check that the server and the network between are alive; the run is repeated",
                e);
    }

    /** The server ends the session in good order. */
    CairnException ended(String how) {
        return error(
                ErrorCode.POSTGRES_CONNECTION_LOST,
                host + " ended the connection: " + how,
                "the connection is made again when the server, or another of the cluster, is up",
                null);
    }

    /** The connection broke off. */
    CairnException lost(Exception e) {
        return error(
                ErrorCode.POSTGRES_CONNECTION_LOST,
                "the connection to " + host + " was lost: " + rootMessage(e),
                "the run is repeated; if it happens again, see the server's log and the network between",
                e);
    }

    /** The connection was closed on this side, by {@link ServerConnection#abort()}. */
    CairnException aborted(@Nullable Exception e) {
        return error(
                ErrorCode.POSTGRES_CONNECTION_LOST,
                "the connection to " + host + " was aborted by this side",
                null,
                e);
    }

    CairnException protocol(String what) {
        return error(
                ErrorCode.POSTGRES_PROTOCOL,
                host + " sent what the replication protocol does not allow: " + what,
                "check that the address is PostgreSQL's own and not a pooler's; otherwise report it with the log",
                null);
    }

    CairnException tooOld(int serverVersion) {
        String version =
                serverVersion >= 100_000 ? Integer.toString(serverVersion / 10_000) : "9 or older";
        return error(
                ErrorCode.POSTGRES_TOO_OLD,
                host
                        + " runs PostgreSQL "
                        + version
                        + ", Cairn needs "
                        + ServerConnection.OLDEST_MAJOR
                        + " or newer",
                "upgrade the server",
                null);
    }

    private static CairnException error(
            ErrorCode code, String message, @Nullable String hint, @Nullable Throwable cause) {
        return new CairnException(code, message, hint, cause);
    }

    private static boolean hasCause(Throwable e, Class<? extends Throwable> type) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    private static String rootMessage(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = root.getMessage();
        return root.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }
}
