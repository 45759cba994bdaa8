package io.cairn.executor.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cairn.events.BackupCompleted;
import io.cairn.events.BackupDue;
import io.cairn.events.BackupFailed;
import io.cairn.events.BackupProgressed;
import io.cairn.events.BackupStarted;
import io.cairn.executor.platform.Dues;
import io.cairn.executor.platform.ExecutorProcess;
import io.cairn.executor.platform.KafkaEvents;
import io.cairn.executor.platform.Platform;
import io.cairn.executor.platform.PlatformExtension;
import io.cairn.executor.platform.Runs;
import io.cairn.executor.platform.SourceServer;
import io.cairn.model.BackupKind;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.Tier;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.ErrorCode;
import io.cairn.testing.StoreFault;
import io.cairn.testing.StoreOperation;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Packaged executors of one tier, which share the runs out: one stands still, one ends, one hands
 * over and one is killed. A run that is to last is held back in the store, which the test lets go.
 */
@Timeout(400)
@ExtendWith(PlatformExtension.class)
class ExecutorGroupIT {

    private static final AtomicInteger DUES = new AtomicInteger();
    private static final Instant FIRST = Instant.parse("2026-12-02T00:00:00Z");
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final ClusterName SHOP = new ClusterName("shop");

    /** A backup of it takes ten seconds. */
    private static final ClusterName SLOW = new ClusterName("slow");

    /** Of a record, as {@link ExecutorProcess} sets it. */
    private static final Duration LOCK = Duration.ofSeconds(3);

    /** How soon another has the run of one that died, on a machine that is busy. */
    private static final Duration TAKEOVER_MAX = Duration.ofSeconds(20);

    /** So long that its end is not what gives a run to another. */
    private static final Duration LONG_LOCK = Duration.ofSeconds(60);

    /** Between events of progress, and what a busy machine may add. */
    private static final Duration PROGRESS_GAP_MAX = Duration.ofSeconds(5 + 2);

    private final Platform platform;
    private final KafkaEvents events;
    private final Runs runs;
    private final Map<ClusterName, SourceServer> six = new LinkedHashMap<>();
    private final List<ExecutorProcess> started = new ArrayList<>();

    ExecutorGroupIT(Platform platform) {
        this.platform = platform;
        this.events = new KafkaEvents(platform.kafka().bootstrapServers());
        this.runs = new Runs(platform, events);
    }

    @AfterEach
    void endAll() {
        platform.proxy().heal();
        started.forEach(ExecutorProcess::close);
        events.close();
    }

    @Test
    void executorsOfATierShareItsRunsAndBearWhatHappensToEachOther() throws Exception {
        Path config = configFile();
        ExecutorProcess drains = executor(config, "queue-1", "60s");
        ExecutorProcess handsOver = executor(config, "queue-2", "1s");
        ExecutorProcess third = executor(config, "queue-3", "60s");
        ExecutorProcess fourth = executor(config, "queue-4", "60s");
        started.forEach(ExecutorProcess::awaitReady);
        await().atMost(LONG).until(this::allAreUp);

        twoExecutorsWithTheSameRunMakeOneBackup();
        anExecutorThatStandsStillIsReplacedAndCommitsNothingWhenItWakesUp();
        sixRunsShareOutAndScalingDownInMidRunLosesNone(drains, handsOver, List.of(third, fourth));
        aKilledExecutorsRunIsTakenByAnother(List.of(third, fourth));
    }

    /** Both for as long as many locks, which are renewed. */
    private void twoExecutorsWithTheSameRunMakeOneBackup() throws Exception {
        BackupDue due = due(SLOW);
        Instant published = Instant.now();
        events.publish(due);
        events.publish(due);

        await().atMost(LONG)
                .pollInterval(Duration.ofMillis(500))
                .until(() -> {
                    assertThat(allAreUp()).as("live and ready").isTrue();
                    return events.of(due.run(), BackupCompleted.class).size() == 2;
                });

        assertThat(Duration.between(published, Instant.now()))
                .as("many locks")
                .isGreaterThan(LOCK.multipliedBy(3));
        assertThat(started)
                .map(executor -> executor.log().split(due.run() + " begins", -1).length - 1)
                .as("deliveries to each")
                .containsExactlyInAnyOrder(1, 1, 0, 0);
        runs.assertOneBackup(due);
        assertThat(events.of(due.run(), BackupStarted.class)).hasSize(1);
        assertProgressIsTold(due);
    }

