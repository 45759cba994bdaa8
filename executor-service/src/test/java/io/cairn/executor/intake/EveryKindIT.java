package io.cairn.executor.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cairn.events.BackupCompleted;
import io.cairn.events.BackupDue;
import io.cairn.executor.platform.Dues;
import io.cairn.executor.platform.ExecutorProcess;
import io.cairn.executor.platform.KafkaEvents;
import io.cairn.executor.platform.Platform;
import io.cairn.executor.platform.PlatformExtension;
import io.cairn.model.BackupKind;
import io.cairn.model.ClusterName;
import io.cairn.model.Tier;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The packaged executor takes every kind, log backups of the WAL that it streams itself. */
@ExtendWith(PlatformExtension.class)
class EveryKindIT {

    private static final Instant FIRST = Instant.parse("2030-06-01T00:00:00Z");
    private static final Duration LONG = Duration.ofSeconds(90);

    private final Platform platform;

    EveryKindIT(Platform platform) {
        this.platform = platform;
    }

    @Test
    void everyKindIsTakenFromItsDueEventToItsCompletion() throws Exception {
        try (KafkaEvents events = new KafkaEvents(platform.kafka().bootstrapServers());
                ExecutorProcess executor =
                        ExecutorProcess.start(
                                platform,
                                platform.configFile(),
                                Map.of("CAIRN_TIERS", "oltp", "CAIRN_EXECUTOR_WAL_HOLD", "true"))) {
            executor.awaitLog("Holds the WAL stream of shop");

            BackupCompleted full = completed(events, BackupKind.FULL, 0);
            BackupCompleted incremental = completed(events, BackupKind.INCREMENTAL, 1);
            BackupCompleted log = completed(events, BackupKind.LOG, 2);
            BackupCompleted next = completed(events, BackupKind.LOG, 3);
            BackupCompleted snapshot = completed(events, BackupKind.SNAPSHOT, 4);

            assertThat(incremental.parent()).contains(full.run().label());
            assertThat(log.startLsn()).isEqualTo(incremental.stopLsn());
            assertThat(next.startLsn()).isEqualTo(log.stopLsn());
            assertThat(snapshot.parent()).isEmpty();
            executor.terminate();
            assertThat(executor.awaitExit()).isIn(0, 143);
        } finally {
            platform.forgetWal();
        }
    }

    private static BackupCompleted completed(KafkaEvents events, BackupKind kind, int hours) {
        Instant dueAt = FIRST.plus(Duration.ofHours(hours));
        BackupDue due = Dues.of(new ClusterName("shop"), Tier.OLTP, kind, dueAt);
        events.publish(due);
        await().atMost(LONG).until(() -> !events.of(due.run(), BackupCompleted.class).isEmpty());
        return events.of(due.run(), BackupCompleted.class).getFirst();
    }
}
