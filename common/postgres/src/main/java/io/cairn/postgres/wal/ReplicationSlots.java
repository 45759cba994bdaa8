package io.cairn.postgres.wal;

import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.connection.ConnectionMode;
import io.cairn.postgres.connection.ServerConnection;
import io.cairn.postgres.connection.SqlText;
import io.cairn.postgres.wal.ReplicationSlot.WalStatus;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The permanent physical replication slots of one server, primary or standby. A role with {@code
 * REPLICATION} may do all of this. As the session, for one thread.
 *
 * @see <a
 *     href="https://www.postgresql.org/docs/current/protocol-replication.html#PROTOCOL-REPLICATION-CREATE-REPLICATION-SLOT">CREATE_REPLICATION_SLOT</a>
 */
public final class ReplicationSlots {

    /** The version that names the reason in {@code pg_replication_slots}. */
    private static final int NAMES_THE_REASON = 17;

    private final ServerConnection session;

    /**
     * @param session in {@link ConnectionMode#DATABASE_REPLICATION}
     */
    public ReplicationSlots(ServerConnection session) {
        this.session = session;
    }

    /**
     * @throws CairnException {@link ErrorCode#CONFIG_INVALID} if the slot of this name is a logical
     *     one
     */
    public Optional<ReplicationSlot> find(String name) {
        Optional<ReplicationSlot> slot =
                session
                        .query(
                                row -> physical(row, name),
                                "SELECT slot_type, restart_lsn::text, active_pid, wal_status, "
                                        + (session.majorVersion() >= NAMES_THE_REASON
                                                ? "invalidation_reason"
                                                : "NULL")
                                        + " AS invalidation_reason FROM pg_replication_slots WHERE"
                                        + " slot_name = ?",
                                name)
                        .stream()
                        .findAny();
        return slot.flatMap(found -> found.restartLsn().isEmpty() ? slot : withTimeline(found));
    }

    private ReplicationSlot physical(ResultSet row, String name) throws SQLException {
        if (!row.getString("slot_type").equals("physical")) {
            throw new CairnException(
                    ErrorCode.CONFIG_INVALID,
                    "the replication slot " + name + " of " + session.host() + " is a logical one",
                    "drop it or give it another name: Cairn's slots are physical");
        }
        return new ReplicationSlot(
                name,
                Optional.ofNullable(row.getString("restart_lsn")).map(Lsn::parse),
                Optional.empty(),
                Optional.ofNullable(row.getObject("active_pid", Integer.class)),
                Optional.ofNullable(row.getString("wal_status"))
                        .map(status -> WalStatus.valueOf(status.toUpperCase(Locale.ROOT))),
                Optional.ofNullable(row.getString("invalidation_reason")));
    }

    /** Only {@code READ_REPLICATION_SLOT} says the timeline. The slot may be gone by then. */
    private Optional<ReplicationSlot> withTimeline(ReplicationSlot slot) {
        return session
                .query(
                        row -> read(row, slot),
                        "READ_REPLICATION_SLOT " + SqlText.identifier(slot.name()))
                .stream()
                .flatMap(Optional::stream)
                .findAny();
    }

    /** A row of nulls stands for a slot that is not there. */
    private static Optional<ReplicationSlot> read(ResultSet row, ReplicationSlot slot)
            throws SQLException {
        if (row.getString("slot_type") == null) {
            return Optional.empty();
        }
        @Nullable String restartLsn = row.getString("restart_lsn");
        @Nullable String timeline = row.getString("restart_tli");
        return Optional.of(
                new ReplicationSlot(
                        slot.name(),
                        Optional.ofNullable(restartLsn).map(Lsn::parse),
                        Optional.ofNullable(timeline)
                                .map(Integer::parseInt)
                                .filter(id -> id > 0)
                                .map(Timeline::new),
                        slot.activePid(),
                        slot.walStatus(),
                        slot.invalidationReason()));
    }

