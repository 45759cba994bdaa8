package io.cairn.executor.basebackup;

import io.cairn.config.CairnConfig;
import io.cairn.config.CairnConfigReader;
import io.cairn.events.BackupDue;
import io.cairn.events.DueCause;
import io.cairn.executor.platform.Platform;
import io.cairn.executor.publish.RunEvents;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Tier;
import io.cairn.model.backup.Archive;
import io.cairn.model.policy.RunPolicy;
import io.cairn.postgres.basebackup.BaseBackupOptions;
import io.cairn.postgres.basebackup.BaseBackupReceiver;
import io.cairn.postgres.basebackup.BaseBackupResult;
import io.cairn.postgres.basebackup.BaseBackupStart;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.s3.S3ObjectStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * A cluster that never ends and does not compress, and a process that backs it up with the default
 * settings.
 */
final class EndlessCluster implements SourceSession {

    static final String RECEIVED = "received ";

    private static final long FILE_BYTES = 1L << 40;
    private static final int MESSAGE_BYTES = 32 << 10;

    private EndlessCluster() {}

    /**
     * @param arguments path of {@code cairn.yaml}
     */
    public static void main(String... arguments) throws InterruptedException {
        CairnConfig config = CairnConfigReader.read(Path.of(arguments[0]));
        AtomicLong received = new AtomicLong();
        BackupMeter meter =
                new BackupMeter() {
                    @Override
                    public void received(ClusterName cluster, long bytes) {
                        received.addAndGet(bytes);
                    }

                    @Override
                    public void stored(ClusterName cluster, long bytes) {}
                };
        Thread.ofPlatform().daemon().start(() -> say(received));
        try (ObjectStore store = S3ObjectStore.open(config.store(Platform.PRIMARY))) {
            new BackupRuns(
                            config,
                            name -> store,
                            cluster -> run -> new EndlessCluster(),
                            RunSettings.DEFAULT,
                            PipelineSettings.DEFAULT,
                            new RunEnvironment(
                                    "endless", RunClock.SYSTEM, new SecureRandom(), meter))
                    .run(due(), RunEvents.NONE);
        }
    }

    private static void say(AtomicLong received) {
        try {
            while (true) {
                System.out.println(RECEIVED + received.get());
                Thread.sleep(250);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static BackupDue due() {
        Instant now = Instant.now();
        return new BackupDue(
                new RunId(new ClusterName("shop"), BackupLabel.of(now, BackupKind.FULL)),
                Tier.OLTP,
                now,
                now.plus(Duration.ofHours(1)),
                DueCause.REQUESTED,
                new RunPolicy(
                        Duration.ofDays(90),
                        Duration.ofMinutes(15),
                        Duration.ofMinutes(15),
                        List.of(Platform.PRIMARY),
                        6,
                        RunPolicy.VOLUME_BYTES_DEFAULT));
    }

    @Override
    public BaseBackupResult baseBackup(BaseBackupOptions options, BaseBackupReceiver receiver)
            throws InterruptedException {
        receiver.started(new BaseBackupStart(TestBackup.START, TestBackup.TIMELINE, List.of()));
        receiver.archiveBegins(Archive.BASE, Optional.empty());
        byte[] header = header();
        receiver.archiveData(header, 0, header.length);
        byte[] message = new byte[MESSAGE_BYTES];
        Random random = new Random(1);
        while (true) {
            random.nextBytes(message);
            receiver.archiveData(message, 0, message.length);
        }
    }

    private static byte[] header() {
        TarArchiveEntry entry = new TarArchiveEntry("base/5/16384");
        entry.setSize(FILE_BYTES);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, 512);
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_STAR);
        try {
            tar.putArchiveEntry(entry);
            tar.flush();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return bytes.toByteArray();
    }

    @Override
    public SystemIdentifier systemIdentifier() {
        return TestBackup.SYSTEM;
    }

    @Override
    public Map<String, String> settings() {
        return Map.of();
    }

    @Override
    public boolean tryFence() {
        return true;
    }

    @Override
    public boolean holdsFence() {
        return true;
    }

    @Override
    public Optional<FenceHolder> fenceHolder() {
        return Optional.empty();
    }

    @Override
    public boolean endFenceHolder(FenceHolder holder) {
        return false;
    }

    @Override
    public void abort() {}

    @Override
    public void close() {}
}
