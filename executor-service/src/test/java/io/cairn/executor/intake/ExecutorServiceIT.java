package io.cairn.executor.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cairn.events.BackupCompleted;
import io.cairn.events.BackupDue;
import io.cairn.events.BackupFailed;
import io.cairn.events.BackupProgressed;
import io.cairn.events.BackupStarted;
import io.cairn.events.CairnEvent;
import io.cairn.events.EventEnvelope;
import io.cairn.events.ObjectStored;
import io.cairn.executor.platform.Dues;
import io.cairn.executor.platform.ExecutorProcess;
import io.cairn.executor.platform.KafkaEvents;
import io.cairn.executor.platform.Platform;
import io.cairn.executor.platform.PlatformExtension;
import io.cairn.executor.platform.SourceServer;
import io.cairn.executor.platform.StoredBackup;
import io.cairn.model.BackupKind;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Tier;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.ErrorCode;
import io.cairn.storage.ObjectInfo;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Packaged executors as processes, with real Kafka, PostgreSQL and S3. Locks of records last 3 s
 * here. Executors that a test starts are ended with it.
 */
@ExtendWith(PlatformExtension.class)
class ExecutorServiceIT {

    private static final AtomicInteger DUES = new AtomicInteger();
    private static final Instant FIRST = Instant.parse("2026-12-01T00:00:00Z");
    private static final Duration LONG = Duration.ofSeconds(90);

    /** MiB a second: a backup takes a quarter of a minute. */
    private static final int SLOWLY = 2;

    /** Of a record, unless a test says otherwise. */
    private static final Duration LOCK = Duration.ofSeconds(3);

    /** How soon another has the run of one that died, on a machine that is busy. */
    private static final Duration TAKEOVER_MAX = Duration.ofSeconds(20);

    /** Between events of progress, and what a busy machine may add. */
    private static final Duration PROGRESS_GAP_MAX = Duration.ofSeconds(5 + 2);

    private final Platform platform;
    private final KafkaEvents events;
    private final List<ExecutorProcess> started = new ArrayList<>();

    ExecutorServiceIT(Platform platform) {
        this.platform = platform;
        this.events = new KafkaEvents(platform.kafka().bootstrapServers());
    }

    @AfterEach
    void endAll() {
        started.forEach(ExecutorProcess::close);
        events.close();
    }

    @Test
    void whatIsDueIsTakenOnceToldAndMeasured() throws Exception {
        ExecutorProcess executor = executor(Tier.OLTP, platform.configFile()).awaitReady();
        BackupDue aborted = due(Tier.OLTP, BackupKind.FULL);
        BackupDue due = due(Tier.OLTP, BackupKind.FULL);
        BackupDue unknown = due(new ClusterName("elsewhere"), Tier.OLTP, BackupKind.FULL);
        events.publishAndAbort(aborted);
        events.publishGarbage("cairn.due.oltp", "this is no event");
        events.publish(due);
        events.publish(due);
        events.publish(unknown);

        await().atMost(LONG).until(() -> events.of(due.run(), BackupCompleted.class).size() == 2);
        await().atMost(LONG).until(() -> !events.of(unknown.run(), BackupFailed.class).isEmpty());

        // The backup, and what was said of it.
        assertThat(stored(due).differences()).isEmpty();
        List<BackupCompleted> completed = events.of(due.run(), BackupCompleted.class);
        assertThat(completed.getFirst()).isEqualTo(completed.getLast());
        assertThat(completed.getFirst().attempt()).isEqualTo(stored(due).commit().attempt());
        assertThat(events.of(due.run(), BackupStarted.class)).hasSize(1);
        assertThat(events.of(due.run(), BackupProgressed.class)).isNotEmpty();
        await().atMost(LONG)
                .untilAsserted(() ->
                        assertThat(
                                        events.of(due.run(), ObjectStored.class).stream()
                                                .map(ObjectStored::object))
                                .containsAll(stored(due).commit().parts().toList()));
        EventEnvelope<?> first = events.of(due.run()).getFirst();
        assertThat(first.source()).isEqualTo("/cairn/executor-service");
        assertThat(first.causationId()).contains(due.deterministicId());
        assertThat(first.traceparent()).isPresent();

        // What cannot be done.
        assertThat(events.of(unknown.run(), BackupFailed.class))
                .singleElement()
                .satisfies(it -> {
                    assertThat(it.code()).isEqualTo(ErrorCode.CLUSTER_UNKNOWN);
                    assertThat(it.retried()).isFalse();
                });
        await().atMost(LONG).until(() -> !events.deadLetters().isEmpty());
        assertThat(new String(events.deadLetters().getFirst().value(), StandardCharsets.UTF_8))
                .isEqualTo("this is no event");
        assertThat(events.of(aborted.run())).as("due event of an aborted transaction").isEmpty();

        // What an operator sees.
        assertThat(executor.get("/q/health/ready")).contains("\"UP\"").contains("intake");
        assertThat(executor.get("/q/health/live")).contains("\"UP\"");
        assertThat(executor.get("/metrics"))
                .contains("cairn_runs_active 0.0")
                .contains("cairn_intake_running{group=\"cairn-executor-oltp\"")
                .contains("cairn_backup_input_bytes_total{cluster=\"shop\"")
                .contains(
                        "cairn_backup_failures_total{cluster=\"elsewhere\",code=\"CLUSTER_UNKNOWN\"")
                .contains("outcome=\"completed\"");
        assertThat(executor.log()).contains(due.run() + " is complete").doesNotContain("Exception");

        executor.terminate();
        assertThat(executor.awaitExit()).isIn(0, 143);
    }

