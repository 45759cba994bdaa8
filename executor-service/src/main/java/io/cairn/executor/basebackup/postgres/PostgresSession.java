package io.cairn.executor.basebackup.postgres;

import io.cairn.executor.basebackup.FenceHolder;
import io.cairn.executor.basebackup.FenceHolder.Activity;
import io.cairn.executor.basebackup.SourceSession;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.error.CairnException;
import io.cairn.postgres.basebackup.BaseBackup;
import io.cairn.postgres.basebackup.BaseBackupOptions;
import io.cairn.postgres.basebackup.BaseBackupReceiver;
import io.cairn.postgres.basebackup.BaseBackupResult;
import io.cairn.postgres.connection.Fence;
import io.cairn.postgres.connection.ServerConnection;
import io.cairn.postgres.connection.ServerFacts;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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