    /**
     * Makes sure that the slot exists and holds WAL from now on. One that holds WAL already, or is
     * in use, is left alone; one that holds none, since it was invalidated or never reserved any,
     * is dropped and made anew. Another session may do the same at the same time.
     *
     * <p>What it held before is not compared with anything: whoever needs an earlier position has
     * to compare it with {@link ReplicationSlot#restartLsn}.
     *
     * @throws CairnException {@link ErrorCode#POSTGRES_SLOTS_EXHAUSTED}; {@link
     *     ErrorCode#POSTGRES_NOT_PERMITTED}; {@link ErrorCode#POSTGRES_SLOT_ACTIVE} while another
     *     session is making it, and for an invalid one that is in use
     */
    public ReplicationSlot ensure(String name) {
        Optional<ReplicationSlot> found = find(name);
        if (found.isPresent() && isUseless(found.get())) {
            drop(name);
            found = Optional.empty();
        }
        return reserving(found.orElseGet(() -> create(name)));
    }

    private static boolean isUseless(ReplicationSlot slot) {
        return slot.lost() || (slot.restartLsn().isEmpty() && !slot.active());
    }

    private ReplicationSlot create(String name) {
        try {
            session.query(
                    row -> row.getString(1),
                    "CREATE_REPLICATION_SLOT "
                            + SqlText.identifier(name)
                            + " PHYSICAL (RESERVE_WAL)");
        } catch (CairnException e) {
            if (e.code() == ErrorCode.POSTGRES_CONNECTION_LOST) {
                throw e;
            }
            return find(name).orElseThrow(() -> e);
        }
        return find(name)
                .orElseThrow(() ->
                        new CairnException(
                                ErrorCode.POSTGRES_SLOT_ACTIVE,
                                "the new replication slot "
                                        + name
                                        + " of "
                                        + session.host()
                                        + " was dropped at once by another session",
                                "it is tried again"));
    }

    private ReplicationSlot reserving(ReplicationSlot slot) {
        if (slot.restartLsn().isEmpty()) {
            throw new CairnException(
                    ErrorCode.POSTGRES_SLOT_ACTIVE,
                    "the replication slot "
                            + slot.name()
                            + " of "
                            + session.host()
                            + " is in use and holds no WAL yet",
                    "it is tried again");
        }
        return slot;
    }

    /**
     * Lets go of the WAL before {@code to}. A slot never goes backwards: where it is at or past
     * {@code to}, nothing happens. The server goes no further than what it has flushed itself.
     *
     * @return where the slot now is
     * @throws CairnException {@link ErrorCode#POSTGRES_WAL_REMOVED} if the slot holds no WAL, or is
     *     not there; {@link ErrorCode#POSTGRES_SLOT_ACTIVE} while somebody streams from it
     */
    public Lsn advance(String name, Lsn to) {
        Lsn restart = find(name).flatMap(ReplicationSlot::restartLsn).orElseThrow(() -> none(name));
        if (restart.compareTo(to) >= 0) {
            return restart;
        }
        return Lsn.parse(
                session.value(
                        "SELECT end_lsn FROM pg_replication_slot_advance(?, ?::text::pg_lsn)",
                        name,
                        to.toString()));
    }

    private CairnException none(String name) {
        return new CairnException(
                ErrorCode.POSTGRES_WAL_REMOVED,
                "there is no replication slot "
                        + name
                        + " on "
                        + session.host()
                        + " that holds WAL",
                "it was dropped or invalidated (max_slot_wal_keep_size); take a full backup");
    }

    /**
     * Drops the slot; nothing happens where there is none.
     *
     * @throws CairnException {@link ErrorCode#POSTGRES_SLOT_ACTIVE} while somebody streams from it
     */
    public void drop(String name) {
        try {
            session.execute("DROP_REPLICATION_SLOT " + SqlText.identifier(name));
        } catch (CairnException e) {
            if (e.code() == ErrorCode.POSTGRES_CONNECTION_LOST || find(name).isPresent()) {
                throw e;
            }
        }
    }
}
