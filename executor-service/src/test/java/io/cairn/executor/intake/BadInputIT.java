package io.cairn.executor.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.cairn.config.CairnConfigReader;
import io.cairn.events.BackupCompleted;
import io.cairn.events.BackupDue;
import io.cairn.events.BackupFailed;
import io.cairn.executor.basebackup.SourceSession;
import io.cairn.executor.basebackup.postgres.PostgresSource;
import io.cairn.executor.platform.Dues;
import io.cairn.executor.platform.ExecutorProcess;
import io.cairn.executor.platform.KafkaEvents;
import io.cairn.executor.platform.Platform;
import io.cairn.executor.platform.PlatformExtension;
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
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What an operator can get wrong, put before the packaged executor: each run ends as a failure with
 * a code and a hint, nothing becomes visible in the bucket, no stack trace and no secret is shown,
 * and the executor goes on.
 */
@ExtendWith(PlatformExtension.class)
class BadInputIT {

    private static final String WRONG = "not the password";
    private static final String MISSING = "nothing-here";
    private static final Instant DUE = Instant.parse("2027-01-01T00:00:00Z");

    private final Platform platform;

    BadInputIT(Platform platform) {
        this.platform = platform;
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

    @Test
    void everyMistakeIsAFailedRunWithItsCodeAndHintAndNothingElse() throws Exception {
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
        Path config = configFile();
        List<SourceSession> sessions = new ArrayList<>();
        try (KafkaEvents events = new KafkaEvents(platform.kafka().bootstrapServers());
                ExecutorProcess executor =
                        ExecutorProcess.start(
                                platform,
                                config,
                                Map.of(
                                        "CAIRN_TIERS",
                                        Tier.OLTP.id(),
                                        "CAIRN_EXECUTOR_RUN_ATTEMPTS",
                                        "1"))) {
            useUpWalSenders(config, sessions);
            executor.awaitReady();
            List<BackupDue> dues = all.stream().map(bad -> due(bad, all.indexOf(bad))).toList();
            dues.forEach(events::publish);
            BackupDue good = due(new Bad("shop", Platform.PRIMARY.value(), ErrorCode.INTERNAL), 99);
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

    private Path configFile() throws Exception {
        SourceServer source = platform.source();
        source.execute("CREATE ROLE plain LOGIN PASSWORD '" + WRONG + "'");
        platform.write("wrong", WRONG);
        platform.write("garbage.pem", "garbage");
        platform.write("nobody-id", "nobody");
        String line =
                "  %s: {tier: oltp, hosts: [\"%s\"], user: %s, password: \"file:%s\", tls: {%s}}%n";
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
        RunId run = new RunId(new ClusterName("busy"), BackupLabel.of(DUE, BackupKind.FULL));
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

    private static BackupDue due(Bad bad, int number) {
        Instant dueAt = DUE.plusSeconds(number);
        return Dues.of(
                new ClusterName(bad.cluster()),
                Tier.OLTP,
                BackupKind.FULL,
                dueAt,
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
}