    @Test
    void aKilledExecutorsRunIsTakenByAnother() throws Exception {
        // So long that its end is not what gives the run to the other.
        Map<String, String> longLock = Map.of("CAIRN_EXECUTOR_INTAKE_LOCK", "30s");
        ExecutorProcess first =
                executor(Tier.QUEUE, platform.configFile(SLOWLY), longLock).awaitReady();
        BackupDue due = due(Tier.QUEUE, BackupKind.FULL);
        events.publish(due);
        ExecutorProcess second = startAfter(first, due, Tier.QUEUE, longLock);
        awaitVolumeOf(due);
        second.awaitReady();

        Instant killed = Instant.now();
        first.kill();

        await().atMost(LONG).until(() -> events.of(due.run(), BackupStarted.class).size() == 2);
        assertThat(events.of(due.run(), BackupStarted.class).getLast().startedAt())
                .isBetween(killed, killed.plus(TAKEOVER_MAX));
        awaitCompleted(due);
        assertThat(second.log()).contains(due.run() + " is complete");
        assertOneBackup(due);
        assertThat(events.of(due.run(), BackupStarted.class)).hasSize(2);
    }

    @Test
    void anExecutorThatStandsStillIsReplacedAndCommitsNothingWhenItWakesUp() throws Exception {
        ExecutorProcess first = executor(Tier.CONTENT, platform.configFile(SLOWLY)).awaitReady();
        BackupDue due = due(Tier.CONTENT, BackupKind.FULL);
        events.publish(due);
        ExecutorProcess second = startAfter(first, due, Tier.CONTENT);
        awaitVolumeOf(due);
        first.suspend();

        awaitCompleted(due);
        assertThat(second.log()).contains("has stood still").contains(due.run() + " is complete");
        StoredObject commit = events.of(due.run(), BackupCompleted.class).getFirst().commit();

        first.resume();
        first.awaitLog(due.run() + " was complete already");
        assertOneBackup(due);
        assertThat(
                        events.of(due.run(), BackupCompleted.class).stream()
                                .map(BackupCompleted::commit))
                .containsOnly(commit);
    }

