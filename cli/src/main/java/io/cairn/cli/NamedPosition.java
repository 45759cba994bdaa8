package io.cairn.cli;

import io.cairn.config.ClusterConfig;
import io.cairn.model.Lsn;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.connection.ServerConnection;
import io.cairn.postgres.connection.ServerIdentity;
import io.cairn.postgres.connection.SqlText;
import io.cairn.postgres.wal.ReplicationSlot;
import io.cairn.postgres.wal.ReplicationSlots;
import io.cairn.postgres.wal.SlotNames;
import io.cairn.postgres.wal.TimelineHistory;
import java.time.Instant;

/**
 * A cluster's primary, while a position of its WAL is named. Waits for no standby, whatever {@code
 * synchronous_standby_names} says. For one thread.
 */
final class NamedPosition {

    private final ServerConnection session;
    private final ClusterConfig cluster;
    private final ServerIdentity identity;
    private final TimelineHistory history;

    /**
     * @param lsn behind the record of the restore point
     * @param time of the server's clock
     */
    record Created(Lsn lsn, Instant time) {}

    NamedPosition(ServerConnection session, ClusterConfig cluster) {
        this.session = session;
        this.cluster = cluster;
        // In a session that waits for no standby, nothing here can hang while the stream is down.
        session.execute("SET synchronous_commit = local");
        identity = session.identify();
        history = TimelineHistory.fetch(session, identity.timeline());
    }

    SystemIdentifier systemIdentifier() {
        return identity.systemIdentifier();
    }

    TimelineHistory history() {
        return history;
    }

    /**
     * @throws CairnException {@link ErrorCode#POSTGRES_NOT_PERMITTED} with the statement that mends
     *     it
     */
    void requireRight() {
        if (!session.mayExecute("pg_catalog.pg_create_restore_point(text)")) {
            throw new CairnException(
                    ErrorCode.POSTGRES_NOT_PERMITTED,
                    "role "
                            + cluster.user()
                            + " may not create restore points on "
                            + session.host(),
                    "in database "
                            + cluster.database()
                            + ": GRANT EXECUTE ON FUNCTION pg_create_restore_point(text) TO "
                            + SqlText.identifier(cluster.user())
                            + ";");
        }
    }

    /**
     * Names the position and closes its segment, so that it is stored at once. Without the right to
     * close it, it is stored with the next piece.
     */
    Created create(String name) {
        Lsn lsn =
                Lsn.parse(
                        session.value(
                                "SELECT pg_catalog.pg_create_restore_point("
                                        + SqlText.literal(name)
                                        + ")"));
        String micros =
                session.value(
                        "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint::text");
        if (session.mayExecute("pg_catalog.pg_switch_wal()")) {
            session.value("SELECT pg_catalog.pg_switch_wal()");
        }
        long count = Long.parseLong(micros);
        return new Created(lsn, Instant.ofEpochSecond(count / 1_000_000, count % 1_000_000 * 1000));
    }

    /** Whether somebody reads the cluster's WAL from its slot now. */
    boolean isStreamed() {
        return new ReplicationSlots(session)
                .find(SlotNames.of(cluster.name()).streaming())
                .filter(ReplicationSlot::active)
                .isPresent();
    }
}
