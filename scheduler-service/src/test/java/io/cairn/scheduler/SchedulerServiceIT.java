package io.cairn.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.events.BackupDue;
import io.cairn.events.BackupRequested;
import io.cairn.events.DueCause;
import io.cairn.events.EventCodec;
import io.cairn.events.EventEnvelope;
import io.cairn.events.Topics;
import io.cairn.model.BackupKind;
import io.cairn.model.ClusterName;
import io.cairn.model.Tier;
import io.cairn.scheduler.dispatch.kafka.Broker;
import io.cairn.scheduler.dispatch.kafka.BrokerExtension;
import io.cairn.testing.ServiceProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The packaged scheduler as a process, with a real broker and the machine's clock. */
@ExtendWith(BrokerExtension.class)
class SchedulerServiceIT {

    private static final String IN_CHARGE = "In charge of the schedule";

    private final List<ServiceProcess> started = new ArrayList<>();

    private final Broker broker;
    private final Path directory;

    SchedulerServiceIT(Broker broker, @TempDir Path directory) {
        this.broker = broker;
        this.directory = directory;
    }

    @AfterEach
    void endAll() {
        started.forEach(ServiceProcess::close);
        started.clear();
    }

    @Test
    void turnsARequestIntoOneDueEventOverAKillAndShowsItself() throws Exception {
        ServiceProcess first = scheduler().awaitLog(IN_CHARGE);
        Instant asked = Instant.now();
        broker.request(request("key-1", asked));
        Awaitility.await().untilAsserted(() -> assertThat(dues()).hasSize(1));

        first.kill();
        broker.request(request("key-1", asked));
        broker.request(request("key-2", asked.plusSeconds(1)));
        ServiceProcess second = scheduler().awaitLog(IN_CHARGE);
        Awaitility.await().untilAsserted(() -> assertThat(dues()).hasSize(2));

        assertThat(dues())
                .allSatisfy(due -> {
                    assertThat(due.cause()).isEqualTo(DueCause.REQUESTED);
                    assertThat(due.policy().copies()).hasSize(2);
                });
        EventEnvelope<?> event =
                EventCodec.decode(broker.committed(Topics.due(Tier.OLTP)).getFirst()).orElseThrow();
        assertThat(event.source()).isEqualTo("/cairn/scheduler-service");
        assertThat(event.traceparent()).isPresent();
        assertThat(second.get("/q/health/ready"))
                .contains("\"schedule\"", "\"UP\"")
                .doesNotContain("DOWN");
        assertThat(second.get("/metrics"))
                .contains("cairn_schedule_last_tick_timestamp_seconds")
                .contains(
                        "cairn_due_events_total{kind=\"full\",outcome=\"due\",tier=\"oltp\"} 1.0");
        assertThat(second.log())
                .contains("Not published: incremental backups of tier oltp, scheduled '0 * * * *'")
                .doesNotContain("Exception");

        second.terminate();
        assertThat(second.awaitExit()).isIn(0, 143);
    }

    @Test
    void endsInOneClearLineWhenAnotherSchedulerHasStarted() throws Exception {
        ServiceProcess old = scheduler().awaitLog(IN_CHARGE);
        ServiceProcess young = scheduler().awaitLog(IN_CHARGE);

        // Both read it, and one can answer.
        broker.request(request("key-1", Instant.now()));
        Awaitility.await().untilAsserted(() -> assertThat(dues()).hasSize(1));

        assertThat(old.awaitExit()).isEqualTo(1);
        assertThat(old.log())
                .contains("The scheduler ends: SCHEDULER_FENCED: another scheduler")
                .contains("hint: ")
                .doesNotContain("\tat ");
        assertThat(young.isAlive()).isTrue();
        assertThat(dues()).hasSize(1);
    }

    @Test
    void endsInOneLineWhenASettingIsOutOfRange() throws Exception {
        ServiceProcess scheduler = scheduler(Map.of("CAIRN_SCHEDULER_TICK", "1h"));

        assertThat(scheduler.awaitExit()).isEqualTo(1);
        assertThat(scheduler.log())
                .contains(
                        "CONFIG_INVALID: cairn.scheduler.tick is out of range hint: use 100ms to 30s")
                .doesNotContain("\tat ");
    }

    /** Without incrementals: at a full hour one of them would be due. */
    private ServiceProcess scheduler() throws IOException {
        return scheduler(Map.of("CAIRN_SCHEDULER_KINDS", "full,log,snapshot"));
    }

    private ServiceProcess scheduler(Map<String, String> settings) throws IOException {
        Path config = Files.createTempFile(directory, "cairn-", ".yaml");
        Files.writeString(
                config,
                """
                clusters:
                  shop:
                    tier: oltp
                    hosts: ["127.0.0.1:1"]
                    tls: {mode: disable}
                stores:
                  primary: {bucket: primary}
                  secondary: {bucket: secondary}
                """);
        Map<String, String> environment = new HashMap<>(settings);
        environment.put("CAIRN_CONFIG", config.toString());
        environment.put("KAFKA_BOOTSTRAP_SERVERS", broker.server().bootstrapServers());
        ServiceProcess scheduler = ServiceProcess.start(directory, environment);
        started.add(scheduler);
        return scheduler;
    }

    private List<BackupDue> dues() {
        return broker.events(Topics.due(Tier.OLTP)).stream().map(BackupDue.class::cast).toList();
    }

    private static BackupRequested request(String key, Instant at) {
        return new BackupRequested(
                new ClusterName("shop"), BackupKind.FULL, at, "ada", key, Duration.ofHours(1));
    }
}
