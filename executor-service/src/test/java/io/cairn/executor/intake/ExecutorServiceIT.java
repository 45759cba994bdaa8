package io.cairn.executor.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.cairn.config.CairnConfigReader;
import io.cairn.events.BackupCompleted;
import io.cairn.events.BackupDue;
import io.cairn.events.BackupFailed;
import io.cairn.events.BackupProgressed;
import io.cairn.events.BackupStarted;
import io.cairn.events.EventEnvelope;
import io.cairn.events.ObjectStored;
import io.cairn.executor.basebackup.SourceSession;
import io.cairn.executor.basebackup.postgres.PostgresSource;
import io.cairn.executor.platform.Dues;
import io.cairn.executor.platform.ExecutorProcess;
import io.cairn.executor.platform.KafkaEvents;
import io.cairn.executor.platform.Platform;
import io.cairn.executor.platform.PlatformExtension;
import io.cairn.executor.platform.Runs;
import io.cairn.executor.platform.SourceServer;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.s3.S3ObjectStore;
import java.io.IOException;
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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The packaged executor as a process, with real Kafka, PostgreSQL and S3. Locks of records last 3 s
 * here. Executors that a test starts are ended with it.
 */
@Timeout(400)
@ExtendWith(PlatformExtension.class)
class ExecutorServiceIT {

    private static final AtomicInteger DUES = new AtomicInteger();
    private static final Instant FIRST = Instant.parse("2026-12-01T00:00:00Z");
    private static final Duration LONG = Duration.ofSeconds(90);

    private static final String WRONG = "not the password";
    private static final String MISSING = "nothing-here";

    /** Of a record, as {@link ExecutorProcess} sets it. */
    private static final Duration LOCK = Duration.ofSeconds(3);

    private final Platform platform;
    private final KafkaEvents events;
    private final Runs runs;
    private final List<ExecutorProcess> started = new ArrayList<>();

    ExecutorServiceIT(Platform platform) {
        this.platform = platform;
        this.events = new KafkaEvents(platform.kafka().bootstrapServers());
        this.runs = new Runs(platform, events);
    }

    /** A run that cannot succeed. */
    private record Bad(String cluster, String store, ErrorCode code) {

        static Bad cluster(String cluster, ErrorCode code) {
            return new Bad(cluster, Platform.PRIMARY.value(), code);
        }

        static Bad store(String store, ErrorCode code) {
            return new Bad("shop", store, code);
        }
    }

    @AfterEach
    void endAll() {
        platform.proxy().heal();
        started.forEach(ExecutorProcess::close);
        events.close();
        platform.forgetWal();
    }

    @Test
    void anExecutorTakesWhatIsDueWhateverIsWrongWithSomeOfItAndWithTheBroker() throws Exception {
        Path config = configFile();
        ExecutorProcess executor =
                executor(
                        config,
                        Map.of(
                                "CAIRN_EXECUTOR_WAL_HOLD", "true",
                                "CAIRN_EXECUTOR_RUN_ATTEMPTS", "1"));
        executor.awaitReady();

        whatIsDueIsTakenOnceToldAndMeasured(executor);
        everyMistakeIsAFailedRunWithItsCodeAndHintAndNothingElse(executor, config);
        executor.awaitLog("Holds the WAL stream of shop");
        everyKindIsTakenFromItsDueEventToItsCompletion();
        aBrokerThatIsAwayPastTheLockDoesNotEndARunningBackup(executor);

        executor.terminate();
        assertThat(executor.awaitExit()).isIn(0, 143);
    }

