package io.cairn.replication;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cairn.events.BackupReplicated;
import io.cairn.events.EventCodec;
import io.cairn.events.EventEnvelope;
import io.cairn.events.FailbackRefused;
import io.cairn.events.FailbackRequested;
import io.cairn.events.RegionEvent;
import io.cairn.events.RegionFailedOver;
import io.cairn.events.RegionReturned;
import io.cairn.events.ReplicationLagged;
import io.cairn.events.SyncValidated;
import io.cairn.events.SyncValidationDue;
import io.cairn.events.Topics;
import io.cairn.events.ValidationFailed;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import io.cairn.testing.ServiceProcess;
import io.cairn.testing.StoreFault;
import io.cairn.testing.StoreOperation;
import io.cairn.testing.StoreRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The packaged service as a process between a real broker and two S3 servers, with the rights of
 * the generated policies: read in the source, read and create in the target. Each test has a
 * cluster of its own.
 */
@ExtendWith(PlatformExtension.class)
class ReplicationServiceIT {

    private static final Duration LONG = Duration.ofSeconds(60);

    private final ReplicationPlatform platform;

    private String cluster = "";

    ReplicationServiceIT(ReplicationPlatform platform) {
        this.platform = platform;
    }

    @Test
    void copiesPartsWhileTheBackupRunsAndTheCommitObjectLast() throws Exception {
        StoredBackup backup = backup("20261122T020000Z-F");
        ServiceProcess service = platform.service();
        int logged = service.log().length();
        List<ObjectKey> parts = backup.commit().parts().map(part -> part.key()).toList();
        parts.forEach(part -> backup.put(platform.source(), part));
        backup.stored(platform.source(), Instant.now()).forEach(platform::publish);

        await().atMost(LONG)
                .untilAsserted(() ->
                        assertThat(keys(platform.target()))
                                .containsExactlyInAnyOrderElementsOf(parts));
        assertThat(replicated()).isEmpty();
        backup.put(platform.source(), backup.signatureKey());
        backup.put(platform.source(), backup.commitKey());
        platform.publish(backup.completed(platform.source()));
        platform.publish(backup.completed(platform.source()));

        await().atMost(LONG).untilAsserted(() -> assertThat(replicated()).hasSize(2));
        assertThat(keys(platform.target())).containsExactlyInAnyOrderElementsOf(backup.keys());
        backup.keys()
                .forEach(key ->
                        assertThat(platform.target().read(key, 1 << 20))
                                .isEqualTo(backup.bytes(key)));
        assertThat(replicated())
                .allSatisfy(event ->
                        assertThat(event)
                                .isInstanceOfSatisfying(
                                        BackupReplicated.class,
                                        replicated -> {
                                            assertThat(replicated.run())
                                                    .isEqualTo(backup.commit().run());
                                            assertThat(replicated.bytesCopied()).isZero();
                                            assertThat(replicated.lag())
                                                    .isLessThan(Duration.ofSeconds(60));
                                            assertThat(replicated.objects())
                                                    .isEqualTo(backup.keys().size());
                                        }));
        assertThat(service.get("/metrics"))
                .contains(
                        "cairn_replication_lag_seconds{cluster=\""
                                + cluster
                                + "\",store=\"secondary\"} 0.0")
                .contains("cairn_replicated_bytes_total{store=\"secondary\"}");
        assertThat(service.get("/q/health/ready"))
                .contains("\"copies\"", "\"UP\"")
                .doesNotContain("DOWN");
        assertThat(service.log().substring(logged)).doesNotContain("Exception");
    }

    @Test
    void leavesNoCommitObjectWhenItIsKilledBeforeAndFinishesAfterTheRestart() throws Exception {
        StoredBackup backup = backup("20261122T020000Z-F").putInto(platform.source());
        ServiceProcess first = platform.service();
        platform.targetProxy()
                .injectAlways(
                        new StoreFault.Delay(Duration.ofSeconds(30)),
                        puts(backup.signatureKey().value()));
        platform.publish(backup.completed(platform.source()));
        await().atMost(LONG)
                .untilAsserted(() ->
                        assertThat(keys(platform.target()))
                                .containsAll(
                                        backup.commit().parts().map(part -> part.key()).toList()));

        first.kill();
        assertThat(keys(platform.target())).doesNotContain(backup.commitKey());
        platform.targetProxy().heal();
        platform.service();

        await().atMost(LONG)
                .untilAsserted(
                        () -> assertThat(keys(platform.target())).contains(backup.commitKey()));
        await().atMost(LONG)
                .untilAsserted(() ->
                        assertThat(platform.events(Topics.REPLICATION, cluster)).isNotEmpty());
        assertThat(keys(platform.target())).containsExactlyInAnyOrderElementsOf(backup.keys());
    }

