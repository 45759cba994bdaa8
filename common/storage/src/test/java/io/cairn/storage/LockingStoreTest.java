package io.cairn.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.ObjectLockMode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LockingStoreTest {

    private static final String ROOT = "shop/7412345678901234567/";
    private static final ObjectKey VOLUME =
            new ObjectKey(ROOT + "backups/20261122T020000Z-F/0123456789abcdef/base.tar/000000");
    private static final ObjectKey PIECE = new ObjectKey(ROOT + "pieces/00000001/0-1.gz.cms");
    private static final ObjectKey RECORD = new ObjectKey(ROOT + "records/copies/a.json");
    private static final ObjectKey OTHERS = new ObjectKey("blog/7412345678901234567/wal/1/a");

    private Instant now = Instant.parse("2026-11-22T02:00:00Z");
    private final FakeObjectStore fake = FakeObjectStore.locking("primary", () -> now);
    private final LockingStore store = new LockingStore(fake, LockingStoreTest::mode, () -> now);

    private static Optional<ObjectLockMode> mode(ObjectKey key) {
        return key.value().startsWith("shop/")
                ? Optional.of(ObjectLockMode.GOVERNANCE)
                : Optional.empty();
    }

    private static ObjectBody body(String text) {
        return ObjectBody.of(text.getBytes(StandardCharsets.UTF_8));
    }

    private Optional<Retention> lock(ObjectKey key) {
        return fake.head(key).orElseThrow().retention();
    }

    private Retention forThe(Duration time) {
        return new Retention(ObjectLockMode.GOVERNANCE, now.plus(time));
    }

    @Test
    void whatIsStoredIsLockedForDaysAndAPieceForOne() {
        store.putIfAbsent(VOLUME, body("volume")).orThrow();
        store.putIfAbsent(PIECE, body("piece")).orThrow();

        assertThat(lock(VOLUME)).contains(forThe(Duration.ofDays(3)));
        assertThat(lock(PIECE)).contains(forThe(Duration.ofDays(1)));
        assertThatThrownBy(() -> store.delete(VOLUME))
                .satisfies(ObjectStoreContract.error(ErrorCode.STORE_LOCKED));
    }

    @Test
    void recordsAndWhatThePolicyDoesNotLockAreNotLocked() {
        store.putIfAbsent(RECORD, body("record")).orThrow();
        store.putIfAbsent(OTHERS, body("segment")).orThrow();
        store.putIfAbsent(new ObjectKey(".cairn-probe/1/first"), body("probe")).orThrow();

        assertThat(lock(RECORD)).isEmpty();
        assertThat(lock(OTHERS)).isEmpty();
        assertThat(lock(new ObjectKey(".cairn-probe/1/first"))).isEmpty();
    }

    @Test
    void aCopyThatTheStoreMakesItselfIsLockedToo() {
        byte[] bytes = new byte[(int) ObjectStores.SERVER_SIDE_BYTES];
        FakeObjectStore source = FakeObjectStore.locking("secondary", () -> now);
        source.putIfAbsent(VOLUME, ObjectBody.of(bytes)).orThrow();
        fake.copyingByItself();

        ObjectStores.copy(
                        new LockingStore(source, LockingStoreTest::mode, () -> now),
                        new StoredObject(VOLUME, bytes.length, Sha256.of(bytes)),
                        store,
                        PutOptions.NONE)
                .orThrow();

        assertThat(fake.calls()).contains(new FakeObjectStore.Call("copyIfAbsent", VOLUME.value()));
        assertThat(lock(VOLUME)).contains(forThe(Duration.ofDays(3)));
    }

    @Test
    void whatIsRepairedStaysLockedAsLongAsItWas() {
        store.putIfAbsent(VOLUME, body("damaged")).orThrow();
        Retention extended = forThe(Duration.ofDays(92));
        store.retain(VOLUME, extended);

        store.replace(fake.head(VOLUME).orElseThrow(), body("whole"), PutOptions.NONE).orThrow();

        assertThat(lock(VOLUME)).contains(extended);
        now = now.plus(Duration.ofDays(91));
        store.replace(fake.head(VOLUME).orElseThrow(), body("better"), PutOptions.NONE).orThrow();
        assertThat(lock(VOLUME)).contains(forThe(Duration.ofDays(3)));
    }

    @Test
    void whatIsRepairedKeepsItsLegalHold() {
        store.putIfAbsent(VOLUME, body("damaged")).orThrow();
        store.hold(VOLUME, true);

        store.replace(fake.head(VOLUME).orElseThrow(), body("whole"), PutOptions.NONE).orThrow();

        assertThat(fake.held(VOLUME)).isTrue();
        assertThat(lock(VOLUME)).contains(forThe(Duration.ofDays(3)));
    }

    @Test
    void aCopyIsLockedAndHeldAsLongAsWhatItIsMadeFrom() {
        byte[] bytes = new byte[(int) ObjectStores.SERVER_SIDE_BYTES];
        FakeObjectStore source = FakeObjectStore.locking("secondary", () -> now);
        source.putIfAbsent(VOLUME, ObjectBody.of(bytes)).orThrow();
        source.putIfAbsent(PIECE, body("piece")).orThrow();
        Retention years = forThe(Duration.ofDays(900));
        source.retain(VOLUME, years);
        source.retain(PIECE, forThe(Duration.ofHours(1)));
        source.hold(VOLUME, true);

        for (boolean byItself : new boolean[] {false, true}) {
            if (byItself) {
                fake.copyingByItself();
            }
            StoredObject volume = new StoredObject(VOLUME, bytes.length, Sha256.of(bytes));
            ObjectStores.copy(source, volume, store, PutOptions.NONE).orThrow();

            assertThat(lock(VOLUME)).contains(years);
            assertThat(fake.held(VOLUME)).isTrue();
            fake.lose(VOLUME);
        }
        ObjectStores.copy(source, PIECE, store).orThrow();
        assertThat(lock(PIECE)).as("no shorter").contains(forThe(Duration.ofDays(1)));
    }

    @Test
    void aCopyWhoseOriginalsLockHasEndedIsMadeAllTheSame() {
        FakeObjectStore source = FakeObjectStore.locking("secondary", () -> now);
        source.putIfAbsent(
                        OTHERS,
                        body("segment"),
                        PutOptions.NONE.withRetention(forThe(Duration.ofDays(1))))
                .orThrow();
        now = now.plus(Duration.ofDays(2));

        ObjectStores.copy(source, OTHERS, store).orThrow();

        assertThat(lock(OTHERS)).isEmpty();
        FakeObjectStore plain = FakeObjectStore.plain("plain");
        source.hold(OTHERS, true);
        ObjectStores.copy(source, OTHERS, plain).orThrow();
        assertThat(plain.keys()).containsExactly(OTHERS);
    }

    @Test
    void storesNothingWithoutTheLockThatThePolicyAsksFor() {
        FakeObjectStore plain = FakeObjectStore.plain("plain");
        LockingStore unlocked = new LockingStore(plain, LockingStoreTest::mode, Instant::now);

        assertThatThrownBy(() -> unlocked.putIfAbsent(VOLUME, body("volume")))
                .satisfies(ObjectStoreContract.error(ErrorCode.STORE_NO_OBJECT_LOCK));
        assertThat(plain.keys()).isEmpty();
    }
}