    private void whatIsDueIsTakenOnceToldAndMeasured(ExecutorProcess executor) throws Exception {
        BackupDue aborted = due(BackupKind.FULL);
        BackupDue due = due(BackupKind.FULL);
        BackupDue unknown = due(new ClusterName("elsewhere"), BackupKind.FULL);
        events.publishAndAbort(aborted);
        events.publishGarbage("cairn.due.oltp", "this is no event");
        events.publish(due);
        events.publish(due);
        events.publish(unknown);

        await().atMost(LONG).until(() -> events.of(due.run(), BackupCompleted.class).size() == 2);
        await().atMost(LONG).until(() -> !events.of(unknown.run(), BackupFailed.class).isEmpty());

        // The backup, and what was said of it.
        assertThat(runs.stored(due).differences()).isEmpty();
        List<BackupCompleted> completed = events.of(due.run(), BackupCompleted.class);
        assertThat(completed.getFirst()).isEqualTo(completed.getLast());
        assertThat(completed.getFirst().attempt()).isEqualTo(runs.stored(due).commit().attempt());
        assertThat(events.of(due.run(), BackupStarted.class)).hasSize(1);
        assertThat(events.of(due.run(), BackupProgressed.class)).isNotEmpty();
        await().atMost(LONG)
                .untilAsserted(() ->
                        assertThat(
                                        events.of(due.run(), ObjectStored.class).stream()
                                                .map(ObjectStored::object))
                                .containsAll(runs.stored(due).commit().parts().toList()));
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
    }

    /**
     * What an operator can get wrong: each run ends as a failure with a code and a hint, nothing
     * becomes visible in the bucket, no stack trace and no secret is shown, and the executor goes
     * on.
     */
    private void everyMistakeIsAFailedRunWithItsCodeAndHintAndNothingElse(
            ExecutorProcess executor, Path config) throws Exception {
        List<Bad> all =
                List.of(
                        Bad.cluster("wrong-password", ErrorCode.POSTGRES_AUTHENTICATION_FAILED),
                        Bad.cluster("unreachable", ErrorCode.POSTGRES_UNREACHABLE),
                        Bad.cluster("no-replication", ErrorCode.POSTGRES_NOT_PERMITTED),
                        Bad.cluster("garbage-authority", ErrorCode.CERTIFICATE_INVALID),
                        Bad.cluster("busy", ErrorCode.POSTGRES_WAL_SENDERS_EXHAUSTED),
                        Bad.cluster("not-configured", ErrorCode.CLUSTER_UNKNOWN),
                        Bad.store("missing", ErrorCode.STORE_BUCKET_MISSING),
                        Bad.store("refusing", ErrorCode.STORE_ACCESS_DENIED),
                        Bad.store("garbage", ErrorCode.CERTIFICATE_INVALID),
                        Bad.store("nowhere", ErrorCode.CONFIG_INVALID));
        List<SourceSession> sessions = new ArrayList<>();
        try {
            useUpWalSenders(config, sessions);
            List<BackupDue> dues = all.stream().map(ExecutorServiceIT::due).toList();
            dues.forEach(events::publish);
            BackupDue good = due(BackupKind.FULL);
            events.publish(good);

            await().atMost(Duration.ofSeconds(60))
                    .until(() ->
                            !events.of(good.run(), BackupCompleted.class).isEmpty()
                                    && dues.stream()
                                            .noneMatch(due ->
                                                    events.of(due.run(), BackupFailed.class)
                                                            .isEmpty()));

            for (BackupDue due : dues) {
                Bad bad = all.get(dues.indexOf(due));
                assertThat(events.of(due.run(), BackupFailed.class))
                        .as(bad.toString())
                        .singleElement()
                        .satisfies(failed -> {
                            assertThat(failed.code()).isEqualTo(bad.code());
                            assertThat(failed.retried()).isFalse();
                            assertThat(failed.hint().orElseThrow()).isNotBlank();
                            assertThat(failed.message()).isNotBlank().doesNotContain("\n");
                            assertThat(failed.toString()).doesNotContain(WRONG);
                        });
                // Not in the store that was named, and in no other instead.
                assertThat(keysOf(due)).as(bad.toString()).isEmpty();
            }
            assertThat(keysOf(good)).anyMatch(key -> key.endsWith("/backup.json"));
            assertThat(keysIn(Platform.ELSEWHERE)).isEmpty();
            assertThatThrownBy(() -> keysIn(MISSING))
                    .hasFieldOrPropertyWithValue("code", ErrorCode.STORE_BUCKET_MISSING);
            assertThat(executor.log())
                    .contains("hint:")
                    .doesNotContain("\tat ")
                    .doesNotContain(WRONG);
        } finally {
            sessions.forEach(SourceSession::close);
        }
    }