    @Test
    void refusesAFlippedByteInTheSourceAndSaysSo() throws Exception {
        StoredBackup backup = backup("20261122T020000Z-F").putInto(platform.source());
        ObjectKey damaged =
                backup.commit().archives().getFirst().volumes().getLast().object().key();
        Path file = platform.sourceServer().files("primary").resolve(damaged.value());
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        ServiceProcess service = platform.service();
        String refused = "cairn_replication_refused_total{code=\"STORE_OBJECT_DIFFERS\"";
        double before = ReplicationPlatform.counted(service, refused);

        platform.publish(backup.completed(platform.source()));

        await().atMost(LONG)
                .untilAsserted(
                        () -> assertThat(platform.events(Topics.VALIDATION, cluster)).isNotEmpty());
        assertThat(platform.events(Topics.VALIDATION, cluster).getFirst())
                .isInstanceOfSatisfying(
                        ValidationFailed.class,
                        failed -> {
                            assertThat(failed.run()).isEqualTo(backup.commit().run());
                            assertThat(failed.store()).isEqualTo(platform.source().name());
                            assertThat(failed.object()).contains(damaged);
                        });
        await().atMost(LONG)
                .untilAsserted(() ->
                        assertThat(platform.deadLetters())
                                .anySatisfy(letter ->
                                        assertThat(reason(letter))
                                                .startsWith("STORE_OBJECT_DIFFERS: ")
                                                .contains(damaged.value())));
        assertThat(keys(platform.target())).doesNotContain(damaged, backup.commitKey());
        assertThat(ReplicationPlatform.counted(service, refused)).isGreaterThan(before);
    }

    @Test
    void aPoisonEventGoesToTheDeadLettersAndTheNextBackupIsCopied() throws Exception {
        StoredBackup backup = backup("20261122T020000Z-F").putInto(platform.source());
        ServiceProcess service = platform.service();
        String deadLettered =
                "cairn_intake_outcomes_total{group=\"cairn-replication-to-secondary\","
                        + "outcome=\"dead_lettered\"}";
        double before = ReplicationPlatform.counted(service, deadLettered);
        ProducerRecord<String, byte[]> poison =
                EventCodec.encode(
                        EventEnvelope.of(
                                backup.completed(platform.source()), "/test", Instant.now()));
        byte[] cutOff = Arrays.copyOf(poison.value(), poison.value().length / 2);

        platform.send(
                new ProducerRecord<>(poison.topic(), null, cluster, cutOff, poison.headers()));
        platform.publish(backup.completed(platform.source()));

        await().atMost(LONG)
                .untilAsserted(() ->
                        assertThat(platform.events(Topics.REPLICATION, cluster))
                                .hasAtLeastOneElementOfType(BackupReplicated.class));
        await().atMost(LONG)
                .untilAsserted(() ->
                        assertThat(platform.deadLetters())
                                .filteredOn(letter -> cluster.equals(letter.key()))
                                // Each store that holds copies has a group of its own.
                                .hasSize(2)
                                .allSatisfy(letter -> {
                                    assertThat(letter.value()).isEqualTo(cutOff);
                                    assertThat(reason(letter)).startsWith("EVENT_UNREADABLE: ");
                                }));
        assertThat(ReplicationPlatform.counted(service, deadLettered)).isGreaterThan(before);
        assertThat(service.get("/q/health/ready")).doesNotContain("DOWN");
    }

    private static String reason(ConsumerRecord<String, byte[]> letter) {
        return new String(letter.headers().lastHeader("cairn_dlq_reason").value(), UTF_8);
    }

