package io.cairn.postgres.connection;

import io.cairn.model.Sha256;
import io.cairn.model.SystemIdentifier;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.HexFormat;
import java.util.Optional;

/**
 * What keeps two runs of one cluster apart: a session-level advisory lock on the primary, in the
 * maintenance database. It lives exactly as long as the session that holds it, so a holder that
 * dies frees it, and nobody has to believe a clock. Every run of the cluster uses the same key,
 * whoever runs it and whatever Kafka says.
 *
 * <p>As a session, for one thread.
 *
 * @see <a
 *     href="https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS">Advisory
 *     Locks</a>
 */
public final class Fence {

    /** {@code pg_locks} shows a 64-bit key as two halves, unsigned, with {@code objsubid} 1. */
    private static final String HOLDER =
            " FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid) WHERE l.locktype = 'advisory' AND l.granted"
                    + " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                    + " AND l.classid::int8 = ? AND l.objid::int8 = ? AND l.objsubid = 1";

    private static final Duration TERMINATION_TIMEOUT = Duration.ofSeconds(10);

    private final ServerConnection session;
    private final long key;

    /**
     * @param session where the lock lives, in {@link ConnectionMode#DATABASE_REPLICATION} with the
     *     primary
     */
    public Fence(ServerConnection session, SystemIdentifier systemIdentifier) {
        this.session = session;
        this.key = key(systemIdentifier);
    }

    /** The first 64 bits of the SHA-256 of {@code cairn base backup <system identifier>}. */
    static long key(SystemIdentifier systemIdentifier) {
        String text = "cairn base backup " + systemIdentifier;
        return HexFormat.fromHexDigitsToLong(
                Sha256.of(text.getBytes(StandardCharsets.UTF_8)).hex().substring(0, 16));
    }

    /**
     * Who holds a fence.
     *
     * @param applicationName the holder's run id
     * @param connectedAt when its session began
     */
    public record Holder(int pid, String applicationName, Optional<OffsetDateTime> connectedAt) {}

    /**
     * Takes the lock unless another session has it. Not to be called again by the session that has
     * it.
     */
    public boolean tryAcquire() {
        return session.value("SELECT pg_try_advisory_lock(?)", key).equals("t");
    }

    /** Gives the lock back; false if this session did not hold it. */
    public boolean release() {
        return session.value("SELECT pg_advisory_unlock(?)", key).equals("t");
    }

    /** The session that holds the lock now, this one or another. */
    public Optional<Holder> holder() {
        return session
                .query(
                        row ->
                                new Holder(
                                        row.getInt("pid"),
                                        Optional.ofNullable(row.getString("application_name"))
                                                .orElse(""),
                                        Optional.ofNullable(
                                                row.getObject(
                                                        "backend_start", OffsetDateTime.class))),
                        "SELECT l.pid, a.application_name, a.backend_start" + HOLDER,
                        high(),
                        low())
                .stream()
                .findAny();
    }

    /** Whether this very session holds the lock: asked again before something becomes visible. */
    public boolean isHeld() {
        return holder().filter(holder -> holder.pid() == session.backendPid()).isPresent();
    }

    /**
     * Ends the holder's session, if that process still is the holder: its role may end sessions of
     * its own.
     *
     * @return whether the session has ended, within 10 s; false too if it was not the holder any
     *     more
     */
    public boolean terminateHolder(int pid) {
        return session.query(
                        row -> row.getBoolean(1),
                        "SELECT pg_terminate_backend(l.pid, ?)" + HOLDER + " AND l.pid = ?",
                        TERMINATION_TIMEOUT.toMillis(),
                        high(),
                        low(),
                        pid)
                .contains(true);
    }

    private long high() {
        return key >>> 32;
    }

    private long low() {
        return key & 0xFFFF_FFFFL;
    }
}
