package io.cairn.replication.wal;

import static io.cairn.replication.TestWal.SENT;
import static io.cairn.replication.TestWal.SESSION;
import static io.cairn.replication.TestWal.metadata;
import static io.cairn.replication.TestWal.put;
import static io.cairn.replication.TestWal.range;
import static io.cairn.replication.TestWal.segment;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cairn.events.EventEnvelope;
import io.cairn.events.WalArchived;
import io.cairn.events.WalGapCause;
import io.cairn.events.WalGapDetected;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.Timeline;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.WalFolder;
import io.cairn.model.wal.WalLayout;
import io.cairn.replication.Fakes;
import io.cairn.replication.StoredBackup;
import io.cairn.replication.TestWal;
import io.cairn.replication.copy.CopyMeters;
import io.cairn.replication.copy.Patience;
import io.cairn.replication.lag.LagTracker;
import io.cairn.replication.route.Copy;
import io.cairn.replication.route.StorePair;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectInfo;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PairCopiesTest {

    private static final TestWal WAL = TestWal.of("shop");
    private static final ClusterName SHOP = WAL.cluster();
    private static final WalLayout LAYOUT = WAL.layout();
    private static final WalFolder FOLDER = WAL.folder();
    private static final Duration NEVER = Duration.ofHours(1);

    private final FakeObjectStore primary = FakeObjectStore.plain("primary");
    private final FakeObjectStore secondary = FakeObjectStore.plain("secondary");
    private final Fakes.Publisher events = new Fakes.Publisher();
    private final LagTracker lag = new LagTracker();
    private final StorePair pair = new StorePair(SHOP, Tier.OLTP, primary.name(), secondary.name());
    private Optional<Thread> running = Optional.empty();
    private volatile Instant now = Instant.EPOCH;

    @AfterEach
    void stop() throws InterruptedException {
        running.ifPresent(Thread::interrupt);
        if (running.isPresent()) {
            running.get().join();
        }
    }

    @Test
    void copiesEveryKindOfObjectWithItsMetadataAndKeysFirst() {
        WAL.putSession(primary);
        WAL.putSegment(primary, 1, "one");
        WAL.putSegment(primary, 2, "two");
        put(primary, LAYOUT.history(new Timeline(2)), "history");
        put(primary, LAYOUT.partial(segment(3)), "partial");
        put(primary, FOLDER.diverged(SESSION).segment(segment(2)), "other");
        WAL.putPiece(primary, "0/3000000", "0/3000100");

        start(Duration.ofMillis(20));

        untilSame();
        assertThat(secondary.head(FOLDER.segment(segment(1))).orElseThrow().metadata())
                .isEqualTo(metadata("one"));
        assertThat(secondary.calls())
                .filteredOn(call -> call.method().equals("putIfAbsent"))
                .first()
                .satisfies(call -> assertThat(call.key()).contains("/keys/wal/"));
        assertThat(lag("secondary")).isZero();
    }

    @Test
    void whatOnlyTheSecondHasFlowsToTheFirst() {
        WAL.putSegment(primary, 1, "one");
        WAL.putSegment(secondary, 2, "two");
        WAL.putPiece(secondary, "0/3000000", "0/3000100");

        start(Duration.ofMillis(20));

        untilSame();
        assertThat(primary.keys()).hasSize(3);
    }

    @Test
    void backupsRecordsAndForeignObjectsAreNotTouched() {
        StoredBackup.of("shop", "20261122T020000Z-F").putInto(primary);
        put(primary, new ObjectKey(LAYOUT.root().prefix() + "wal/readme"), "hello");
        put(primary, new ObjectKey(LAYOUT.root().prefix() + "records/x/y/z.json"), "{}");
        WAL.putSegment(primary, 1, "one");

        start(Duration.ofMillis(20));

        await().untilAsserted(() -> assertThat(secondary.keys()).isNotEmpty());
        await().pollDelay(Duration.ofMillis(100))
                .untilAsserted(() ->
                        assertThat(secondary.keys()).containsExactly(FOLDER.segment(segment(1))));
    }

    @Test
    void whatComesOutOfOrderIsCopiedTooAndWhatIsThereIsNotReadAgain() {
        WAL.putSegment(primary, 1, "one");
        WAL.putSegment(primary, 3, "three");
        start(Duration.ofMillis(20));
        untilSame();

        WAL.putSegment(primary, 2, "two");
        WAL.putSegment(primary, 4, "four");

        untilSame();
        assertThat(primary.calls())
                .filteredOn(call -> call.method().equals("get"))
                .hasSize(4)
                .doesNotHaveDuplicates();
    }

    @Test
    void moreThanABatchIsCopiedInBoundedMemory() {
        for (int number = 1; number <= 2100; number++) {
            WAL.putSegment(primary, number, "segment " + number);
        }

        start(Duration.ofMillis(20));

        untilSame();
        assertThat(lag("secondary")).isZero();
    }

    @Test
    void piecesAreNotCopiedWhereTheirSegmentIs() {
        StoredBackup.of("shop", "20261122T020000Z-F").putInto(primary);
        WAL.putPiece(primary, "0/1000000", "0/1000100");
        WAL.putPiece(primary, "0/1000100", "0/1000200");
        WAL.putSegment(primary, 1, "one");
        WAL.putPiece(primary, "0/2000000", "0/2000100");

        start(Duration.ofMillis(20));

        await().untilAsserted(() ->
                assertThat(secondary.keys())
                        .containsExactly(
                                FOLDER.piece(range("0/2000000", "0/2000100")),
                                FOLDER.segment(segment(1))));
        await().untilAsserted(() -> assertThat(lag("secondary")).isZero());
    }

    @Test
    void aTargetThatIsAwayMakesTheLagGrowAndIsDrainedWhenItIsBack() {
        WAL.putSegment(primary, 1, "one");
        start(Duration.ofMillis(20));
        untilSame();

        secondary.failAlways(ErrorCode.STORE_UNREACHABLE);
        WAL.putSegment(primary, 2, "two");
        WAL.putSegment(primary, 3, "three");

        await().untilAsserted(() -> assertThat(lag("secondary")).isPositive());
        Duration before = lag("secondary");
        await().untilAsserted(() -> assertThat(lag("secondary")).isGreaterThan(before));
        assertThat(lag("primary")).isZero();
        secondary.heal();

        untilSame();
        await().untilAsserted(() -> assertThat(lag("secondary")).isZero());
    }

    @Test
    void aTargetThatIsAwayFromTheStartCountsAsBehindFromThen() {
        WAL.putSegment(primary, 1, "one");
        secondary.failAlways(ErrorCode.STORE_UNREACHABLE);

        start(Duration.ofMillis(20));

        await().untilAsserted(() -> assertThat(lag("secondary")).isPositive());
        assertThat(lag("primary")).isZero();
        secondary.heal();
        untilSame();
        await().untilAsserted(() -> assertThat(lag("secondary")).isZero());
    }

    @Test
    void everyCallMayFailOnceAndEverythingArrives() {
        WAL.putSession(primary);
        for (int number = 1; number <= 20; number++) {
            WAL.putSegment(primary, number, "segment " + number);
        }
        for (int call = 1; call <= 60; call += 3) {
            secondary.failAt(call, ErrorCode.STORE_UNAVAILABLE);
        }
        secondary.loseAnswerAt(5);

        start(Duration.ofMillis(20));

        untilSame();
        assertThat(events.published()).isEmpty();
    }

    @Test
    void anErrorEndsARoundAndNotWhatLooksAgain() {
        WAL.putSession(primary);
        WAL.putSegment(primary, 1, "one");
        for (int call = 1; call <= 9; call += 2) {
            secondary.before(
                    call,
                    () -> {
                        throw new OutOfMemoryError("of this test");
                    });
        }

        start(Duration.ofMillis(20));

        untilSame();
    }

    @Test
    void somethingElseUnderTheNameIsToldAndNeverOverwritten() {
        WAL.putSegment(primary, 1, "one");
        WAL.putSegment(primary, 2, "two");
        ObjectKey key = FOLDER.segment(segment(1));
        StoredBackup.of("shop", "20261122T020000Z-F").putInto(primary);
        put(secondary, key, "something else");

        start(Duration.ofMillis(20));

        await().untilAsserted(() ->
                assertThat(events.published())
                        .singleElement()
                        .isInstanceOfSatisfying(
                                WalGapDetected.class,
                                gap -> {
                                    assertThat(gap.cause()).isEqualTo(WalGapCause.NOT_COPIED);
                                    assertThat(gap.store()).isEqualTo(secondary.name());
                                    assertThat(gap.from()).isEqualTo(Lsn.parse("0/1000000"));
                                    assertThat(gap.until()).contains(Lsn.parse("0/2000000"));
                                    assertThat(gap.reason()).contains(key.value());
                                }));
        await().untilAsserted(
                        () -> assertThat(secondary.head(FOLDER.segment(segment(2)))).isPresent());
        assertThat(secondary.read(key, 100)).isEqualTo("something else".getBytes(UTF_8));
        assertThat(primary.read(key, 100)).isEqualTo("one".getBytes(UTF_8));
        assertThat(lag("secondary")).isPositive();
    }

    @Test
    void theSameWalUnderAnotherSessionsKeyIsNoDifference() {
        put(primary, FOLDER.segment(segment(1)), "sealed by one", metadata("same"));
        put(secondary, FOLDER.segment(segment(1)), "sealed by the other one", metadata("same"));
        WAL.putSegment(primary, 2, "two");

        start(Duration.ofMillis(20));

        await().untilAsserted(
                        () -> assertThat(secondary.head(FOLDER.segment(segment(2)))).isPresent());
        await().untilAsserted(() -> assertThat(lag("secondary")).isZero());
        assertThat(events.published()).isEmpty();
    }

    @Test
    void aDamagedObjectIsNotCopiedAndTold() {
        StoredBackup.of("shop", "20261122T020000Z-F").putInto(primary);
        WAL.putSegment(primary, 1, "one");
        primary.damage(FOLDER.segment(segment(1)), bytes -> "two".getBytes(UTF_8));

        start(Duration.ofMillis(20));

        await().untilAsserted(() ->
                assertThat(events.published()).singleElement().isInstanceOf(WalGapDetected.class));
        assertThat(secondary.keys()).isEmpty();
    }

    @Test
    void anEventWakesItAndTellsOfTheOtherStore() {
        PairCopies copies = start(NEVER);
        await().untilAsserted(() -> assertThat(secondary.calls()).isNotEmpty());
        WAL.putSegment(primary, 1, "one");

        tell(copies, archived("0/2000000", SENT));

        await().untilAsserted(() ->
                assertThat(events.published())
                        .singleElement()
                        .isInstanceOfSatisfying(
                                WalArchived.class,
                                told -> {
                                    assertThat(told.store()).isEqualTo(secondary.name());
                                    assertThat(told.start()).isEqualTo(Lsn.parse("0/1000000"));
                                    assertThat(told.end()).isEqualTo(Lsn.parse("0/2000000"));
                                    assertThat(told.recoverableUntil()).contains(SENT);
                                }));
        assertThat(secondary.keys()).containsExactly(FOLDER.segment(segment(1)));
    }

    @Test
    void ofAnIdleClusterOnlyTheTimeIsToldAndNothingIsListed() {
        PairCopies copies = start(NEVER);
        WAL.putSegment(primary, 1, "one");
        tell(copies, archived("0/2000000", SENT));
        await().untilAsserted(() -> assertThat(events.published()).hasSize(1));
        int calls = primary.calls().size() + secondary.calls().size();

        tell(copies, archived("0/2000000", SENT.plusSeconds(5)));

        await().untilAsserted(() ->
                assertThat(events.published())
                        .hasSize(2)
                        .last()
                        .isInstanceOfSatisfying(
                                WalArchived.class,
                                told ->
                                        assertThat(told.recoverableUntil())
                                                .contains(SENT.plusSeconds(5))));
        assertThat(primary.calls().size() + secondary.calls().size()).isEqualTo(calls);
    }

    @Test
    void itsOwnEventsAreNoNews() {
        PairCopies copies = start(NEVER);
        WAL.putSegment(primary, 1, "one");
        tell(copies, archived("0/2000000", SENT));
        await().untilAsserted(() -> assertThat(events.published()).hasSize(1));

        WalArchived own = (WalArchived) events.published().getFirst();
        tell(copies, own);
        tell(copies, archived("0/2000000", SENT));
        tell(copies, archived("0/2000000", SENT.plusSeconds(1)));

        await().untilAsserted(() -> assertThat(events.published()).hasSize(2));
    }

    @Test
    void nothingIsToldOfAStoreWithAHole() {
        StoredBackup.of("shop", "20261122T020000Z-F").putInto(primary);
        put(secondary, FOLDER.segment(segment(1)), "something else");
        WAL.putSegment(primary, 1, "one");
        WAL.putSegment(primary, 2, "two");
        PairCopies copies = start(NEVER);

        tell(copies, archived("0/3000000", SENT));

        await().untilAsserted(
                        () -> assertThat(secondary.head(FOLDER.segment(segment(2)))).isPresent());
        await().untilAsserted(() -> assertThat(events.published()).isNotEmpty());
        assertThat(events.published()).hasOnlyElementsOfType(WalGapDetected.class);
    }

    @Test
    void aStoreThatIsAwayFromTheStartIsBehindSinceTheOldestWalThatIsNotKnownToBeThere() {
        now = Instant.now().minus(Duration.ofHours(2));
        FakeObjectStore there = FakeObjectStore.locking("primary", () -> now);
        StoredBackup known = StoredBackup.of("shop", "20261122T020000Z-F").putInto(there);
        WAL.putSegment(there, 2, "copied");
        now = now.plus(Duration.ofMinutes(10));
        known.putReplicated(there, there.name(), secondary.name());
        now = now.plus(Duration.ofMinutes(30));
        WAL.putSegment(there, 3, "not copied");
        secondary.failAlways(ErrorCode.STORE_UNREACHABLE);

        start(there, Duration.ofMillis(20));

        await().untilAsserted(() ->
                assertThat(lag("secondary"))
                        .isBetween(Duration.ofMinutes(79), Duration.ofMinutes(82)));
        secondary.heal();
        await().untilAsserted(() -> assertThat(lag("secondary")).isZero());
    }

    private PairCopies start(Duration every) {
        return start(primary, every);
    }

    private PairCopies start(FakeObjectStore primary, Duration every) {
        RootCopies.Ways ways = new RootCopies.Ways(way(primary), way(secondary), 4);
        PairCopies copies =
                new PairCopies(
                        pair,
                        ways,
                        new Patience(Duration.ofMillis(10), Duration.ofMillis(20)),
                        new Limits(every),
                        new PairCopies.Telling(events, lag, InstantSource.system()));
        running = Optional.of(Thread.ofVirtual().start(copies));
        return copies;
    }

    private record Limits(Duration every) implements WalCopySettings {

        @Override
        public int parallel() {
            return 4;
        }

        @Override
        public Duration compareEvery() {
            return Duration.ofHours(1);
        }
    }

    private static RootCopies.Way way(FakeObjectStore store) {
        return new RootCopies.Way(
                new WalObjects(store, 4), new CopyMeters(new SimpleMeterRegistry(), store.name()));
    }

    private static void tell(PairCopies copies, WalArchived event) {
        copies.stored(event, EventEnvelope.of(event, "/test", Instant.now()));
    }

    private WalArchived archived(String end, Instant until) {
        return WAL.archived(primary.name(), end, until);
    }

    private void untilSame() {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(walOf(secondary)).isEqualTo(walOf(primary)));
    }

    private static List<String> walOf(FakeObjectStore store) {
        return store.list(LAYOUT.root().prefix())
                .map(ObjectInfo::toString)
                .map(PairCopiesTest::untimed)
                .toList();
    }

    private static String untimed(String info) {
        return info.replaceAll("(lastModified|etag)=[^,]*,", "");
    }

    private Duration lag(String store) {
        return lag.lag(new Copy(SHOP, new StoreName(store)), Instant.now().plusMillis(1));
    }
}
