package io.cairn.postgres.connection;

import io.cairn.config.HostPort;
import io.cairn.model.Lsn;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.postgresql.jdbc.PgConnection;

/**
 * A session with one server of a cluster. In {@link ConnectionMode#DATABASE_REPLICATION} it takes
 * SQL and replication commands alike, so that a run's advisory lock lives in the session that
 * streams the backup.
 *
 * <p>For one thread, except {@link #abort()}. Every method throws {@link CairnException} with
 * {@link ErrorCode#POSTGRES_CONNECTION_LOST} when the session has ended.
 */
public final class ServerConnection implements AutoCloseable {

    /**
     * The oldest major version that can be backed up: the replication commands' option syntax began
     * with it.
     */
    public static final int OLDEST_MAJOR = 15;

    private static final int FAREWELL_MILLIS = 5000;

    /** One row of a result, made into what the caller wants. */
    @FunctionalInterface
    public interface RowMapper<T> {
        T map(ResultSet row) throws SQLException;
    }

    private final HostPort host;
    private final PgConnection connection;
    private final ServerErrors errors;
    private final ReplicationWire wire;
    private final Duration readTimeout;
    private final int serverVersion;

    ServerConnection(
            HostPort host, DriverConnection opened, ServerErrors errors, Duration readTimeout) {
        this.host = host;
        this.readTimeout = readTimeout;
        this.connection = opened.connection();
        this.errors = errors;
        this.wire = new ReplicationWire(opened, errors, readTimeout);
        this.serverVersion = Integer.parseInt(value("SHOW server_version_num"));
        if (majorVersion() < OLDEST_MAJOR) {
            throw errors.tooOld(serverVersion);
        }
    }

    public HostPort host() {
        return host;
    }

    /** {@code server_version_num}: 180006 for 18.6. */
    public int serverVersion() {
        return serverVersion;
    }

    public int majorVersion() {
        return serverVersion / 10_000;
    }

    /** How long the server may owe an answer and send nothing. */
    public Duration readTimeout() {
        return readTimeout;
    }

    /** The process id of the session's server process. */
    public int backendPid() {
        return connection.getBackendPID();
    }

    /** Runs a query; parameters take the place of {@code ?}. */
    public <T> List<T> query(RowMapper<T> mapper, String sql, Object... parameters) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            try (ResultSet result = statement.executeQuery()) {
                List<T> rows = new ArrayList<>();
                while (result.next()) {
                    rows.add(mapper.map(result));
                }
                return rows;
            }
        } catch (SQLException e) {
            throw errors.inCommand(e);
        }
    }

    /** The first column of a query's only row; it must not be null. */
    public String value(String sql, Object... parameters) {
        List<Optional<String>> rows =
                query(row -> Optional.ofNullable(row.getString(1)), sql, parameters);
        if (rows.size() != 1 || rows.getFirst().isEmpty()) {
            throw errors.protocol("not one value as the answer to " + sql);
        }
        return rows.getFirst().get();
    }

    /**
     * Whether the session's role may call a function.
     *
     * @param function with the types of its arguments
     */
    public boolean mayExecute(String function) {
        return query(
                        row -> row.getBoolean(1),
                        "SELECT has_function_privilege("
                                + SqlText.literal(function)
                                + ", 'EXECUTE')")
                .getFirst();
    }

    /** Runs statements that return nothing. */
    public void execute(String sql) {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw errors.inCommand(e);
        }
    }

    /** {@code IDENTIFY_SYSTEM}; not in {@link ConnectionMode#SQL}. */
    public ServerIdentity identify() {
        return query(
                        row ->
                                new ServerIdentity(
                                        SystemIdentifier.parse(row.getString("systemid")),
                                        new Timeline(row.getInt("timeline")),
                                        Lsn.parse(row.getString("xlogpos"))),
                        "IDENTIFY_SYSTEM")
                .getFirst();
    }

    public boolean isInRecovery() {
        return value("SELECT pg_is_in_recovery()").equals("t");
    }

    /** The protocol itself. While a command is spoken on it, the other methods must not be used. */
    public ReplicationWire wire() {
        return wire;
    }

    /**
     * Closes the socket at once, whatever the session is doing: its thread gets an error. Any
     * thread may call it.
     */
    public void abort() {
        wire.close();
    }

    /**
     * Ends the session; what belongs to it, locks and temporary slots, ends with it. Waits at most
     * 5 s for a server that does not answer. Idempotent; says nothing of a loss that was reported
     * before.
     */
    @Override
    public void close() {
        try {
            if (!connection.isClosed()) {
                connection.setNetworkTimeout(Runnable::run, FAREWELL_MILLIS);
            }
            connection.close();
        } catch (SQLException e) {
            if (!wire.isBroken()) {
                throw errors.lost(e);
            }
        } finally {
            wire.close();
        }
    }
}
