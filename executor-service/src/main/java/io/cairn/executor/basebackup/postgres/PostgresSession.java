package io.cairn.executor.basebackup.postgres;

import io.cairn.executor.basebackup.FenceHolder;
import io.cairn.executor.basebackup.FenceHolder.Activity;
import io.cairn.executor.basebackup.SourceSession;
import io.cairn.executor.basebackup.WalPosition;
import io.cairn.model.Lsn;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.error.CairnException;
import io.cairn.model.wal.SegmentSize;
import io.cairn.postgres.basebackup.BaseBackup;
import io.cairn.postgres.basebackup.BaseBackupOptions;
import io.cairn.postgres.basebackup.BaseBackupReceiver;
import io.cairn.postgres.basebackup.BaseBackupResult;
import io.cairn.postgres.basebackup.ParentManifest;
import io.cairn.postgres.basebackup.RelationCuts;
import io.cairn.postgres.connection.Fence;
import io.cairn.postgres.connection.ServerConnection;
import io.cairn.postgres.connection.ServerFacts;
import io.cairn.postgres.connection.ServerIdentity;
import io.cairn.postgres.wal.TimelineHistory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

final class PostgresSession implements SourceSession {

    /**
     * {@code pg_stat_progress_basebackup.phase} while the server does not wait for its client.
     *
     * @see <a
     *     href="https://www.postgresql.org/docs/current/progress-reporting.html#BASEBACKUP-PROGRESS-REPORTING">Base
     *     Backup Progress Reporting</a>
     */
    private static final Set<String> SERVER_WORKS =
            Set.of(
                    "waiting for checkpoint to finish",
                    "estimating backup size",
                    "waiting for wal archiving to finish");

    private static final String ACTIVITY =
            "SELECT p.phase, p.backup_streamed, a.state_change FROM pg_stat_activity a"
                    + " LEFT JOIN pg_stat_progress_basebackup p USING (pid) WHERE a.pid = ?";

    private static final Activity UNSEEN = new Activity(false, 0, Optional.empty());

    private final ServerConnection session;
    private final ServerFacts facts;
    private final Fence fence;
    private @Nullable Lsn parentStart;

    private PostgresSession(ServerConnection session, ServerFacts facts) {
        this.session = session;
        this.facts = facts;
        this.fence = new Fence(session, facts.identity().systemIdentifier());
    }

    static PostgresSession on(ServerConnection session) {
        return new PostgresSession(session, ServerFacts.of(session));
    }

    @Override
    public SystemIdentifier systemIdentifier() {
        return facts.identity().systemIdentifier();
    }

    @Override
    public Map<String, String> settings() {
        return facts.settings();
    }

    @Override
    public boolean tryFence() {
        return fence.tryAcquire();
    }

    @Override
    public boolean holdsFence() {
        return fence.isHeld();
    }

    @Override
    public Optional<FenceHolder> fenceHolder() {
        return fence.holder()
                .map(holder ->
                        new FenceHolder(
                                holder.pid(),
                                holder.applicationName(),
                                holder.connectedAt().map(OffsetDateTime::toInstant),
                                activity(holder.pid())));
    }

    private Activity activity(int pid) {
        List<Activity> rows = session.query(PostgresSession::activity, ACTIVITY, pid);
        return rows.isEmpty() ? UNSEEN : rows.getFirst();
    }

    private static Activity activity(ResultSet row) throws SQLException {
        String phase = row.getString("phase");
        return new Activity(
                phase != null && SERVER_WORKS.contains(phase),
                row.getLong("backup_streamed"),
                Optional.ofNullable(row.getObject("state_change", OffsetDateTime.class))
                        .map(OffsetDateTime::toInstant));
    }

    @Override
    public boolean endFenceHolder(FenceHolder holder) {
        return fence.terminateHolder(holder.pid());
    }

    @Override
    public BaseBackupResult baseBackup(BaseBackupOptions options, BaseBackupReceiver receiver)
            throws InterruptedException {
        return new BaseBackup(session, options).stream(receiver);
    }

    @Override
    public void buildOn(byte[] manifest, Duration summaryWait) throws InterruptedException {
        try {
            parentStart =
                    new ParentManifest(session)
                            .upload(new ByteArrayInputStream(manifest), summaryWait)
                            .walRanges()
                            .getFirst()
                            .start();
        } catch (IOException e) {
            throw new AssertionError("an array can be read", e);
        }
    }

    @Override
    public RelationCuts cuts(BaseBackupResult incremental) {
        if (parentStart == null) {
            throw CairnException.bug("the session has no parent");
        }
        return RelationCuts.read(session, parentStart, incremental);
    }

    @Override
    public int majorVersion() {
        return session.majorVersion();
    }

    @Override
    public WalPosition closeSegment() {
        ServerIdentity identity = session.identify();
        SegmentSize size =
                new SegmentSize(
                        Integer.parseInt(
                                session.value(
                                        "SELECT setting FROM pg_settings WHERE name = 'wal_segment_size'")));
        return new WalPosition(
                TimelineHistory.fetch(session, identity.timeline()),
                Lsn.parse(end()),
                size,
                session.serverVersion());
    }

    /**
     * Does nothing on a server without activity since the last time. Without the right to do it,
     * the position is where it is: its WAL is stored as a piece.
     */
    private String end() {
        return session.value(
                session.mayExecute("pg_catalog.pg_switch_wal()")
                        ? "SELECT pg_switch_wal()"
                        : "SELECT pg_current_wal_flush_lsn()");
    }

    @Override
    public void abort() {
        session.abort();
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (CairnException _) {
            // It could not say goodbye, so it has ended already; whether the run succeeded is not
            // decided here.
            session.abort();
        }
    }
}
