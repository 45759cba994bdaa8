package io.cairn.catalog.lock;

import static io.cairn.catalog.lock.StoredChain.FULL;
import static io.cairn.catalog.lock.StoredChain.ROOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.catalog.hold.LegalHolds;
import io.cairn.config.StoreConfig;
import io.cairn.events.BackupLocked;
import io.cairn.events.CairnEvent;
import io.cairn.events.LegalHoldPlaced;
import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.ObjectLockMode;
import io.cairn.model.policy.RunPolicy;
import io.cairn.model.policy.TierPolicy;
import io.cairn.model.policy.WalPolicy;
import io.cairn.storage.LockingStore;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.StoreProbe;
import io.cairn.storage.s3.S3ObjectStore;
import io.cairn.storage.s3.StoreConfigs;
import io.cairn.testing.s3.S3Simulator;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Locks and holds over HTTP, in a bucket that enforces them, and in one that cannot. */
class LocksAndHoldsIT {

    private static final String HOLD = "0123456789abcdef0123456789abcdef";

    private final AtomicReference<Instant> now =
            new AtomicReference<>(Instant.now().truncatedTo(ChronoUnit.SECONDS));
    private final List<CairnEvent> told = new ArrayList<>();

    @Test
    void aCompleteBackupIsLockedHeldAndLetGoAgain(@TempDir Path directory) {
        try (S3Simulator server = S3Simulator.start(now::get)) {
            server.lockingBucket("bucket");
            StoreConfig config =
                    StoreConfigs.of(
                            server.endpoint(), directory, "bucket", "AKIDSIMULATED", "secret");
            try (ObjectStore bucket = S3ObjectStore.open(config)) {
                // Its labels are of a day of 2026; the clock goes on from there.
                now.set(FULL.due().plus(Duration.ofHours(2)));
                StoredChain.putAll(
                        new LockingStore(
                                bucket, _ -> Optional.of(ObjectLockMode.COMPLIANCE), now::get));
                ObjectKey segment = StoredChain.segment(3);
                assertThat(bucket.retention(segment).orElseThrow().until())
                        .isEqualTo(now.get().plus(LockingStore.FIRST));

                assertThat(round(bucket).run().failures()).isEmpty();

                Instant until = FULL.due().plus(Duration.ofDays(32));
                assertThat(told)
                        .singleElement()
                        .isInstanceOfSatisfying(
                                BackupLocked.class,
                                event -> assertThat(event.until()).isEqualTo(until));
                for (ObjectKey key : StoredChain.needed(FULL)) {
                    assertThat(bucket.retention(key).orElseThrow().until()).isEqualTo(until);
                    refused(bucket, key);
                }
                LegalHolds holds = holds(bucket);
                holds.place(Optional.empty(), FULL, HOLD, "case 2026-17", "alice@desk");
                assertThat(holds.round().pending()).isZero();
                assertThat(((LegalHoldPlaced) told.getLast()).enforced()).isTrue();

                now.set(until.plusSeconds(1));
                refused(bucket, segment);
                holds.release(HOLD, "case closed", "bob@desk");
                assertThat(holds.round().pending()).isZero();
                StoredChain.needed(FULL).forEach(bucket::delete);

                assertThat(bucket.list(StoredChain.layout(FULL).prefix())).isEmpty();
            }
        }
    }

    private static void refused(ObjectStore bucket, ObjectKey key) {
        assertThatThrownBy(() -> bucket.delete(key))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_LOCKED));
    }

    @Test
    void nothingIsStoredUnlockedNorCalledLockedWhereThereIsNoObjectLock(@TempDir Path directory) {
        try (S3Simulator server = S3Simulator.start(now::get)) {
            server.plainBucket("bucket");
            StoreConfig config =
                    StoreConfigs.of(
                            server.endpoint(), directory, "bucket", "AKIDSIMULATED", "secret");
            try (ObjectStore bucket = S3ObjectStore.open(config)) {
                now.set(FULL.due().plus(Duration.ofHours(2)));
                LockingStore locking =
                        new LockingStore(
                                bucket, _ -> Optional.of(ObjectLockMode.GOVERNANCE), now::get);

                assertThatThrownBy(() -> StoredChain.putAll(locking))
                        .isInstanceOfSatisfying(
                                CairnException.class,
                                e -> {
                                    assertThat(e.code()).isEqualTo(ErrorCode.STORE_NO_OBJECT_LOCK);
                                    assertThat(e.hint()).isPresent();
                                });
                assertThat(bucket.list(ROOT.prefix())).isEmpty();
                StoredChain.putAll(bucket);

                LockRound.Report report = round(bucket).run();

                assertThat(report.missing()).containsOnlyKeys(bucket.name());
                assertThat(told).isEmpty();
                LegalHolds holds = holds(bucket);
                holds.place(Optional.empty(), FULL, HOLD, "case 2026-17", "alice@desk");
                assertThat(holds.round().pending()).isZero();
                assertThat(((LegalHoldPlaced) told.getLast()).enforced()).isFalse();
            }
        }
    }

    private LockRound round(ObjectStore bucket) {
        RunPolicy run =
                new RunPolicy(
                        Duration.ofDays(30),
                        Duration.ofMinutes(15),
                        Duration.ofMinutes(15),
                        List.of(bucket.name()),
                        6,
                        RunPolicy.VOLUME_BYTES_DEFAULT);
        TierPolicy policy =
                new TierPolicy(
                        Tier.OLTP,
                        run.retention(),
                        run,
                        List.of(),
                        WalPolicy.of(Tier.OLTP),
                        Optional.of(ObjectLockMode.COMPLIANCE));
        return new LockRound(
                List.of(policy),
                _ -> bucket,
                _ -> List.of(StoredChain.candidate(FULL, bucket.name())),
                store ->
                        StoreProbe.objectLock(
                                store,
                                new Random(1),
                                pause -> now.updateAndGet(time -> time.plus(pause))),
                told::add,
                now::get,
                LockRound.Limits.DEFAULT);
    }

    private LegalHolds holds(ObjectStore bucket) {
        SequencedMap<ClusterName, List<StoreName>> clusters = new LinkedHashMap<>();
        clusters.put(ROOT.cluster(), List.of(bucket.name()));
        return new LegalHolds(clusters, _ -> bucket, told::add, now::get, 8);
    }
}
