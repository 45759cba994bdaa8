package io.cairn.restore.recovery;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.wal.SegmentSize;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.server.PostgresBinaries;
import io.cairn.restore.backup.BackupLister;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.engine.RestoreEngine;
import io.cairn.restore.engine.RestoreProgress;
import io.cairn.restore.engine.RestoreSettings;
import io.cairn.restore.fixture.RealBackup;
import io.cairn.restore.fixture.SourceServer;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.restore.fixture.WalArchive;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectStore;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/** A cluster with a table of numbers, its backups and its WAL in a store. */
final class RecoveredSource implements AutoCloseable {

    static final ClusterName CLUSTER = new ClusterName("shop");
    static final BackupLabel LABEL = new BackupLabel("20261122T020000Z-F");
    static final SegmentSize SEGMENT = new SegmentSize(1 << 20);
    static final Timeline FIRST = new Timeline(1);

    final FakeObjectStore store;
    final TestKeys keys;
    final int major;
    final LocalServer server;
    final CommitObject commit;
    final WalArchive archive;
    Lsn archived;

    private RecoveredSource(Path parent, int major, TestKeys keys)
            throws IOException, SQLException, InterruptedException {
        this.major = major;
        this.keys = keys;
        this.store = FakeObjectStore.plain("primary");
        server = SourceServer.startWithoutTemplates(parent, major);
        server.execute("postgres", "CREATE TABLE t (n int, filler text)");
        commit = RealBackup.take(server, CLUSTER, LABEL, store, keys);
        archived = SEGMENT.startOf(commit.startLsn());
        archive = new WalArchive(store, keys, commit.layout().root(), SEGMENT, FIRST, archived);
    }

    static RecoveredSource start(Path parent, int major, TestKeys keys)
            throws IOException, SQLException, InterruptedException {
        return new RecoveredSource(parent, major, keys);
    }

    /** Each in a transaction of its own. */
    void rows(int from, int to) throws SQLException {
        for (int n = from; n <= to; n++) {
            server.execute("postgres", "INSERT INTO t VALUES (" + n + ", '')");
        }
    }

    /** Enough for a segment and more. */
    void bulk() throws SQLException {
        server.execute(
                "postgres",
                "INSERT INTO t SELECT -g, repeat(md5(g::text), 40) FROM generate_series(1, 1500)"
                        + " g");
    }

    String ask(String sql) throws SQLException {
        return WalArchive.ask(server, sql);
    }

    /** Whole segments that are full, and the rest as a piece. */
    void archiveEverything() throws IOException, SQLException {
        archived = archive.everything(server, FIRST, archived);
    }

    RecoveryPlanner planner() {
        return planner(List.of(store));
    }

    RecoveryPlanner planner(List<ObjectStore> stores) {
        BackupLister lister =
                new BackupLister(
                        stores.stream()
                                .map(each -> new BackupReader(each, keys.trustAnchor()))
                                .toList());
        return new RecoveryPlanner(lister, stores, keys.recipient(), GzipCodec.best());
    }

    static RecoverySettings settings() {
        return RecoverySettings.defaults()
                .withStallTimeout(Duration.ofSeconds(3))
                .withFetchTimeout(Duration.ofSeconds(2));
    }

    /** Restores and recovers. */
    static RecoveryResult recover(RecoveryPlan plan) throws InterruptedException {
        new RestoreEngine(RestoreSettings.defaults()).restore(plan.base(), RestoreProgress.NONE);
        return new Recovery(settings()).run(plan, RecoveryProgress.NONE);
    }

    /** The numbers in a recovered directory, which is started for it. */
    String numbers(Path directory) throws SQLException {
        try (LocalServer recovered =
                LocalServer.on(PostgresBinaries.find(major), directory).privateSocket().start()) {
            return numbers(recovered);
        }
    }

    static String numbers(LocalServer server) throws SQLException {
        return WalArchive.ask(
                server,
                "SELECT coalesce(min(n) || '-' || max(n) || ' of ' || count(*), 'none') FROM t"
                        + " WHERE n > 0");
    }

    @Override
    public void close() {
        server.close();
    }
}
