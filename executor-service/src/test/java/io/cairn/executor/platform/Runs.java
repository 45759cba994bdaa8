package io.cairn.executor.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cairn.events.BackupCompleted;
import io.cairn.events.BackupDue;
import io.cairn.events.CairnEvent;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.storage.ObjectInfo;
import io.cairn.testing.StoreFault;
import io.cairn.testing.StoreOperation;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** What tests ask of runs, in the platform's broker and store. */
public final class Runs {

    private static final Duration LONG = Duration.ofSeconds(90);

    private final Platform platform;
    private final KafkaEvents events;

    public Runs(Platform platform, KafkaEvents events) {
        this.platform = platform;
        this.events = events;
    }

    /** All volumes of the run but the first few, until the latch is opened. */
    public CountDownLatch holdVolumes(BackupDue due, int pass) throws SQLException {
        CountDownLatch open = new CountDownLatch(1);
        String prefix = layout(due).prefix();
        platform.proxy()
                .inject(
                        new StoreFault.Hold(open),
                        pass,
                        Integer.MAX_VALUE,
                        request ->
                                request.operation() == StoreOperation.CREATE
                                        && request.key().startsWith(prefix)
                                        && request.key().contains(".tar/"));
        return open;
    }

    public void letGo(CountDownLatch held) {
        platform.proxy().heal();
        held.countDown();
    }

    /** Waits until the run streams and a volume of it is durable. */
    public void awaitVolumeOf(BackupDue due) throws SQLException {
        String prefix = layout(due).prefix();
        await().atMost(LONG)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> {
                    try (var objects = platform.store().list(prefix)) {
                        return objects.anyMatch(object -> object.key().value().contains(".tar/"));
                    }
                });
    }

    public void awaitCompleted(BackupDue due) {
        await().atMost(LONG).until(() -> !events.of(due.run(), BackupCompleted.class).isEmpty());
    }

    public void assertOneBackup(BackupDue due) throws SQLException {
        assertOneBackup(due, platform.source());
    }

    /** It is in the store once, restores to what the server has, and no other is told of. */
    public void assertOneBackup(BackupDue due, SourceServer server) throws SQLException {
        StoredBackup stored = stored(due, server);
        assertThat(stored.differences()).isEmpty();
        assertThat(
                        events.of(due.run(), BackupCompleted.class).stream()
                                .map(CairnEvent::deterministicId))
                .containsOnly(BackupCompleted.completionId(due.run(), stored.commit().attempt()));
        try (var objects = platform.store().list(layout(due, server).prefix())) {
            assertThat(objects.map(ObjectInfo::key)).containsOnlyOnce(layout(due, server).commit());
        }
    }

    public StoredBackup stored(BackupDue due) throws SQLException {
        return stored(due, platform.source());
    }

    private StoredBackup stored(BackupDue due, SourceServer server) throws SQLException {
        return StoredBackup.open(
                platform.store(),
                layout(due, server),
                platform.recipient(),
                platform.trustAnchor());
    }

    public BackupLayout layout(BackupDue due) throws SQLException {
        return layout(due, platform.source());
    }

    private static BackupLayout layout(BackupDue due, SourceServer server) throws SQLException {
        SystemIdentifier system =
                SystemIdentifier.parse(
                        server.ask("SELECT system_identifier FROM pg_control_system()"));
        return new BackupLayout(new ClusterRoot(due.cluster(), system), due.run().label());
    }
}
