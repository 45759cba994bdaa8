package io.cairn.bench.wal;

import io.cairn.bench.CairnRuns;
import io.cairn.bench.ExecutorProcess;
import io.cairn.bench.ProcessTimes;
import io.cairn.bench.SourceCluster;
import io.cairn.model.Lsn;
import io.cairn.model.wal.WalLayout;
import io.cairn.testing.TestProcesses;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/**
 * The executor, which holds the stream all the time. For a new round it is kept out until its slots
 * and the bucket are as they were before the WAL was written.
 */
final class CairnArchiver implements Archiver {

    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final Duration LOOK = Duration.ofMillis(50);

    private static final String STREAM =
            " FROM pg_stat_replication WHERE application_name = '"
                    + Workload.SLOTS.streaming()
                    + "'";

    private final Workload workload;
    private final ExecutorProcess executor;
    private final CairnRuns runs;
    private final WalLayout layout;

    CairnArchiver(Workload workload, ExecutorProcess executor, CairnRuns runs, WalLayout layout) {
        this.workload = workload;
        this.executor = executor;
        this.runs = runs;
        this.layout = layout;
    }

    @Override
    public String name() {
        return "Cairn";
    }

    @Override
    public void prepare() throws Exception {
        SourceCluster cluster = workload.cluster();
        cluster.execute(
                "ALTER ROLE " + SourceCluster.ROLE + " NOLOGIN",
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = '"
                        + SourceCluster.ROLE
                        + "'");
        workload.rewind(Workload.SLOTS.streaming());
        workload.rewind(Workload.SLOTS.retained());
        runs.remove(layout.walPrefix());
        runs.remove(layout.piecesPrefix());
        runs.remove(layout.keysPrefix());
    }

    @Override
    public void archive() throws Exception {
        workload.cluster().execute("ALTER ROLE " + SourceCluster.ROLE + " LOGIN");
        long end = System.nanoTime() + LIMIT.toNanos();
        Lsn flushed = new Lsn(0);
        try (Connection connection = workload.cluster().connect();
                Statement statement = connection.createStatement()) {
            while (flushed.compareTo(workload.wal().end()) < 0) {
                if (System.nanoTime() > end) {
                    throw new IllegalStateException(
                            "Cairn has stored up to " + flushed + " within " + LIMIT);
                }
                Thread.sleep(LOOK);
                flushed = flushed(statement);
            }
        }
    }

    private static Lsn flushed(Statement statement) throws SQLException {
        try (ResultSet row =
                statement.executeQuery("SELECT coalesce(max(flush_lsn), '0/0')" + STREAM)) {
            row.next();
            return Lsn.parse(row.getString(1));
        }
    }

    @Override
    public long stored() {
        try (var objects = runs.store().list(layout.walPrefix())) {
            return objects.mapToLong(object -> object.length()).sum();
        }
    }

    @Override
    public Duration cpu() {
        return ProcessTimes.tree(executor.pid());
    }

    /** Its peak is that of its life: it is one executor for all rounds. */
    @Override
    public void watchMemory() {}

    @Override
    public long peakBytes() {
        return TestProcesses.peakResidentBytes(executor.pid());
    }
}
