package io.cairn.replication;

import static io.cairn.replication.TestWal.SENT;
import static io.cairn.replication.TestWal.metadata;
import static io.cairn.replication.TestWal.put;
import static io.cairn.replication.TestWal.segment;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cairn.events.ReplicationLagged;
import io.cairn.events.Topics;
import io.cairn.events.WalArchived;
import io.cairn.events.WalGapCause;
import io.cairn.events.WalGapDetected;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import io.cairn.testing.ServiceProcess;
import io.cairn.testing.StoreFault;
import io.cairn.testing.TestProcesses;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** WAL between two S3 servers, copied by the packaged service with the generated policies. */
@ExtendWith(PlatformExtension.class)
class WalReplicationIT {

    private static final Duration LONG = Duration.ofSeconds(60);

    /** Only events wake it. */
    private static final Map<String, String> SELDOM = Map.of("CAIRN_REPLICATION_WAL_EVERY", "10m");

    private final ReplicationPlatform platform;

    private String cluster = "";

    WalReplicationIT(ReplicationPlatform platform) {
        this.platform = platform;
    }

    @Test
    void whatAStreamStoresIsCopiedWhenItIsToldAndTheOtherStoreIsTold() throws Exception {
        cluster = platform.cluster();
        ServiceProcess service = platform.service(SELDOM);
        wal().putSession(platform.source());
        wal().putSegment(platform.source(), 1, "one");
        wal().putPiece(platform.source(), "0/2000000", "0/2000100");

        platform.publish(archived("0/2000100", SENT));

        await().atMost(LONG).untilAsserted(this::bothHoldTheSame);
        assertThat(keys(platform.target())).hasSize(3);
        assertThat(
                        platform.target()
                                .head(wal().folder().segment(segment(1)))
                                .orElseThrow()
                                .metadata())
                .isEqualTo(metadata("one"));
        await().atMost(LONG)
                .untilAsserted(() ->
                        assertThat(platform.events(Topics.WAL, cluster))
                                .hasSize(2)
                                .last()
                                .isInstanceOfSatisfying(
                                        WalArchived.class,
                                        told -> {
                                            assertThat(told.store())
                                                    .isEqualTo(platform.target().name());
                                            assertThat(told.end())
                                                    .isEqualTo(Lsn.parse("0/2000100"));
                                            assertThat(told.recoverableUntil()).contains(SENT);
                                        }));
        platform.publish(archived("0/2000100", SENT.plusSeconds(5)));
        await().atMost(LONG)
                .untilAsserted(() ->
                        assertThat(platform.events(Topics.WAL, cluster))
                                .as("an idle cluster's time moves on in both, and that ends")
                                .hasSize(4));
        assertThat(service.log()).doesNotContain("Exception");
        service.terminate();
        assertThat(service.awaitExit()).isIn(0, 143);
    }

    @Test
    void whatOnlyTheSecondStoreHasFlowsBack() throws Exception {
        cluster = platform.cluster();
        wal().putSession(platform.source());
        wal().putSegment(platform.source(), 1, "one");
        wal().putSegment(platform.target(), 2, "two");
        wal().putPiece(platform.target(), "0/3000000", "0/3000100");

        platform.service();

        await().atMost(LONG).untilAsserted(this::bothHoldTheSame);
        assertThat(keys(platform.source())).hasSize(4);
    }

    @Test
    void anOutageOfTheTargetIsMeasuredAndDrained() throws Exception {
        cluster = platform.cluster();
        wal().putSegment(platform.source(), 1, "one");
        ServiceProcess service = platform.service();
        await().atMost(LONG).untilAsserted(this::bothHoldTheSame);
        platform.targetProxy()
                .injectAlways(new StoreFault.Refuse(503, "SlowDown"), StoreFault.any());

        for (int number = 2; number <= 40; number++) {
            wal().putSegment(platform.source(), number, "segment " + number);
        }

        String lag = metric("secondary");
        await().atMost(LONG)
                .untilAsserted(() ->
                        assertThat(service.get("/metrics"))
                                .containsPattern(Pattern.quote(lag) + "[1-9]"));
        await().atMost(LONG)
                .untilAsserted(() ->
                        assertThat(platform.events(Topics.REPLICATION, cluster))
                                .hasAtLeastOneElementOfType(ReplicationLagged.class));
        assertThat(service.get("/metrics")).contains(metric("primary") + "0.0");
        assertThat(keys(platform.target())).hasSize(1);
        StoredBackup backup = StoredBackup.of(cluster, "20261122T020000Z-F");
        backup.putInto(platform.source());
        platform.publish(backup.completed(platform.source()));
        platform.targetProxy().heal();

        await().atMost(LONG).untilAsserted(this::bothHoldTheSame);
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(service.get("/metrics")).contains(lag + "0.0"));
    }

    @Test
    void somethingElseUnderTheNameIsToldAndNotOverwritten() throws Exception {
        cluster = platform.cluster();
        StoredBackup.of(cluster, "20261122T020000Z-F").putInto(platform.source());
        ObjectKey key = wal().folder().segment(segment(1));
        ServiceProcess service = platform.service();
        String refused = "cairn_replication_refused_total{code=\"STORE_OBJECT_DIFFERS\"";
        double before = ReplicationPlatform.counted(service, refused);
        // It looks at both at once.
        TestProcesses.suspend(service.pid());
        wal().putSegment(platform.source(), 1, "one");
        wal().putSegment(platform.source(), 2, "two");
        put(platform.target(), key, "something else");
        TestProcesses.resume(service.pid());

        await().atMost(LONG)
                .untilAsserted(() ->
                        assertThat(platform.events(Topics.WAL, cluster))
                                .singleElement()
                                .isInstanceOfSatisfying(
                                        WalGapDetected.class,
                                        gap -> {
                                            assertThat(gap.cause())
                                                    .isEqualTo(WalGapCause.NOT_COPIED);
                                            assertThat(gap.store())
                                                    .isEqualTo(platform.target().name());
                                            assertThat(gap.reason()).contains(key.value());
                                        }));
        await().atMost(LONG)
                .untilAsserted(() ->
                        assertThat(keys(platform.target()))
                                .contains(wal().folder().segment(segment(2))));
        assertThat(platform.target().read(key, 100)).isEqualTo("something else".getBytes(UTF_8));
        assertThat(platform.source().read(key, 100)).isEqualTo("one".getBytes(UTF_8));
        assertThat(ReplicationPlatform.counted(service, refused)).isGreaterThan(before);
        assertThat(service.get("/metrics"))
                .containsPattern(Pattern.quote(metric("secondary")) + "(0\\.[0-9]*[1-9]|[1-9])");
    }

    private String metric(String store) {
        return "cairn_replication_wal_lag_seconds{cluster=\"%s\",store=\"%s\"} "
                .formatted(cluster, store);
    }

    private void bothHoldTheSame() {
        assertThat(keys(platform.target())).isNotEmpty().isEqualTo(keys(platform.source()));
    }

    private List<ObjectKey> keys(ObjectStore store) {
        return store.list(cluster + "/").map(ObjectInfo::key).toList();
    }

    private TestWal wal() {
        return TestWal.of(cluster);
    }

    private WalArchived archived(String end, Instant until) {
        return wal().archived(platform.source().name(), end, until);
    }
}