    private boolean allAreUp() throws InterruptedException {
        for (ExecutorProcess executor : started) {
            if (executor.get("/q/health/live").contains("DOWN")
                    || executor.get("/q/health/ready").contains("DOWN")) {
                return false;
            }
        }
        return true;
    }

    /** Often enough, and how much of how much. */
    private void assertProgressIsTold(BackupDue due) throws SQLException {
        long bytes = runs.stored(due).commit().bytesIn();
        List<BackupProgressed> all = events.of(due.run(), BackupProgressed.class);
        Instant before = events.of(due.run(), BackupStarted.class).getFirst().startedAt();
        for (BackupProgressed progressed : all) {
            assertThat(progressed.at()).isBetween(before, before.plus(PROGRESS_GAP_MAX));
            before = progressed.at();
        }
        assertThat(events.of(due.run(), BackupCompleted.class).getFirst().completedAt())
                .isBefore(before.plus(PROGRESS_GAP_MAX));

        assertThat(all).extracting(BackupProgressed::bytesDone).isSorted();
        assertThat(all.stream().map(BackupProgressed::bytesDone).distinct())
                .hasSizeGreaterThanOrEqualTo(4)
                .allMatch(done -> done <= bytes);
        assertThat(all)
                .filteredOn(it -> it.bytesDone() > 0)
                .allSatisfy(it ->
                        assertThat(it.bytesTotal())
                                .as("the server's estimate, which leaves WAL out")
                                .isGreaterThanOrEqualTo(it.bytesDone())
                                .isBetween(bytes / 3, bytes * 3));
    }

    private void anExecutorThatStandsStillIsReplacedAndCommitsNothingWhenItWakesUp()
            throws Exception {
        BackupDue due = due(SHOP);
        CountDownLatch held = runs.holdVolumes(due, 1);
        events.publish(due);
        runs.awaitVolumeOf(due);
        ExecutorProcess sleeper = whoHas(due, started);
        sleeper.suspend();

        List<ExecutorProcess> awake =
                started.stream().filter(executor -> executor != sleeper).toList();
        await().atMost(LONG).until(() -> events.of(due.run(), BackupStarted.class).size() == 2);
        assertThat(whoHas(due, awake).log()).contains("has stood still");
        runs.letGo(held);
        runs.awaitCompleted(due);
        StoredObject commit = events.of(due.run(), BackupCompleted.class).getFirst().commit();

        sleeper.resume();
        sleeper.awaitLog(due.run() + " was complete already");
        runs.assertOneBackup(due);
        assertThat(
                        events.of(due.run(), BackupCompleted.class).stream()
                                .map(BackupCompleted::commit))
                .containsOnly(commit);
    }

    private void sixRunsShareOutAndScalingDownInMidRunLosesNone(
            ExecutorProcess drains, ExecutorProcess handsOver, List<ExecutorProcess> stay)
            throws Exception {
        Map<ExecutorProcess, Long> before = new HashMap<>();
        started.forEach(executor -> before.put(executor, backupsOf(executor)));
        List<BackupDue> dues = six.keySet().stream().map(ExecutorGroupIT::due).toList();
        CountDownLatch held = new CountDownLatch(1);
        platform.proxy()
                .injectAlways(
                        new StoreFault.Hold(held), StoreFault.on(StoreOperation.CREATE, ".tar/"));
        dues.forEach(events::publish);
        await().atMost(LONG)
                .until(() -> started(dues).map(BackupStarted::executor).distinct().count() == 4);
        drains.terminate();
        handsOver.terminate();

        assertThat(handsOver.awaitExit()).isIn(0, 143);
        assertThat(drains.awaitLog("Stops: takes no more, 1 run(s)").isAlive()).isTrue();
        runs.letGo(held);
        assertThat(drains.awaitExit()).isIn(0, 143);
        for (BackupDue due : dues) {
            runs.awaitCompleted(due);
            runs.assertOneBackup(due, six.get(due.cluster()));
        }
        assertThat(backupsOf(drains) - before.get(drains)).isEqualTo(1);
        assertThat(backupsOf(handsOver) - before.get(handsOver)).isZero();
        assertThat(stay.stream().mapToLong(it -> backupsOf(it) - before.get(it)).sum())
                .isEqualTo(5);
        List<BackupFailed> failed =
                dues.stream()
                        .flatMap(due -> events.of(due.run(), BackupFailed.class).stream())
                        .toList();
        assertThat(failed)
                .singleElement()
                .satisfies(it -> {
                    assertThat(it.code()).isEqualTo(ErrorCode.RUN_DRAINED);
                    assertThat(it.retried()).isTrue();
                });
        RunId handedOver = failed.getFirst().run();
        assertThat(started(dues).filter(it -> it.run().equals(handedOver)))
                .map(BackupStarted::executor)
                .satisfiesExactly(
                        it -> assertThat(it).isEqualTo("queue-2"),
                        it -> assertThat(it).isIn("queue-3", "queue-4"));
        assertThat(started(dues)).as("each once, and one again").hasSize(7);
    }