    /**
     * With clusters and stores that are wrong, of another tier so that nobody streams their WAL.
     */
    private Path configFile() throws Exception {
        SourceServer source = platform.source();
        source.execute("CREATE ROLE plain LOGIN PASSWORD '" + WRONG + "'");
        platform.write("wrong", WRONG);
        platform.write("garbage.pem", "garbage");
        platform.write("nobody-id", "nobody");
        String line =
                "  %s: {tier: content, hosts: [\"%s\"], user: %s, password: \"file:%s\", tls: {%s}}%n";
        String plain = "mode: disable";
        return platform.configFile(
                line.formatted("wrong-password", source.address(), "cairn_backup", "wrong", plain)
                        + line.formatted(
                                "unreachable", "127.0.0.1:1", "cairn_backup", "wrong", plain)
                        + line.formatted(
                                "no-replication", source.address(), "plain", "wrong", plain)
                        + line.formatted(
                                "garbage-authority",
                                source.address(),
                                "cairn_backup",
                                "source-password",
                                "mode: verify-full, rootCertificate: garbage.pem")
                        + Platform.cluster("busy", platform.old(), ""),
                store("missing", MISSING, "reader")
                        + store("refusing", Platform.ELSEWHERE, "nobody")
                        + """
                          garbage: {bucket: backups, endpoint: "https://127.0.0.1:1", accessKeyId: "file:reader-id", secretAccessKey: "file:store-secret", caCertificate: garbage.pem}
                        """);
    }

    private String store(String name, String bucket, String credential) {
        return """
          %s: {bucket: %s, endpoint: "%s", accessKeyId: "file:%s-id", secretAccessKey: "file:store-secret"}
        """
                .formatted(name, bucket, platform.proxy().endpoint(), credential);
    }

    /** Sessions of the replication protocol, until the server takes no more. */
    private static void useUpWalSenders(Path config, List<SourceSession> sessions) {
        PostgresSource busy =
                new PostgresSource(CairnConfigReader.read(config).cluster(new ClusterName("busy")));
        RunId run = new RunId(new ClusterName("busy"), BackupLabel.of(FIRST, BackupKind.FULL));
        CairnException refusal =
                catchThrowableOfType(
                        CairnException.class,
                        () -> {
                            while (sessions.size() < 100) {
                                sessions.add(busy.connect(run));
                            }
                        });
        assertThat(refusal.code()).isEqualTo(ErrorCode.POSTGRES_WAL_SENDERS_EXHAUSTED);
    }

    private static BackupDue due(Bad bad) {
        return Dues.of(
                new ClusterName(bad.cluster()),
                Tier.OLTP,
                BackupKind.FULL,
                dueAt(),
                new StoreName(bad.store()),
                6);
    }

    /** Everything in a bucket, as somebody sees it who may do everything. */
    private List<String> keysIn(String bucket) {
        Path config = platform.configFile("", store("seen", bucket, "reader"));
        try (ObjectStore open =
                        S3ObjectStore.open(
                                CairnConfigReader.read(config).store(new StoreName("seen")));
                var objects = open.list("")) {
            return objects.map(object -> object.key().value()).toList();
        }
    }

    /** Everything in the good bucket that has to do with a run. */
    private List<String> keysOf(BackupDue due) {
        try (var objects = platform.store().list(due.cluster() + "/")) {
            return objects.map(object -> object.key().value())
                    .filter(key -> key.contains("/" + due.run().label() + "/"))
                    .toList();
        }
    }

    /** Log backups are of the WAL that the executor streams itself. */
    private void everyKindIsTakenFromItsDueEventToItsCompletion() {
        BackupCompleted full = completed(BackupKind.FULL);
        BackupCompleted incremental = completed(BackupKind.INCREMENTAL);
        BackupCompleted log = completed(BackupKind.LOG);
        BackupCompleted next = completed(BackupKind.LOG);
        BackupCompleted snapshot = completed(BackupKind.SNAPSHOT);

        assertThat(incremental.parent()).contains(full.run().label());
        assertThat(log.startLsn()).isEqualTo(incremental.stopLsn());
        assertThat(next.startLsn()).isEqualTo(log.stopLsn());
        assertThat(snapshot.parent()).isEmpty();
    }

