package io.cairn.restore.server;

import io.cairn.model.error.CairnException;
import io.cairn.postgres.server.LocalServer;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.postgresql.Driver;

/**
 * Connections to a server on a restored directory, as a superuser of the restored cluster. What
 * roles and databases of the source set for their sessions (libraries to load, paths, timeouts) is
 * overridden, and event triggers do not fire: nothing of the cluster's own code runs that a read
 * does not need.
 */
public final class ApartServer {

    private static final List<String> SESSION =
            List.of(
                    "session_preload_libraries=",
                    "local_preload_libraries=",
                    "role=none",
                    "session_replication_role=replica",
                    "allow_system_table_mods=on",
                    "search_path=pg_catalog",
                    "default_transaction_read_only=off",
                    "default_tablespace=",
                    "temp_tablespaces=",
                    "row_security=off",
                    "standard_conforming_strings=on",
                    "statement_timeout=0",
                    "lock_timeout=0",
                    "idle_session_timeout=0",
                    "idle_in_transaction_session_timeout=0",
                    "client_min_messages=error",
                    "jit=off");

    /** Known since PostgreSQL 17. */
    private static final List<String> SESSION_17 =
            List.of("event_triggers=off", "transaction_timeout=0");

    private static final String ROLE_REFUSED = "28000";
    private static final String NO_SUCH_DATABASE = "3D000";

    private final LocalServer server;
    private final String superuser;

    private ApartServer(LocalServer server, String superuser) {
        this.server = server;
        this.superuser = superuser;
    }

    /** Finds a superuser that can log in, by trying; empty if the cluster has none. */
    public static Optional<ApartServer> of(LocalServer server) throws SQLException, IOException {
        for (String name : LoginSuperusers.in(server.dataDirectory())) {
            ApartServer candidate = new ApartServer(server, name);
            try (Connection connection = candidate.connectAnywhere()) {
                if (isSuperuser(connection)) {
                    return Optional.of(candidate);
                }
            } catch (SQLException e) {
                if (!ROLE_REFUSED.equals(e.getSQLState())) {
                    throw e;
                }
            }
        }
        return Optional.empty();
    }

    private static boolean isSuperuser(Connection connection) throws SQLException {
        return Queries.strings(connection, "SHOW is_superuser").equals(List.of("on"));
    }

    /** To {@code postgres}, or where that was dropped, to {@code template1}. */
    public Connection connectAnywhere() throws SQLException {
        try {
            return connect("postgres");
        } catch (SQLException e) {
            if (!NO_SUCH_DATABASE.equals(e.getSQLState())) {
                throw e;
            }
            return connect("template1");
        }
    }

    /** Databases that allow connections; one whose DROP was interrupted (limit -2) allows none. */
    public List<String> databases() throws SQLException {
        try (Connection connection = connectAnywhere()) {
            return Queries.strings(
                    connection,
                    "SELECT datname FROM pg_database WHERE datallowconn AND datconnlimit <> -2 ORDER BY oid");
        }
    }

    public Connection connect(String database) throws SQLException {
        Properties properties = properties();
        properties.setProperty("options", options());
        Connection connection = new Driver().connect(server.jdbcUrl(database), properties);
        if (connection == null) {
            throw CairnException.bug("pgjdbc refuses its own kind of URL");
        }
        return connection;
    }

    private Properties properties() throws SQLException {
        try {
            return server.connectionProperties(superuser, Optional.empty());
        } catch (IllegalStateException e) {
            throw new SQLException("the server has ended", "57P01", e);
        }
    }

    private String options() {
        List<String> settings = new ArrayList<>(SESSION);
        if (server.binaries().major() >= 17) {
            settings.addAll(SESSION_17);
        }
        return settings.stream()
                .map(setting -> "-c " + setting)
                .reduce((a, b) -> a + " " + b)
                .orElseThrow();
    }

    /** Also those that are to fire ALWAYS. */
    public static void disableEventTriggers(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("UPDATE pg_event_trigger SET evtenabled = 'D'");
        }
    }
}
