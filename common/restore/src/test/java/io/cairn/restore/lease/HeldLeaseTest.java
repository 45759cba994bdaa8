package io.cairn.restore.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.model.Sha256;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.record.ReadLease;
import io.cairn.model.record.Tombstone;
import io.cairn.restore.backup.BackupLister;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.fixture.SyntheticBackup;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.restore.plan.BackupSelection;
import io.cairn.restore.plan.RestorePlan;
import io.cairn.restore.plan.RestorePlanner;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectInfo;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeldLeaseTest {

    private static final TestKeys KEYS = TestKeys.create();
    private static final ClusterRoot ROOT =
            new ClusterRoot(SyntheticBackup.CLUSTER, SyntheticBackup.SYSTEM);
    private static final HeldLease.Reader READER =
            new HeldLease.Reader(ReadLease.Purpose.RESTORE, "kim@desk");
    private static final Duration NEVER = Duration.ofDays(1);

    @TempDir private Path temporary;

    private final FakeObjectStore primary = FakeObjectStore.plain("primary");
    private final FakeObjectStore secondary = FakeObjectStore.plain("secondary");
    private final CommitObject full = new SyntheticBackup().storeIn(primary, KEYS);
    private final CommitObject incremental =
            new SyntheticBackup()
                    .labelled("20261122T030000Z-I")
                    .onTopOf(full)
                    .storeIn(primary, KEYS);
    private final List<String> problems = new CopyOnWriteArrayList<>();
    private final AtomicLong seconds = new AtomicLong();

    private RestorePlan plan() {
        return new RestorePlanner(
                        new BackupLister(
                                List.of(
                                        new BackupReader(primary, KEYS.trustAnchor()),
                                        new BackupReader(secondary, KEYS.trustAnchor()))),
                        KEYS.recipient(),
                        GzipCodec.zlib())
                .plan(
                        SyntheticBackup.request(
                                new BackupSelection.Labelled(incremental.label()),
                                temporary.resolve("data")));
    }

    private HeldLease lease(RestorePlan plan, Duration renewal) {
        return HeldLease.on(
                plan,
                Optional.empty(),
                READER,
                () -> Instant.parse("2026-11-22T04:00:00Z").plusSeconds(seconds.getAndIncrement()),
                new Random(1),
                problems::add,
                renewal);
    }

    private static List<ReadLease> leases(FakeObjectStore store) {
        return store.list(ReadLease.prefix(ROOT))
                .map(ObjectInfo::key)
                .map(key -> ReadLease.fromJson(store.read(key, ReadLease.BYTES_MAX), key.value()))
                .toList();
    }

    @Test
    void theWholeChainIsLeasedAndAgainAsLongAsItIsRead() {
        try (HeldLease _ = lease(plan(), Duration.ofMillis(5))) {
            Awaitility.await().until(() -> leases(primary).size() >= 3);
        }

        List<ReadLease> written = leases(primary);
        assertThat(written)
                .allSatisfy(lease -> {
                    assertThat(lease.labels()).containsExactly(full.label(), incremental.label());
                    assertThat(lease.purpose()).isEqualTo(ReadLease.Purpose.RESTORE);
                    assertThat(lease.by()).isEqualTo("kim@desk");
                    assertThat(lease.walFrom()).isEmpty();
                });
        assertThat(written).extracting(ReadLease::id).containsOnly(written.getFirst().id());
        assertThat(leases(primary)).hasSameSizeAs(written);
        assertThat(problems).isEmpty();
    }

    @Test
    void whatHasExpiredSinceThePlanWasMadeIsNotRead() {
        RestorePlan plan = plan();
        Tombstone tombstone =
                new Tombstone(full.label(), Instant.EPOCH, "old", Sha256.of(new byte[0]));
        primary.putIfAbsent(tombstone.key(ROOT), ObjectBody.of(tombstone.toJson())).orThrow();

        assertThatThrownBy(() -> lease(plan, NEVER))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.BACKUP_NOT_FOUND))
                .hasMessageContaining(full.label().value());
    }

    @Test
    void aStoreThatTakesNoLeaseKeepsNobodyFromRestoring() {
        RestorePlan plan = plan();
        primary.failAlways(ErrorCode.STORE_ACCESS_DENIED);
        secondary.failAlways(ErrorCode.STORE_ACCESS_DENIED);

        lease(plan, NEVER).close();

        assertThat(problems).singleElement().asString().contains("may expire meanwhile");
    }
}
