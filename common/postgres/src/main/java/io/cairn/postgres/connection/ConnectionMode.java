package io.cairn.postgres.connection;

import java.util.Optional;

/**
 * What a connection can do, and so which line of {@code pg_hba.conf} must admit it.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-replication.html">Streaming
 *     Replication Protocol</a>
 */
public enum ConnectionMode {
    /** SQL only. Admitted by a line for the database. */
    SQL(Optional.empty()),
    /** Replication commands and SQL in one session. Admitted by a line for the database. */
    DATABASE_REPLICATION(Optional.of("database")),
    /**
     * Replication commands only. Admitted by a line for {@code replication}, which {@code all} does
     * not cover.
     */
    PHYSICAL_REPLICATION(Optional.of("true"));

    private final Optional<String> replication;

    ConnectionMode(Optional<String> replication) {
        this.replication = replication;
    }

    /** The value of the connection parameter {@code replication}. */
    Optional<String> replication() {
        return replication;
    }

    boolean isWalSender() {
        return replication.isPresent();
    }
}