    @Test
    void twoExecutorsMakeOneBackupOfARunAndSigtermLetsALongOneEnd() throws Exception {
        ExecutorProcess first = executor(Tier.OLAP, platform.configFile(SLOWLY));
        ExecutorProcess second = executor(Tier.OLAP, platform.configFile(SLOWLY)).awaitReady();
        first.awaitReady();

        twoExecutorsWithTheSameRunMakeOneBackup(first, second);
        aRunOfManyLockPeriodsIsNotDeliveredAgainAndSigtermLetsItEnd(first, second);
    }

    private void twoExecutorsWithTheSameRunMakeOneBackup(
            ExecutorProcess first, ExecutorProcess second) throws Exception {
        BackupDue due = due(Tier.OLAP, BackupKind.FULL);
        events.publish(due);
        events.publish(due);

        await().atMost(LONG).until(() -> events.of(due.run(), BackupCompleted.class).size() == 2);

        assertThat(List.of(first.log(), second.log()))
                .allMatch(log -> log.contains(due.run() + " begins"));
        assertOneBackup(due);
        assertThat(events.of(due.run(), BackupStarted.class)).hasSize(1);
    }

    private void aRunOfManyLockPeriodsIsNotDeliveredAgainAndSigtermLetsItEnd(
            ExecutorProcess first, ExecutorProcess second) throws Exception {
        BackupDue due = due(Tier.OLAP, BackupKind.FULL);
        Instant published = Instant.now();
        events.publish(due);
        awaitVolumeOf(due);

        await().atMost(LONG)
                .until(() -> {
                    for (ExecutorProcess executor : List.of(first, second)) {
                        assertThat(executor.get("/q/health/live"))
                                .contains("\"UP\"")
                                .doesNotContain("DOWN");
                        assertThat(executor.get("/q/health/ready"))
                                .contains("\"UP\"")
                                .doesNotContain("DOWN");
                    }
                    return since(published).compareTo(LOCK.multipliedBy(3)) > 0;
                });
        for (ExecutorProcess executor : List.of(first, second)) {
            if (executor.log().contains(due.run() + " begins")) {
                executor.terminate();
            }
        }

        awaitCompleted(due);
        assertThat(since(published)).as("many locks").isGreaterThan(LOCK.multipliedBy(5));
        assertThat(first.log() + second.log())
                .containsOnlyOnce(due.run() + " begins")
                .contains("Stops: takes no more, 1 run(s)");
        assertOneBackup(due);
        assertThat(events.of(due.run(), BackupStarted.class)).hasSize(1);
        assertThat(events.of(due.run(), BackupCompleted.class)).hasSize(1);
        assertProgressIsTold(due);
    }

