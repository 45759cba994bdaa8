package io.cairn.restore.recovery;

import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.connection.SqlText;
import io.cairn.postgres.server.LocalServer;
import io.cairn.restore.server.ApartServer;
import io.cairn.restore.wal.LastRecord;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Watches a recovering server until it stands at its target, and does there what was asked for. */
final class Follow {

    private static final Duration POLL = Duration.ofMillis(20);

    /** Replay may end a session, for instance of a database that was dropped. */
    private static final int CONNECTIONS_MAX = 20;

    private static final int PROMOTE_TIMEOUT_SECONDS = 24 * 3600;

    private final RecoveryPlan plan;
    private final LocalServer server;
    private final WalFeeder feeder;
    private final RecoverySettings settings;
    private final RecoveryProgress progress;
    private final long logStart;
    private final boolean hasTarget;

    private Lsn stoodAt = new Lsn(0);
    private long stoodSince = System.nanoTime();

    /**
     * @param logStart where the server's log begins in its file
     * @param hasTarget whether the server knows of a target; it refuses to be promoted before it
     */
    Follow(
            RecoveryPlan plan,
            LocalServer server,
            WalFeeder feeder,
            RecoverySettings settings,
            RecoveryProgress progress,
            long logStart,
            boolean hasTarget) {
        this.plan = plan;
        this.server = server;
        this.feeder = feeder;
        this.settings = settings;
        this.progress = progress;
        this.logStart = logStart;
        this.hasTarget = hasTarget;
    }

    Ending toTheEnd() throws InterruptedException, IOException {
        for (int attempt = 1; ; attempt++) {
            try (Connection connection = connect()) {
                return follow(connection);
            } catch (SQLException e) {
                if (attempt == CONNECTIONS_MAX || !server.isRunning()) {
                    throw failed("the recovering server does not answer: " + e.getMessage(), e);
                }
                Thread.sleep(POLL);
            }
        }
    }

    private Connection connect() throws SQLException, IOException {
        return ApartServer.of(server)
                .orElseThrow(() -> failed("the cluster has no superuser that may log in", null))
                .connectAnywhere();
    }

    private Ending follow(Connection connection)
            throws SQLException, InterruptedException, IOException {
        while (true) {
            Optional<CairnException> failure = feeder.failure();
            if (failure.isPresent()) {
                throw failure.get();
            }
            boolean complete = feeder.isComplete();
            ReplayState state = ReplayState.of(connection);
            feeder.replayed(state.replayed());
            progress.advanced(state.replayed(), plan.end());
            if (!state.recovering()) {
                // Where nobody can connect before the target is reached, the server itself promotes
                // there.
                return promoted(connection, state);
            }
            if (state.paused()) {
                Map<String, String> tooLow =
                        RecoveryConfiguration.tooLow(server.logFile(), logStart);
                return tooLow.isEmpty()
                        ? atTarget(connection, state)
                        : new Ending.SettingsTooLow(tooLow);
            }
            if (stands(state) && isAtEnd(state, complete)) {
                requireTargetWithoutMark();
                return hasTarget ? new Ending.EndOfWal() : atTarget(connection, state);
            }
            Thread.sleep(POLL);
        }
    }

    /** Whether it has looked for more in vain. */
    private boolean stands(ReplayState state) {
        if (!state.waiting() || !state.replayed().equals(stoodAt)) {
            stoodAt = state.replayed();
            stoodSince = System.nanoTime();
        }
        return state.waiting();
    }

    /**
     * Whether a waiting server has replayed all there is.
     *
     * @throws CairnException {@link ErrorCode#RECOVERY_FAILED} if it has not, and does not go on
     */
    private boolean isAtEnd(ReplayState state, boolean complete) {
        if (complete
                && plan.lastRecord()
                        .map(LastRecord::end)
                        .filter(end -> state.replayed().compareTo(end) >= 0)
                        .isPresent()) {
            return true;
        }
        boolean stopped = System.nanoTime() - stoodSince > settings.stallTimeout().toNanos();
        if (!stopped) {
            return false;
        }
        if (complete && plan.lastRecord().isEmpty()) {
            return true;
        }
        if (complete || feeder.fed().minus(state.replayed()) > plan.commit().walSegmentBytes()) {
            throw failed(
                    "replay stopped at "
                            + state.replayed()
                            + ", although the server has WAL to "
                            + feeder.fed(),
                    null);
        }
        return false;
    }

