package io.cairn.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cairn.model.ObjectKey;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.ObjectStoreContract;
import io.cairn.testing.s3.S3Simulator;
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