    private Stream<BackupStarted> started(List<BackupDue> dues) {
        return dues.stream().flatMap(due -> events.of(due.run(), BackupStarted.class).stream());
    }

    private static long backupsOf(ExecutorProcess executor) {
        return executor.log().split(" is complete in store ", -1).length - 1;
    }

    private void aKilledExecutorsRunIsTakenByAnother(List<ExecutorProcess> left) throws Exception {
        lockRunsFor(LONG_LOCK);
        BackupDue due = due(SHOP);
        CountDownLatch held = runs.holdVolumes(due, 1);
        events.publish(due);
        runs.awaitVolumeOf(due);
        ExecutorProcess first = whoHas(due, left);
        ExecutorProcess second = left.get(first == left.getFirst() ? 1 : 0);

        Instant killed = Instant.now();
        first.kill();

        await().atMost(LONG).until(() -> events.of(due.run(), BackupStarted.class).size() == 2);
        assertThat(events.of(due.run(), BackupStarted.class).getLast().startedAt())
                .isBetween(killed, killed.plus(TAKEOVER_MAX));
        runs.letGo(held);
        runs.awaitCompleted(due);
        assertThat(second.log()).contains(due.run() + " is complete");
        runs.assertOneBackup(due);
        assertThat(events.of(due.run(), BackupStarted.class)).hasSize(2);
    }

    /** What the executors have asked for at their start is the group's, and can be changed. */
    private void lockRunsFor(Duration lock) throws Exception {
        ConfigResource group =
                new ConfigResource(ConfigResource.Type.GROUP, "cairn-executor-" + Tier.QUEUE.id());
        ConfigEntry entry =
                new ConfigEntry("share.record.lock.duration.ms", Long.toString(lock.toMillis()));
        try (Admin admin =
                Admin.create(Map.of("bootstrap.servers", platform.kafka().bootstrapServers()))) {
            admin.incrementalAlterConfigs(
                            Map.of(
                                    group,
                                    List.of(new AlterConfigOp(entry, AlterConfigOp.OpType.SET))))
                    .all()
                    .get();
        }
    }

    // -----------------------------------------------------------------------------------------------------------------

    /** Six clusters for six runs at once, and a slow one. */
    private Path configFile() throws SQLException {
        StringBuilder clusters = new StringBuilder();
        // The lock that keeps runs apart is the database's: six that do not wait for each other.
        for (SourceServer server : List.of(platform.source(), platform.old())) {
            server.execute("CREATE DATABASE other");
            for (String database : List.of("postgres", "template1", "other")) {
                String name = "cluster-" + (six.size() + 1);
                six.put(new ClusterName(name), server);
                clusters.append(Platform.cluster(name, server, ", database: " + database));
            }
        }
        clusters.append(Platform.cluster(SLOW.value(), platform.source(), ", maxRate: 4MiB"));
        return platform.configFile(clusters.toString(), "");
    }

    private ExecutorProcess executor(Path config, String instance, String drain) {
        ExecutorProcess executor =
                ExecutorProcess.start(
                        platform,
                        config,
                        Map.of(
                                "CAIRN_TIERS", Tier.QUEUE.id(),
                                "CAIRN_INSTANCE", instance,
                                "CAIRN_EXECUTOR_DRAIN_TIMEOUT", drain));
        started.add(executor);
        return executor;
    }

    private static BackupDue due(ClusterName cluster) {
        Instant dueAt = FIRST.plusSeconds(DUES.incrementAndGet());
        return Dues.of(cluster, Tier.QUEUE, BackupKind.FULL, dueAt);
    }

    private static ExecutorProcess whoHas(BackupDue due, List<ExecutorProcess> executors) {
        return executors.stream()
                .filter(executor -> executor.log().contains(due.run() + " begins"))
                .findFirst()
                .orElseThrow();
    }
}
