package io.cairn.replication.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cairn.config.CairnConfig;
import io.cairn.config.ClusterConfig;
import io.cairn.events.CairnEvent;
import io.cairn.events.SyncValidated;
import io.cairn.events.ValidationFailed;
import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.replication.Fakes;
import io.cairn.replication.StoredBackup;
import io.cairn.storage.FakeObjectStore;
import io.cairn.sync.SyncLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SyncValidationTest {

    private static final StoredBackup BACKUP = StoredBackup.of("shop", "20261122T020000Z-F");
    private static final ObjectKey VOLUME = BACKUP.keysBeforeCommit().getFirst();

    private Instant now = Instant.parse("2026-11-22T10:00:00Z");
    private final FakeObjectStore primary = FakeObjectStore.locking("primary", () -> now);
    private final FakeObjectStore secondary = FakeObjectStore.locking("secondary", () -> now);
    private final FakeObjectStore archive = FakeObjectStore.locking("archive", () -> now);
    private final Fakes.Publisher events = new Fakes.Publisher();
    private final CairnConfig config = Fakes.config();
    private final SyncValidation validation =
            new SyncValidation(
                    config,
                    Fakes.stores(primary, secondary, archive),
                    events,
                    new SyncValidation.Schedule(30, 14, 7),
                    new SyncLimits(2, 2, Duration.ofMillis(1), Duration.ofMinutes(10)),
                    () -> now);
    private final ClusterConfig shop = config.cluster(new ClusterName("shop"));

    @Test
    void everyClusterThatIsKeptInSeveralStoresIsCompared() {
        assertThat(validation.clusters())
                .extracting(cluster -> cluster.name().value())
                .containsExactly("shop", "mail");
    }

    @Test
    void whatWasRepairedIsTold() throws Exception {
        BACKUP.putInto(primary).putInto(secondary);
        secondary.damage(VOLUME, bytes -> new byte[bytes.length]);

        validation.compareAll(shop, Optional.empty());

        assertThat(events.published())
                .singleElement()
                .isInstanceOfSatisfying(
                        SyncValidated.class,
                        told -> {
                            assertThat(told.whole()).isTrue();
                            assertThat(told.repaired()).isEqualTo(1);
                            assertThat(told.wrong()).isEmpty();
                            assertThat(told.stores())
                                    .containsExactly(primary.name(), secondary.name());
                        });
        assertThat(secondary.read(VOLUME, 1 << 20)).isEqualTo(BACKUP.bytes(VOLUME));
    }

    @Test
    void aBackupThatNoStoreHasWholeIsToldOfEachOfThem() throws Exception {
        BACKUP.putInto(primary).putInto(secondary);
        primary.damage(VOLUME, bytes -> new byte[bytes.length]);
        secondary.damage(VOLUME, bytes -> new byte[1]);

        validation.compareAll(shop, Optional.empty());

        assertThat(events.published())
                .filteredOn(ValidationFailed.class::isInstance)
                .extracting(event -> ((ValidationFailed) event).store())
                .containsExactlyInAnyOrder(primary.name(), secondary.name());
        assertThat(events.published().getLast())
                .isInstanceOfSatisfying(
                        SyncValidated.class,
                        told -> {
                            assertThat(told.lost()).isEqualTo(1);
                            assertThat(told.wrong()).containsExactly(VOLUME);
                        });
    }

    @Test
    void inTheTimeThatTheBudgetNamesEveryDamageIsFound() throws Exception {
        BACKUP.putInto(primary).putInto(secondary);
        BACKUP.keys().forEach(key -> secondary.damage(key, SyncValidationTest::flipFirst));
        Set<ObjectKey> repaired = new HashSet<>();

        for (int week = 0; week < 5; week++) {
            validation
                    .compare(shop, now, Optional.empty())
                    .differences()
                    .forEach(difference -> repaired.add(difference.key()));
            now = now.plus(Duration.ofDays(7));
        }

        assertThat(repaired).containsExactlyInAnyOrderElementsOf(BACKUP.keys());
        BACKUP.keys()
                .forEach(key ->
                        assertThat(secondary.read(key, 1 << 20)).isEqualTo(BACKUP.bytes(key)));
    }

    @Test
    void nothingIsToldWhereAStoreIsAway() {
        BACKUP.putInto(primary);
        secondary.failAlways(ErrorCode.STORE_UNREACHABLE);

        assertThatExceptionOfType(CairnException.class)
                .isThrownBy(() -> validation.compareAll(shop, Optional.empty()));
        List<CairnEvent> told = events.published();
        assertThat(told).isEmpty();
    }

    private static byte[] flipFirst(byte[] bytes) {
        bytes[0] ^= 1;
        return bytes;
    }
}