    private BackupCompleted completed(BackupKind kind) {
        BackupDue due = due(kind);
        events.publish(due);
        runs.awaitCompleted(due);
        return events.of(due.run(), BackupCompleted.class).getFirst();
    }

    private void aBrokerThatIsAwayPastTheLockDoesNotEndARunningBackup(ExecutorProcess executor)
            throws Exception {
        BackupDue due = due(BackupKind.FULL);
        CountDownLatch held = runs.holdVolumes(due, 1);
        events.publish(due);
        runs.awaitVolumeOf(due);

        platform.kafka().kill();
        Instant away = Instant.now();
        try {
            await().atMost(LONG).until(() -> executor.get("/q/health/ready").contains("\"DOWN\""));
            assertThat(executor.get("/q/health/live")).contains("\"UP\"").doesNotContain("DOWN");
            await().atMost(LONG).until(() -> since(away).compareTo(LOCK) > 0);
            assertThat(isCommitted(due)).as("while the backup runs").isFalse();
            runs.letGo(held);
            await().atMost(LONG).until(() -> isCommitted(due));
        } finally {
            platform.kafka().start();
        }

        runs.awaitCompleted(due);
        await().atMost(LONG).until(() -> !executor.get("/q/health/ready").contains("\"DOWN\""));
        runs.assertOneBackup(due);
        assertThat(events.of(due.run(), BackupStarted.class)).hasSizeLessThanOrEqualTo(1);
        assertThat(events.of(due.run(), BackupFailed.class)).isEmpty();
    }

    @Test
    void anExecutorWhoseKeysCannotBeUsedDoesNotStartAndSaysWhy() throws Exception {
        platform.write("garbage", "not what it should be");
        Map<ExecutorProcess, String> said = new LinkedHashMap<>();
        said.put(
                broken("(?m)^ *signer:.*$", "", "cannot-sign"),
                "CONFIG_INVALID: keys.signer is missing");
        said.put(
                broken("keys/recipient.pem", "garbage", "garbage-as-certificate"),
                "CERTIFICATE_INVALID");
        said.put(
                broken("key-password", "garbage", "wrong-key-password"),
                "KEY_INVALID: the password");

        for (Map.Entry<ExecutorProcess, String> entry : said.entrySet()) {
            ExecutorProcess executor = entry.getKey();
            assertThat(executor.awaitExit()).isEqualTo(1);
            assertThat(executor.log())
                    .contains(entry.getValue())
                    .contains("hint:")
                    .doesNotContain("\tat ")
                    .doesNotContain("not what it should be");
        }
    }

    private ExecutorProcess broken(String part, String instead, String name) throws IOException {
        String text = Files.readString(platform.configFile());
        String broken = text.replaceAll(part, instead);
        assertThat(broken).isNotEqualTo(text);
        return executor(platform.write(name + ".yaml", broken), Map.of());
    }

    // -----------------------------------------------------------------------------------------------------------------

    private ExecutorProcess executor(Path config, Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(settings);
        all.put("CAIRN_TIERS", Tier.OLTP.id());
        all.put("CAIRN_EXECUTOR_DRAIN_TIMEOUT", "60s");
        ExecutorProcess executor = ExecutorProcess.start(platform, config, all);
        started.add(executor);
        return executor;
    }

    private static Duration since(Instant begin) {
        return Duration.between(begin, Instant.now());
    }

    private boolean isCommitted(BackupDue due) throws SQLException {
        return platform.store().head(runs.layout(due).commit()).isPresent();
    }

    private static BackupDue due(BackupKind kind) {
        return due(new ClusterName("shop"), kind);
    }

    private static BackupDue due(ClusterName cluster, BackupKind kind) {
        return Dues.of(cluster, Tier.OLTP, kind, dueAt());
    }

    private static Instant dueAt() {
        return FIRST.plusSeconds(DUES.incrementAndGet());
    }
}