    @Test
    void waitsForATargetThatIsAwayTellsTheLagAndGoesOnWhenItIsBack() throws Exception {
        List<StoredBackup> backups = new ArrayList<>();
        backups.add(backup("20261118T020000Z-F"));
        for (String day : List.of("19", "20", "21", "22")) {
            backups.add(StoredBackup.of(cluster, "202611" + day + "T020000Z-F"));
        }
        backups.forEach(backup -> backup.putInto(platform.source()));
        platform.targetProxy()
                .injectAlways(new StoreFault.Refuse(503, "SlowDown"), StoreFault.any());
        ServiceProcess service = platform.service();

        backups.forEach(backup -> platform.publish(backup.completed(platform.source())));

        await().atMost(LONG)
                .untilAsserted(() ->
                        assertThat(platform.events(Topics.REPLICATION, cluster))
                                .hasAtLeastOneElementOfType(ReplicationLagged.class));
        String lag =
                "cairn_replication_lag_seconds{cluster=\"" + cluster + "\",store=\"secondary\"} ";
        assertThat(service.get("/metrics")).containsPattern(Pattern.quote(lag) + "[1-9]");
        assertThat(platform.events(Topics.REPLICATION, cluster))
                .doesNotHaveAnyElementsOfTypes(BackupReplicated.class);
        assertThat(keys(platform.target())).isEmpty();
        platform.targetProxy().heal();

        await().atMost(LONG)
                .untilAsserted(() ->
                        assertThat(platform.events(Topics.REPLICATION, cluster))
                                .filteredOn(BackupReplicated.class::isInstance)
                                .extracting(event -> ((BackupReplicated) event).run())
                                .containsAll(
                                        backups.stream()
                                                .map(backup -> backup.commit().run())
                                                .toList()));
        assertThat(keys(platform.target())).isEqualTo(keys(platform.source()));
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(service.get("/metrics")).contains(lag + "0.0"));
        assertThat(platform.deadLetters())
                .noneSatisfy(letter -> assertThat(letter.key()).isEqualTo(cluster));
    }

    @Test
    void copiesByListingWhatNoEventToldOf() throws Exception {
        platform.endService();
        StoredBackup old = backup("20261121T020000Z-F").putInto(platform.source());
        StoredBackup young =
                StoredBackup.of(cluster, "20261122T020000Z-F").putInto(platform.source());

        platform.service();

        await().atMost(LONG).untilAsserted(() -> assertThat(replicated()).hasSize(2));
        assertThat(replicated())
                .extracting(BackupReplicated::run)
                .containsExactly(young.commit().run(), old.commit().run());
        assertThat(keys(platform.target())).isEqualTo(keys(platform.source()));
    }

    @Test
    void repairsADamagedCopyWhenTheComparisonIsDueAndSaysSo() throws Exception {
        StoredBackup backup =
                backup("20261122T020000Z-F").putInto(platform.source()).putInto(platform.target());
        ObjectKey damaged = backup.commit().manifest().key();
        Path file = platform.targetServer().files("secondary").resolve(damaged.value());
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        ServiceProcess service = platform.service();

        Instant now = Instant.now();
        platform.publish(new SyncValidationDue(now, now.plusSeconds(3600)));

        await().atMost(LONG)
                .untilAsserted(() ->
                        assertThat(platform.events(Topics.REPLICATION, cluster))
                                .hasAtLeastOneElementOfType(SyncValidated.class));
        assertThat(platform.events(Topics.REPLICATION, cluster))
                .filteredOn(SyncValidated.class::isInstance)
                .singleElement()
                .isInstanceOfSatisfying(
                        SyncValidated.class,
                        validated -> {
                            assertThat(validated.damaged()).isEqualTo(1);
                            assertThat(validated.repaired()).isEqualTo(1);
                            assertThat(validated.clean()).isTrue();
                            assertThat(validated.objects()).isEqualTo(backup.keys().size());
                        });
        assertThat(platform.target().read(damaged, 1 << 20)).isEqualTo(backup.bytes(damaged));
        await().atMost(LONG)
                .untilAsserted(() ->
                        assertThat(service.get("/metrics"))
                                .contains(
                                        "cairn_sync_repaired_total{cluster=\""
                                                + cluster
                                                + "\"} 1.0"));
    }

    @Test
    void aStoreThatIsKilledIsLeftAndComesBackWhenItHoldsTheSame() throws Exception {
        platform.endService();
        platform.empty();
        TestWal wal = TestWal.of(cluster = platform.cluster());
        StoredBackup before =
                StoredBackup.of(cluster, "20261122T020000Z-F").putInto(platform.source());
        wal.putSession(platform.source());
        wal.putSegment(platform.source(), 1, "one");
        ServiceProcess service =
                platform.service(
                        Map.of(
                                "CAIRN_REGIONS_FAILOVER_AFTER", "3s",
                                "CAIRN_REGIONS_PROBE_EVERY", "500ms",
                                "CAIRN_REGIONS_SETTLE", "0s",
                                "CAIRN_REPLICATION_WAL_EVERY", "1s"));
        platform.publish(before.completed(platform.source()));
        await().atMost(LONG).until(this::bothHoldTheSame);

        RegionFailedOver failed;
        StoredBackup meanwhile = StoredBackup.of(cluster, "20261122T030000Z-F");
        platform.sourceServer().kill();
        try {
            await().atMost(LONG).until(() -> !told(RegionFailedOver.class).isEmpty());
            failed = told(RegionFailedOver.class).getLast();
            assertThat(failed.store().value()).isEqualTo("primary");
            assertThat(failed.epoch()).isEqualTo(1);
            assertThat(failed.observers()).hasSize(1);
            // The writers have moved.
            meanwhile.putInto(platform.target());
            platform.publish(meanwhile.completed(platform.target()));
            wal.putSegment(platform.target(), 2, "two");
            assertThat(failback("away"))
                    .isInstanceOfSatisfying(
                            FailbackRefused.class,
                            refused -> assertThat(refused.reason()).contains("cannot be compared"));
        } finally {
            platform.sourceServer().start();
        }

        await().atMost(LONG).until(this::bothHoldTheSame);
        assertThat(keys(platform.source())).containsAll(meanwhile.keys());
        ObjectKey lacked = before.commit().parts().findFirst().orElseThrow().key();
        platform.source().delete(lacked);
        assertThat(failback("differs"))
                .isInstanceOfSatisfying(
                        FailbackRefused.class,
                        refused -> {
                            assertThat(refused.differences()).isPositive();
                            assertThat(refused.examples().toString()).contains(lacked.value());
                        });
        assertThat(told(RegionReturned.class)).isEmpty();

        before.put(platform.source(), lacked);
        assertThat(failback("same"))
                .isInstanceOfSatisfying(
                        RegionReturned.class,
                        returned -> {
                            assertThat(returned.epoch()).isEqualTo(failed.epoch() + 1);
                            assertThat(returned.objects())
                                    .isEqualTo(keys(platform.source()).size());
                        });
        await().atMost(LONG)
                .untilAsserted(() ->
                        assertThat(service.get("/metrics"))
                                .contains("cairn_region_active{store=\"primary\"} 1.0"));
    }

    /** Byte for byte. */
    private boolean bothHoldTheSame() {
        List<ObjectKey> keys = keys(platform.source());
        return keys.equals(keys(platform.target()))
                && keys.stream()
                        .allMatch(key ->
                                Arrays.equals(
                                        platform.source().read(key, 1 << 20),
                                        platform.target().read(key, 1 << 20)));
    }

    private RegionEvent failback(String request) {
        platform.publish(
                new FailbackRequested(new StoreName("primary"), request, "test", Instant.now()));
        return await().atMost(LONG)
                .until(
                        () ->
                                platform.events(Topics.REGIONS).stream()
                                        .map(RegionEvent.class::cast)
                                        .filter(event ->
                                                event instanceof FailbackRefused refused
                                                                && refused.request().equals(request)
                                                        || event instanceof RegionReturned returned
                                                                && returned.request()
                                                                        .equals(request))
                                        .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    private <E extends RegionEvent> List<E> told(Class<E> type) {
        return platform.events(Topics.REGIONS).stream()
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }

    /** Comparisons that another test asks for tell of every cluster. */
    private List<BackupReplicated> replicated() {
        return platform.events(Topics.REPLICATION, cluster).stream()
                .filter(BackupReplicated.class::isInstance)
                .map(BackupReplicated.class::cast)
                .toList();
    }

    /** A backup of a cluster that no other test uses. */
    private StoredBackup backup(String label) {
        cluster = platform.cluster();
        return StoredBackup.of(cluster, label);
    }

    private static Predicate<StoreRequest> puts(String key) {
        return StoreFault.on(StoreOperation.CREATE, key);
    }

    private List<ObjectKey> keys(ObjectStore store) {
        return store.list(cluster + "/").map(ObjectInfo::key).toList();
    }
}
