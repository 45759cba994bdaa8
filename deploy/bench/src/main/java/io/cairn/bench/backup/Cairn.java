package io.cairn.bench.backup;

import io.cairn.bench.CairnRuns;
import io.cairn.bench.Installation;
import io.cairn.bench.ProcessTimes;
import io.cairn.bench.SourceCluster;
import io.cairn.bench.StoreServer;
import io.cairn.executor.basebackup.RunSettings;
import io.cairn.model.BackupKind;
import io.cairn.model.ClusterName;
import io.cairn.model.Tier;
import io.cairn.model.backup.CommitObject;
import io.cairn.testing.TestProcesses;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Cairn as an executor runs it. Restores run in the same JVM. */
final class Cairn implements Contender, AutoCloseable {

    private static final ClusterName CLUSTER = new ClusterName("business");
    private static final String BUCKET = "cairn";

    private final StoreServer server;
    private final CairnRuns runs;
    private @Nullable CommitObject last;

    private Cairn(StoreServer server, CairnRuns runs) {
        this.server = server;
        this.runs = runs;
    }

    /**
     * @param directory for keys and secrets
     */
    static Cairn create(Path directory, SourceCluster cluster, StoreServer server, int level)
            throws IOException {
        Installation.Store store = Installation.Store.on(server, BUCKET);
        Installation installation =
                Installation.create(
                        directory,
                        List.of(
                                new Installation.Cluster(
                                        CLUSTER,
                                        Tier.OLTP,
                                        cluster.address(),
                                        cluster.password(),
                                        List.of(store))),
                        List.of(store),
                        level);
        return new Cairn(
                server,
                CairnRuns.of(
                        installation, CLUSTER, store.name(), RunSettings.DEFAULT.withAttempts(1)));
    }

    @Override
    public String name() {
        return "Cairn";
    }

    @Override
    public void backup() throws InterruptedException {
        last = runs.take(BackupKind.FULL, Instant.now());
    }

    private CommitObject last() {
        if (last == null) {
            throw new IllegalStateException("there is no backup yet");
        }
        return last;
    }

    @Override
    public BackupSize lastBackup() throws IOException {
        return new BackupSize(last().bytesIn(), server.size(BUCKET));
    }

    @Override
    public void restore(Path directory) throws InterruptedException {
        runs.restore(last(), directory);
    }

    @Override
    public void forget() {
        runs.remove("");
    }

    @Override
    public Duration cpu() {
        return ProcessTimes.self().own();
    }

    @Override
    public void watchMemory() {
        ProcessTimes.forgetPeak();
    }

    @Override
    public long peakBytes() {
        return TestProcesses.peakResidentBytes(ProcessHandle.current().pid());
    }

    @Override
    public void close() {
        runs.close();
    }
}