    /** Often enough, and how much of how much. */
    private void assertProgressIsTold(BackupDue due) throws SQLException {
        long bytes = stored(due).commit().bytesIn();
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

    @Test
    void aRunThatOutlastsTheDrainIsGivenToAnother() throws Exception {
        ExecutorProcess first =
                executor(
                                Tier.QUEUE,
                                platform.configFile(SLOWLY),
                                Map.of("CAIRN_EXECUTOR_DRAIN_TIMEOUT", "1s"))
                        .awaitReady();
        BackupDue due = due(Tier.QUEUE, BackupKind.FULL);
        events.publish(due);
        ExecutorProcess second = startAfter(first, due, Tier.QUEUE);
        awaitVolumeOf(due);
        second.awaitReady();

        first.terminate();

        assertThat(first.awaitExit()).isIn(0, 143);
        awaitCompleted(due);
        assertThat(second.log()).contains(due.run() + " is complete");
        assertThat(events.of(due.run(), BackupFailed.class))
                .singleElement()
                .satisfies(it -> {
                    assertThat(it.code()).isEqualTo(ErrorCode.RUN_DRAINED);
                    assertThat(it.retried()).isTrue();
                });
        assertOneBackup(due);
    }

    @Test
    void sixRunsShareOutAndScalingToOneInMidRunLosesNone() throws Exception {
        List<SourceServer> servers = List.of(platform.source(), platform.old());
        for (SourceServer server : servers) {
            server.execute("CREATE DATABASE other");
        }
        Map<ClusterName, SourceServer> clusters = new LinkedHashMap<>();
        StringBuilder slow = new StringBuilder();
        StringBuilder quick = new StringBuilder();
        // The lock that keeps runs apart is the database's: six that do not wait for each other.
        for (SourceServer server : servers) {
            for (String database : List.of("postgres", "template1", "other")) {
                String name = "cluster-" + (clusters.size() + 1);
                clusters.put(new ClusterName(name), server);
                String where = ", database: " + database;
                slow.append(Platform.cluster(name, server, where + ", maxRate: 6MiB"));
                quick.append(Platform.cluster(name, server, where));
            }
        }
        Path config = platform.configFile(slow.toString(), "");
        ExecutorProcess drains = executor(Tier.QUEUE, config, Map.of("CAIRN_INSTANCE", "queue-1"));
        ExecutorProcess handsOver =
                executor(
                        Tier.QUEUE,
                        config,
                        Map.of("CAIRN_INSTANCE", "queue-2", "CAIRN_EXECUTOR_DRAIN_TIMEOUT", "1s"));
        ExecutorProcess stays =
                executor(
                        Tier.QUEUE,
                        platform.configFile(quick.toString(), ""),
                        Map.of("CAIRN_INSTANCE", "queue-3"));
        List.of(drains, handsOver, stays).forEach(ExecutorProcess::awaitReady);

        List<BackupDue> dues =
                clusters.keySet().stream()
                        .map(cluster -> due(cluster, Tier.QUEUE, BackupKind.FULL))
                        .toList();
        dues.forEach(events::publish);
        await().atMost(LONG)
                .until(() -> started(dues).map(BackupStarted::executor).distinct().count() == 3);
        drains.terminate();
        handsOver.terminate();

        assertThat(drains.awaitExit()).isIn(0, 143);
        assertThat(handsOver.awaitExit()).isIn(0, 143);
        for (BackupDue due : dues) {
            awaitCompleted(due);
            assertOneBackup(due, clusters.get(due.cluster()));
            assertThat(events.of(due.run(), BackupCompleted.class)).hasSize(1);
        }
        assertThat(List.of(drains, handsOver, stays))
                .map(executor -> executor.log().split(" is complete in store ", -1).length - 1)
                .as("backups of each")
                .containsExactly(1, 0, 5);
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
                .containsExactly("queue-2", "queue-3");
        assertThat(started(dues)).as("each once, and one again").hasSize(7);
    }

    private Stream<BackupStarted> started(List<BackupDue> dues) {
        return dues.stream().flatMap(due -> events.of(due.run(), BackupStarted.class).stream());
    }

    @Test
    void aBrokerThatIsAwayPastTheLockDoesNotEndARunningBackup() throws Exception {
        ExecutorProcess executor = executor(Tier.CONTENT, platform.configFile(SLOWLY)).awaitReady();
        BackupDue due = due(Tier.CONTENT, BackupKind.FULL);
        events.publish(due);
        awaitVolumeOf(due);

        platform.kafka().kill();
        Instant away = Instant.now();
        try {
            await().atMost(LONG).until(() -> executor.get("/q/health/ready").contains("\"DOWN\""));
            assertThat(executor.get("/q/health/live")).contains("\"UP\"").doesNotContain("DOWN");
            assertThat(isCommitted(due)).as("said while the backup runs").isFalse();
            await().atMost(LONG).until(() -> isCommitted(due));
            assertThat(since(away)).isGreaterThan(LOCK);
        } finally {
            platform.kafka().start();
        }

        awaitCompleted(due);
        await().atMost(LONG).until(() -> !executor.get("/q/health/ready").contains("\"DOWN\""));
        assertOneBackup(due);
        assertThat(events.of(due.run(), BackupStarted.class)).hasSizeLessThanOrEqualTo(1);
        assertThat(events.of(due.run(), BackupFailed.class)).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "cannot sign | (?m)^ *signer:.*$ | | CONFIG_INVALID: keys.signer is missing",
                "garbage as certificate | keys/recipient.pem | garbage | CERTIFICATE_INVALID",
                "wrong key password | key-password | garbage | KEY_INVALID: the password"
            })
    void anExecutorWhoseKeysCannotBeUsedDoesNotStartAndSaysWhy(
            String what, String part, @Nullable String instead, String said) throws Exception {
        platform.write("garbage", "not what it should be");
        String text = Files.readString(platform.configFile());
        String broken = text.replaceAll(part, instead == null ? "" : instead);
        assertThat(broken).isNotEqualTo(text);
        Path config = platform.write(what.replace(' ', '-') + ".yaml", broken);

        ExecutorProcess executor = executor(Tier.OLTP, config);

        assertThat(executor.awaitExit()).isEqualTo(1);
        assertThat(executor.log())
                .contains(said)
                .contains("hint:")
                .doesNotContain("\tat ")
                .doesNotContain("not what it should be");
    }

