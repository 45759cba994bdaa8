package io.cairn.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cairn.model.ObjectKey;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.ObjectLockMode;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.ObjectStoreContract;
import io.cairn.storage.PutOptions;
import io.cairn.storage.Retention;
import io.cairn.storage.StoreProbe;
import io.cairn.storage.StoreProbe.LockLength;
import io.cairn.testing.s3.S3Simulator;
import io.cairn.testing.s3.SimulatedBucket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The S3 adapter against a server that enforces what s3proxy only lacks: locks and versions. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class S3SimulatorContractIT extends ObjectStoreContract {

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
    private S3Simulator server;
    private ObjectStore store;
    private ObjectStore sibling;

    @BeforeAll
    void start(@TempDir Path directory) {
        InstantSource clock = now::get;
        server = S3Simulator.start(clock);
        server.lockingBucket("bucket");
        server.lockingBucket("sibling");
        store = open(directory, "bucket");
        sibling = open(directory, "sibling");
    }

    private ObjectStore open(Path directory, String bucket) {
        return S3ObjectStore.open(
                StoreConfigs.of(server.endpoint(), directory, bucket, "AKIDSIMULATED", "secret"));
    }

    @Test
    void tellsTheTimeOfItsOwnClock() {
        pass(Duration.ofDays(3));
        ObjectKey key = new ObjectKey("clock/" + now.get().toEpochMilli());

        store.putIfAbsent(key, ObjectBody.of(new byte[1]));

        assertThat(store.head(key).orElseThrow().lastModified())
                .isCloseTo(now.get(), within(1, ChronoUnit.SECONDS));
    }

    @Test
    void theLongestLockOfABucketIsFoundWithoutLockingAnything(@TempDir Path directory) {
        SimulatedBucket bucket = server.lockingBucket("limited");
        try (ObjectStore limited = open(directory, "limited")) {
            long changes = bucket.changes();

            assertThat(lockLength(limited, 92)).isInstanceOf(LockLength.Allowed.class);
            bucket.limitLocks(Optional.of(Duration.ofDays(31)));
            assertThat(lockLength(limited, 31)).isInstanceOf(LockLength.Allowed.class);
            assertThat(lockLength(limited, 92))
                    .isInstanceOfSatisfying(
                            LockLength.AtMost.class,
                            found -> {
                                assertThat(found.longest()).isEqualTo(Duration.ofDays(31));
                                assertThat(found.refusal())
                                        .hasMessageContaining("compliance lock until ");
                                assertThat(found.refusal().hint().orElse(""))
                                        .contains("s3:object-lock-remaining-retention-days");
                            });
            bucket.limitLocks(Optional.of(Duration.ofHours(5)));
            assertThat(lockLength(limited, 92)).isInstanceOf(LockLength.Untold.class);
            assertThat(bucket.changes()).isEqualTo(changes);

            ObjectKey key = new ObjectKey("shop/refused");
            Retention retention =
                    new Retention(ObjectLockMode.COMPLIANCE, now.get().plus(Duration.ofDays(3)));
            assertThatThrownBy(() ->
                            limited.putIfAbsent(
                                    key,
                                    ObjectBody.of(new byte[1]),
                                    PutOptions.NONE.withRetention(retention)))
                    .isInstanceOfSatisfying(
                            CairnException.class,
                            e -> {
                                assertThat(e.code()).isEqualTo(ErrorCode.STORE_ACCESS_DENIED);
                                assertThat(e.hint().orElse(""))
                                        .contains("the bucket allows no lock that long");
                            });
            assertThat(bucket.keys()).isEmpty();
        }
    }

    private LockLength lockLength(ObjectStore limited, int days) {
        return StoreProbe.lockLength(
                limited, ObjectLockMode.COMPLIANCE, Duration.ofDays(days), now::get);
    }

    @AfterAll
    void stop() {
        store.close();
        sibling.close();
        server.close();
    }

    @Override
    protected ObjectStore store() {
        return store;
    }

    @Override
    protected boolean hasObjectLock() {
        return true;
    }

    @Override
    protected boolean hasTags() {
        return true;
    }

    @Override
    protected boolean hasArchive() {
        return true;
    }

    @Override
    protected Optional<ObjectStore> sibling() {
        return Optional.of(sibling);
    }

    @Override
    protected boolean verifiesDigests() {
        return true;
    }

    @Override
    protected Instant now() {
        return now.get();
    }

    @Override
    protected void pass(Duration time) {
        now.updateAndGet(instant -> instant.plus(time));
    }
}
