package io.cairn.postgres.basebackup;

import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import io.cairn.model.backup.Archive.Tablespace;
import io.cairn.model.backup.CommitObject.PageDamage;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.basebackup.BaseBackupStart.TablespaceSize;
import io.cairn.postgres.connection.ConnectionMode;
import io.cairn.postgres.connection.ReplicationWire;
import io.cairn.postgres.connection.ServerConnection;
import io.cairn.postgres.connection.ServerIdentity;
import io.cairn.postgres.connection.ServerMessage;
import io.cairn.postgres.connection.SqlText;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One run of {@code BASE_BACKUP} on a session with the primary. A temporary physical slot of the
 * same session keeps the WAL the backup needs, however long it takes; it ends with the backup or
 * with the session.
 *
 * <p>The server sends, in order (each a message or a result set of the protocol):
 *
 * <pre>
 * (start LSN, timeline)
 * (oid, location, size in kB)*                 the row without oid and location is the data directory
 * CopyOutResponse
 *   CopyData 'n' archive name, location        an archive begins
 *   CopyData 'd' bytes                         of the archive, or of the manifest after 'm'
 *   CopyData 'm'                               the manifest begins
 *   CopyData 'p' int64                         bytes done
 * CopyDone
 * (stop LSN, timeline)
 * CommandComplete                              or ErrorResponse XX001: all is sent, and pages are damaged
 * ReadyForQuery
 * </pre>
 *
 * <p>{@link #stream} is for one thread; {@link #abort} may come from another. Interrupting that
 * thread ends the backup too, while the receiver blocks, and on a virtual thread while the server
 * is waited for.
 *
 * @see <a
 *     href="https://www.postgresql.org/docs/current/protocol-replication.html#PROTOCOL-REPLICATION-BASE-BACKUP">BASE_BACKUP</a>
 */
public final class BaseBackup {

    private static final int SIZE_UNIT = 1024;
    private static final int INITIAL_BUFFER = 1 << 16;

    private final ServerConnection session;
    private final BaseBackupOptions options;
    private final ReplicationWire wire;
    private final PageDamageReport report = new PageDamageReport();
    private byte[] buffer = new byte[INITIAL_BUFFER];
    private long archiveBytes;

    /**
     * @param session in {@link ConnectionMode#DATABASE_REPLICATION}, with the primary
     */
    public BaseBackup(ServerConnection session, BaseBackupOptions options) {
        this.session = session;
        this.options = options;
        this.wire = session.wire();
    }

    /**
     * Streams the backup to its end. Damaged pages are a result, since everything has come; after
     * an exception nothing that was received is a backup. Where the receiver threw, the session is
     * aborted and the receiver's exception is thrown on.
     *
     * @throws CairnException {@link ErrorCode#POSTGRES_CONNECTION_LOST} if the server or the
     *     network ended it, {@link ErrorCode#POSTGRES_SLOTS_EXHAUSTED}, {@link
     *     ErrorCode#POSTGRES_NOT_PERMITTED}, {@link ErrorCode#SOURCE_FAILED}; of an incremental
     *     also {@link ErrorCode#POSTGRES_WAL_SUMMARIES_LAGGING}, {@link
     *     ErrorCode#POSTGRES_WAL_SUMMARIES_MISSING} and {@link
     *     ErrorCode#POSTGRES_SUMMARIZE_WAL_OFF}, after which the session can be used
     */
    public BaseBackupResult stream(BaseBackupReceiver receiver) throws InterruptedException {
        ServerIdentity identity = session.identify();
        long walSegmentBytes =
                Long.parseLong(
                        session.value(
                                "SELECT setting FROM pg_settings WHERE name = 'wal_segment_size'"));
        String slot = createSlot();
        BaseBackupStart start = begin();
        receive(start, receiver);
        Lsn stopLsn = position(wire.resultSet()).lsn();
        List<PageDamage> damage = end();
        if (damage.isEmpty()) {
            // After an error there is nothing to drop: a walsender drops its session's temporary
            // slots by itself.
            session.execute("DROP_REPLICATION_SLOT " + slot);
        }
        return new BaseBackupResult(
                identity.systemIdentifier(),
                start.timeline(),
                start.startLsn(),
                stopLsn,
                session.serverVersion(),
                walSegmentBytes,
                damage,
                report.warnings(),
                archiveBytes);
    }

    /** Ends the backup from another thread, at once; {@link #stream} throws. */
    public void abort() {
        session.abort();
    }

    /** Named after the session's process, so that no two sessions can choose the same. */
    private String createSlot() {
        String slot = SqlText.identifier("cairn_base_" + session.backendPid());
        session.query(
                row -> row.getString(1),
                "CREATE_REPLICATION_SLOT " + slot + " TEMPORARY PHYSICAL (RESERVE_WAL)");
        return slot;
    }

    private BaseBackupStart begin() {
        List<Tablespace> tablespaces = new ArrayList<>();
        wire.onNotice(message -> report.add(message, tablespaces));
        wire.readTimeout(options.checkpointTimeout());
        wire.query(options.command());
        Position position = position(wire.resultSet());
        List<TablespaceSize> sizes = wire.resultSet().stream().map(BaseBackup::tablespace).toList();
        sizes.forEach(size -> size.tablespace().ifPresent(tablespaces::add));
        wire.readTimeout(session.readTimeout());
        return new BaseBackupStart(position.lsn(), position.timeline(), sizes);
    }

    private record Position(Lsn lsn, Timeline timeline) {}

    private static Position position(List<List<@Nullable String>> rows) {
        List<@Nullable String> row = rows.getFirst();
        return new Position(
                Lsn.parse(required(row.get(0))),
                new Timeline(Integer.parseInt(required(row.get(1)))));
    }

    private static TablespaceSize tablespace(List<@Nullable String> row) {
        Optional<Tablespace> tablespace =
                Optional.ofNullable(row.get(0))
                        .map(oid -> new Tablespace(Long.parseLong(oid), required(row.get(1))));
        return new TablespaceSize(tablespace, Long.parseLong(required(row.get(2))) * SIZE_UNIT);
    }

    private static String required(@Nullable String value) {
        return Objects.requireNonNull(value, "a column that the server always sends");
    }

    private void receive(BaseBackupStart start, BaseBackupReceiver receiver)
            throws InterruptedException {
        try {
            receiver.started(start);
            copy(new Parts(start, receiver));
        } catch (Throwable e) {
            // In the middle of the stream nothing else can be asked of the session.
            session.abort();
            throw e;
        }
    }

    private void copy(Parts parts) throws InterruptedException {
        wire.expect('H');
        wire.body();
        for (char type = wire.next(); type != 'c'; type = wire.next()) {
            if (type != 'd') {
                throw wire.unexpected(type, "data");
            }
            copyData(parts);
        }
        wire.body();
        parts.requireComplete();
    }

    private void copyData(Parts parts) throws InterruptedException {
        char kind = wire.readChar();
        int length = wire.remaining();
        if (length > buffer.length) {
            buffer = new byte[length];
        }
        wire.read(buffer, length);
        switch (kind) {
            case 'd' -> parts.data(buffer, length);
            case 'p' -> parts.progress(buffer);
            case 'n' -> parts.archive(buffer, length);
            case 'm' -> parts.manifest();
            default -> throw wire.unexpected(kind, "one of n, m, d, p");
        }
        archiveBytes = parts.archiveBytes();
    }

    /**
     * The error that means damaged pages comes after the stop LSN; any other error means that there
     * is no backup.
     */
    private List<PageDamage> end() {
        Optional<ServerMessage> error = wire.end();
        if (error.isEmpty()) {
            return List.of();
        }
        if (!error.get().sqlState().equals(PageDamageReport.DATA_CORRUPTED)) {
            throw wire.mapped(error.get());
        }
        return report.damage();
    }
}