    // -----------------------------------------------------------------------------------------------------------------

    private ExecutorProcess executor(Tier tier, Path config) {
        return executor(tier, config, Map.of());
    }

    private ExecutorProcess executor(Tier tier, Path config, Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(settings);
        all.put("CAIRN_TIERS", tier.id());
        all.putIfAbsent("CAIRN_EXECUTOR_DRAIN_TIMEOUT", "60s");
        ExecutorProcess executor = ExecutorProcess.start(platform, config, all);
        started.add(executor);
        return executor;
    }

    /**
     * A quick executor that starts, which takes seconds, while the first works on the run already.
     */
    private ExecutorProcess startAfter(ExecutorProcess first, BackupDue due, Tier tier) {
        return startAfter(first, due, tier, Map.of());
    }

    private ExecutorProcess startAfter(
            ExecutorProcess first, BackupDue due, Tier tier, Map<String, String> settings) {
        first.awaitLog(due.run() + " begins");
        return executor(tier, platform.configFile(), settings);
    }

    private static Duration since(Instant begin) {
        return Duration.between(begin, Instant.now());
    }

    private boolean isCommitted(BackupDue due) throws SQLException {
        return platform.store().head(layout(due).commit()).isPresent();
    }

    private static BackupDue due(Tier tier, BackupKind kind) {
        return due(new ClusterName("shop"), tier, kind);
    }

    private static BackupDue due(ClusterName cluster, Tier tier, BackupKind kind) {
        Instant dueAt = FIRST.plusSeconds(DUES.incrementAndGet());
        return Dues.of(cluster, tier, kind, dueAt);
    }

    /** Waits until the run streams and a volume of it is durable. */
    private void awaitVolumeOf(BackupDue due) throws SQLException {
        String prefix = layout(due).prefix();
        await().atMost(LONG)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> {
                    try (var objects = platform.store().list(prefix)) {
                        return objects.anyMatch(object -> object.key().value().contains(".tar/"));
                    }
                });
    }

    private void awaitCompleted(BackupDue due) {
        await().atMost(LONG).until(() -> !events.of(due.run(), BackupCompleted.class).isEmpty());
    }

    private void assertOneBackup(BackupDue due) throws SQLException {
        assertOneBackup(due, platform.source());
    }

    private void assertOneBackup(BackupDue due, SourceServer server) throws SQLException {
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

    private StoredBackup stored(BackupDue due) throws SQLException {
        return stored(due, platform.source());
    }

    private StoredBackup stored(BackupDue due, SourceServer server) throws SQLException {
        return StoredBackup.open(
                platform.store(),
                layout(due, server),
                platform.recipient(),
                platform.trustAnchor());
    }

    private BackupLayout layout(BackupDue due) throws SQLException {
        return layout(due, platform.source());
    }

    private static BackupLayout layout(BackupDue due, SourceServer server) throws SQLException {
        SystemIdentifier system =
                SystemIdentifier.parse(
                        server.ask("SELECT system_identifier FROM pg_control_system()"));
        return new BackupLayout(new ClusterRoot(due.cluster(), system), due.run().label());
    }
}