    /** At the end of all WAL every time and every LSN before it has been reached, nothing else. */
    private void requireTargetWithoutMark() {
        switch (plan.target()) {
            case RecoveryTarget.Latest _, RecoveryTarget.Time _, RecoveryTarget.Lsn _ -> {}
            case RecoveryTarget.Xid _, RecoveryTarget.Name _, RecoveryTarget.Immediate _ ->
                    throw new CairnException(
                            ErrorCode.RECOVERY_TARGET_NOT_FOUND,
                            plan.target()
                                    + " is not in the WAL from "
                                    + plan.commit().label()
                                    + " to "
                                    + plan.end(),
                            "check its name; if it is older than the backup, begin with an earlier"
                                    + " one: --set LABEL");
        }
    }

    private Ending.Reached atTarget(Connection connection, ReplayState state)
            throws SQLException, InterruptedException {
        return switch (plan.action()) {
            case PROMOTE -> {
                if (state.paused()) {
                    // At its target this ends recovery. A paused server sees the wish to promote
                    // only when its pause of a second is over.
                    ask(connection, "SELECT pg_wal_replay_resume()");
                    awaitPromotion(connection);
                } else if (!Boolean.parseBoolean(
                        ask(
                                connection,
                                "SELECT pg_promote(true, "
                                        + PROMOTE_TIMEOUT_SECONDS
                                        + ")::text"))) {
                    throw failed("the server does not promote", null);
                }
                yield promoted(connection, state);
            }
            case PAUSE, SHUTDOWN ->
                    new Ending.Reached(Optional.empty(), state.replayed(), state.lastCommit());
        };
    }

    private void awaitPromotion(Connection connection) throws SQLException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PROMOTE_TIMEOUT_SECONDS);
        while (ReplayState.of(connection).recovering()) {
            if (System.nanoTime() > deadline) {
                throw failed("the server does not promote", null);
            }
            Thread.sleep(POLL);
        }
    }

    /** Everything replayed is durable when this returns. */
    private Ending.Reached promoted(Connection connection, ReplayState state) throws SQLException {
        dropOthers(connection);
        try (Statement statement = connection.createStatement()) {
            statement.execute("CHECKPOINT");
        }
        String segment = ask(connection, "SELECT pg_walfile_name(pg_current_wal_insert_lsn())");
        Timeline timeline = new Timeline(Integer.parseInt(segment.substring(0, 8), 16));
        if (timeline.compareTo(plan.timeline()) <= 0) {
            throw failed("the server was promoted, but stays on timeline " + timeline, null);
        }
        return new Ending.Reached(Optional.of(timeline), state.replayed(), state.lastCommit());
    }

    /** Of databases that were left out there is nothing but names and files without content. */
    private void dropOthers(Connection connection) throws SQLException {
        if (plan.base().databases().isAll()) {
            return;
        }
        Set<String> kept = plan.base().databases().kept();
        List<String> others = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT datname FROM pg_database")) {
            while (rows.next()) {
                others.add(rows.getString(1));
            }
        }
        others.removeIf(kept::contains);
        for (String name : others) {
            try (Statement statement = connection.createStatement()) {
                // Neither a template nor what an interrupted DROP left can be dropped otherwise.
                statement.execute(
                        "UPDATE pg_database SET datistemplate = false, datallowconn = false"
                                + " WHERE datname = "
                                + SqlText.literal(name));
                statement.execute(
                        "DELETE FROM pg_subscription WHERE subdbid ="
                                + " (SELECT oid FROM pg_database WHERE datname = "
                                + SqlText.literal(name)
                                + ")");
                statement.execute("DROP DATABASE " + SqlText.identifier(name));
            }
        }
    }

    private static String ask(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return String.valueOf(result.getString(1));
        }
    }

    private CairnException failed(String what, @Nullable Throwable cause) {
        return new CairnException(
                ErrorCode.RECOVERY_FAILED,
                what,
                "the server's log is " + server.logFile() + "; nothing was promoted",
                cause);
    }
}
