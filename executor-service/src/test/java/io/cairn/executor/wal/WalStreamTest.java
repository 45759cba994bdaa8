package io.cairn.executor.wal;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.cairn.events.BackupRequested;
import io.cairn.events.RegionFailedOver;
import io.cairn.events.RegionReturned;
import io.cairn.events.TimelineSwitched;
import io.cairn.events.WalArchived;
import io.cairn.events.WalGapCause;
import io.cairn.events.WalGapDetected;
import io.cairn.events.region.Regions;
import io.cairn.model.BackupKind;
import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.WalPolicy;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.StoredWal;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.ObjectStores;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Streams from a server and into a store that fail on demand. */
@Timeout(60)
class WalStreamTest {

    private static final int SEGMENT = FakeWalServer.SIZE.bytes();
    private static final Timeline ONE = new Timeline(1);
    private static final Timeline TWO = new Timeline(2);
    private static final Lsn BEGIN = new Lsn(3L * SEGMENT);

    private final FakeWalServer server = new FakeWalServer();
    private final FakeObjectStore store = FakeObjectStore.plain("primary");
    private final FakeObjectStore secondary = FakeObjectStore.plain("secondary");
    private @Nullable WalRig rig;

    /** Most of what is waited for takes milliseconds. */
    @BeforeAll
    static void lookOften() {
        Awaitility.setDefaultPollInterval(ofMillis(10));
    }

    @AfterAll
    static void lookAsUsual() {
        Awaitility.reset();
    }

    @AfterEach
    void end() {
        if (rig != null) {
            rig.close();
        }
    }

    private WalRig rig(WalPolicy policy, ObjectStore... stores) {
        WalRig made = new WalRig(server, policy, WalRig.FAST, stores);
        rig = made;
        return made;
    }

    private WalRig stream(WalPolicy policy) {
        WalRig made = rig(policy, store);
        made.start();
        return made;
    }

    @Test
    void whatIsStoredIsTheServersWalByteForByte() {
        WalRig rig = stream(WalRig.SOON);
        server.write(3L * SEGMENT + 12345);
        awaitStored(server.end());
        server.write(100);
        awaitStored(server.end());

        assertStored(rig, ONE, BEGIN, server.end());
        assertThat(rig.reader(store, server.system()).listed())
                .filteredOn(StoredWal.Segment.class::isInstance)
                .hasSize(3);
    }

    @Test
    void aPieceIsStoredWhenItIsLargeEnough() {
        stream(new WalPolicy(Duration.ofHours(1), 200 << 10, false));
        server.write(150 << 10);
        await().until(server::isStreaming);
        await().during(ofMillis(300)).until(() -> server.acknowledged().equals(BEGIN));

        server.write(100 << 10);

        await().untilAsserted(() ->
                assertThat(server.acknowledged().minus(BEGIN)).isGreaterThan(200 << 10));
    }

    @Test
    void nothingIsAcknowledgedThatIsNotInTheStore() {
        stream(WalRig.SOON);
        server.write(SEGMENT);
        awaitStored(server.end());
        Lsn before = server.end();
        store.failAlways(ErrorCode.STORE_UNAVAILABLE);

        server.write(2L * SEGMENT);

        await().during(ofMillis(500))
                .atMost(ofSeconds(5))
                .until(() -> server.acknowledged().equals(before));
        store.heal();
        awaitStored(server.end());
    }

    @Test
    void statusesGoOnWhileTheStoreIsSlowAndMemoryIsFull() {
        WalRig rig = stream(WalRig.SOON);
        await().until(server::isStreaming);
        store.delay(ofSeconds(4));
        server.write(40L * SEGMENT);
        Instant from = Instant.now();

        await().atMost(ofSeconds(6))
                .until(() ->
                        server.statuses().stream().filter(at -> at.isAfter(from)).count() >= 3);
        assertThat(rig.meter().failures()).isEmpty();
        assertThat(server.acknowledged()).isLessThan(BEGIN.plus(10L * SEGMENT));
        store.heal();
        awaitStored(server.end());
        assertStored(rig, ONE, BEGIN, server.end());
    }

    @Test
    void whoTakesOverGoesOnBehindTheLastSegmentOfTheStore() {
        WalRig rig = stream(WalRig.SOON);
        server.write(3L * SEGMENT + 5000);
        awaitStored(server.end());
        rig.start();
        rig.killFirst();
        await().atMost(ofSeconds(10)).until(server::isStreaming);

        server.write(2L * SEGMENT);

        awaitStored(server.end());
        assertStored(rig, ONE, BEGIN, server.end());
        assertThat(rig.told(WalGapDetected.class)).isEmpty();
    }

    @Test
    void aTakenSlotIsAskedForAgain() {
        server.occupySlot();
        WalRig rig = stream(WalRig.SOON);
        await().until(() -> server.connections() > 3);
        assertThat(store.calls()).isEmpty();

        server.freeSlot();

        server.write(10);
        awaitStored(server.end());
        assertThat(rig.meter().failures()).isEmpty();
    }

    @Test
    void aStoreThatFailsAtAnyCallIsWorkedAround() throws Exception {
        try (ExecutorService several = Executors.newFixedThreadPool(6)) {
            List<Future<?>> all =
                    IntStream.rangeClosed(1, 24)
                            .<Future<?>>mapToObj(
                                    call -> several.submit(() -> assertWorkedAround(call)))
                            .toList();
            for (Future<?> each : all) {
                each.get();
            }
        }
    }

    private static void assertWorkedAround(int call) {
        FakeWalServer fresh = new FakeWalServer();
        FakeObjectStore failing = FakeObjectStore.plain("primary");
        if (call % 2 == 0) {
            failing.failAt(call, ErrorCode.STORE_UNAVAILABLE);
        } else {
            failing.loseAnswerAt(call);
        }
        try (WalRig rig = new WalRig(fresh, WalRig.SOON, WalRig.FAST, failing)) {
            rig.start();
            fresh.write(2L * SEGMENT + 777);
            await().until(() -> fresh.acknowledged().equals(fresh.end()));
            failing.heal();

            byte[] stored =
                    rig.reader(failing, fresh.system()).contiguous(ONE, BEGIN, FakeWalServer.SIZE);
            assertThat(stored)
                    .as("call %d fails", call)
                    .isEqualTo(fresh.wal(ONE, new LsnRange(BEGIN, fresh.end())));
        }
    }

    @Test
    void aStreamThatBreaksOffIsTakenUpAgain() {
        WalRig rig = stream(WalRig.SOON);
        for (int i = 0; i < 10; i++) {
            server.write(SEGMENT / 3);
            await().until(server::isStreaming);
            server.cut();
        }
        server.write(1);

        awaitStored(server.end());
        assertStored(rig, ONE, BEGIN, server.end());
        assertThat(rig.told(WalGapDetected.class)).isEmpty();
    }

    @Test
    void aHoleThatAKilledExecutorLeftIsFilled() {
        WalRig rig =
                new WalRig(
                        server,
                        WalRig.BY_SEGMENT,
                        WalRig.FAST.withRetainedEvery(Duration.ofHours(1)),
                        store);
        this.rig = rig;
        rig.start();
        server.write(5L * SEGMENT);
        await().until(() -> server.acknowledged().compareTo(BEGIN.plus(5L * SEGMENT)) >= 0);
        rig.killFirst();
        // As if the PUT of the second had not been over when those behind it were.
        StoredWal second =
                rig.reader(store, server.system()).listed().stream()
                        .filter(StoredWal.Segment.class::isInstance)
                        .skip(1)
                        .findFirst()
                        .orElseThrow();
        store.lose(second.key());

        rig.start();
        server.write(SEGMENT);

        await().until(() ->
                store.keys().contains(second.key())
                        && server.acknowledged().compareTo(BEGIN.plus(6L * SEGMENT)) >= 0);
        assertStored(rig, ONE, BEGIN, BEGIN.plus(6L * SEGMENT));
        assertThat(rig.told(WalGapDetected.class)).isEmpty();
    }

    @Test
    void walThatTheServerHasRemovedIsAGapAndAsksForAFull() {
        WalRig rig = stream(WalRig.BY_SEGMENT);
        server.write(2L * SEGMENT);
        await().until(() -> server.acknowledged().compareTo(BEGIN.plus(2L * SEGMENT)) >= 0);
        rig.killFirst();
        server.write(5L * SEGMENT);
        server.remove(BEGIN.plus(4L * SEGMENT));

        rig.start();

        await().until(() -> !rig.told(BackupRequested.class).isEmpty());
        WalGapDetected gap = rig.told(WalGapDetected.class).getFirst();
        assertThat(gap.cause()).isEqualTo(WalGapCause.REMOVED);
        assertThat(gap.from()).isEqualTo(BEGIN.plus(2L * SEGMENT));
        assertThat(gap.until()).contains(BEGIN.plus(4L * SEGMENT));
        BackupRequested request = rig.told(BackupRequested.class).getFirst();
        assertThat(request.kind()).isEqualTo(BackupKind.FULL);
        assertThat(request.idempotencyKey()).isEqualTo(gap.deterministicId());
        server.write(SEGMENT);
        await().until(() -> server.acknowledged().compareTo(BEGIN.plus(7L * SEGMENT)) >= 0);
        assertStored(rig, ONE, BEGIN.plus(4L * SEGMENT), BEGIN.plus(7L * SEGMENT));
    }

    @Test
    void aGapIsToldAgainByTheNextSessionUnderTheNameThatItHad() {
        walThatTheServerHasRemovedIsAGapAndAsksForAFull();
        WalRig again = Objects.requireNonNull(rig);
        assertThat(again.told(WalGapDetected.class)).hasSize(1);
        again.killFirst();
        again.start();
        server.write(SEGMENT);

        await().until(() -> again.told(BackupRequested.class).size() == 2);
        assertThat(again.told(WalGapDetected.class))
                .hasSize(2)
                .extracting(WalGapDetected::deterministicId, WalGapDetected::until)
                .containsOnly(
                        tuple(
                                again.told(BackupRequested.class).getFirst().idempotencyKey(),
                                Optional.of(BEGIN.plus(4L * SEGMENT))));
        await().until(() -> server.acknowledged().compareTo(BEGIN.plus(8L * SEGMENT)) >= 0);
        assertThat(again.told(WalGapDetected.class)).hasSize(2);
    }

    @Test
    void slotsThatAreLostWhileTheirWalIsStillThereAreNoGap() {
        WalRig rig = stream(WalRig.BY_SEGMENT);
        server.write(2L * SEGMENT);
        await().until(() -> server.acknowledged().compareTo(BEGIN.plus(2L * SEGMENT)) >= 0);
        rig.killFirst();
        server.remove(BEGIN.plus(2L * SEGMENT));
        server.dropSlots();

        rig.start();
        server.write(SEGMENT);

        await().until(() -> server.acknowledged().compareTo(BEGIN.plus(3L * SEGMENT)) >= 0);
        assertThat(rig.told(WalGapDetected.class)).isEmpty();
        assertStored(rig, ONE, BEGIN, BEGIN.plus(3L * SEGMENT));
    }

    @Test
    void aPromotionIsFollowedAndTheOldTimelinesTailStoredBefore() {
        WalRig rig = stream(WalRig.BY_SEGMENT);
        server.write(SEGMENT + 4000);
        await().until(() -> server.acknowledged().compareTo(BEGIN.plus(SEGMENT)) >= 0);
        Lsn fork = server.end();

        server.promote();
        server.write(SEGMENT);

        await().until(() -> server.acknowledged().compareTo(BEGIN.plus(2L * SEGMENT)) >= 0);
        assertStored(rig, ONE, BEGIN, fork);
        assertStored(rig, TWO, BEGIN.plus(SEGMENT), BEGIN.plus(2L * SEGMENT));
        StoredWalReader reader = rig.reader(store, server.system());
        assertThat(reader.listed())
                .filteredOn(StoredWal.Partial.class::isInstance)
                .singleElement()
                .satisfies(partial -> assertThat(partial.timeline()).isEqualTo(ONE));
        assertThat(reader.listed())
                .filteredOn(StoredWal.History.class::isInstance)
                .singleElement()
                .satisfies(history ->
                        assertThat(new String(reader.decode(history.key())))
                                .isEqualTo("1\t" + fork + "\tfake\n"));
        List<String> keys = store.calls().stream().map(FakeObjectStore.Call::key).toList();
        assertThat(keys.indexOf(partial(reader)))
                .isLessThan(firstPut(keys, "wal/00000002/00000002000"));
        assertThat(rig.told(TimelineSwitched.class))
                .singleElement()
                .satisfies(it -> {
                    assertThat(it.from()).isEqualTo(ONE);
                    assertThat(it.to()).isEqualTo(TWO);
                    assertThat(it.at()).isEqualTo(fork);
                });
    }

    private static String partial(StoredWalReader reader) {
        return reader.listed().stream()
                .filter(StoredWal.Partial.class::isInstance)
                .findFirst()
                .orElseThrow()
                .key()
                .value();
    }

    private static int firstPut(List<String> keys, String part) {
        for (int i = 0; i < keys.size(); i++) {
            if (keys.get(i).contains(part)) {
                return i;
            }
        }
        throw new AssertionError("nothing was put under " + part);
    }

    @Test
    void aPromotionOnASegmentsBoundaryIsFollowed() {
        WalRig rig = stream(WalRig.BY_SEGMENT);
        server.write(2L * SEGMENT - 100);
        await().until(() -> server.acknowledged().equals(BEGIN.plus(2L * SEGMENT)));

        server.promote();
        server.write(SEGMENT + 10);

        await().until(() -> server.acknowledged().compareTo(BEGIN.plus(3L * SEGMENT)) >= 0);
        assertStored(rig, ONE, BEGIN, BEGIN.plus(2L * SEGMENT));
        assertStored(rig, TWO, BEGIN.plus(2L * SEGMENT), BEGIN.plus(3L * SEGMENT));
        assertThat(rig.told(TimelineSwitched.class)).hasSize(1);
    }

    @Test
    void aSecondPromotionWhileNobodyStreamedIsFollowedToo() {
        WalRig rig = stream(WalRig.BY_SEGMENT);
        server.write(SEGMENT);
        await().until(() -> server.acknowledged().compareTo(BEGIN.plus(SEGMENT)) >= 0);
        rig.killFirst();
        server.write(500);
        server.promote();
        Lsn first = server.end();
        server.write(SEGMENT / 2);
        server.promote();
        Lsn second = server.end();
        server.write(2L * SEGMENT);

        rig.start();

        Timeline three = new Timeline(3);
        await().until(() -> server.acknowledged().compareTo(BEGIN.plus(3L * SEGMENT)) >= 0);
        assertStored(rig, ONE, BEGIN, first);
        assertStored(rig, TWO, BEGIN.plus(SEGMENT), second);
        assertStored(rig, three, BEGIN.plus(SEGMENT), BEGIN.plus(3L * SEGMENT));
        assertThat(rig.told(TimelineSwitched.class)).hasSize(2);
        assertThat(rig.told(WalGapDetected.class)).isEmpty();
    }

    @Test
    void aServerThatWasSetBackIsADivergenceAndBothAreKept() {
        WalRig rig = stream(WalRig.SOON);
        server.write(2L * SEGMENT + 5000);
        awaitStored(server.end());
        byte[] before = server.wal(ONE, new LsnRange(BEGIN, server.end()));
        Lsn end = server.end();

        server.setBack(BEGIN.plus(SEGMENT + 1000));
        await().until(() -> !rig.told(WalGapDetected.class).isEmpty());
        server.write(3L * SEGMENT);
        awaitStored(server.end());

        WalGapDetected gap = rig.told(WalGapDetected.class).getFirst();
        assertThat(gap.cause()).isEqualTo(WalGapCause.DIVERGED);
        assertThat(rig.told(BackupRequested.class)).isNotEmpty();
        StoredWalReader reader = rig.reader(store, server.system());
        assertThat(reader.contiguous(ONE, BEGIN, FakeWalServer.SIZE)).isEqualTo(before);
        assertThat(reader.stretches(ONE, true, FakeWalServer.SIZE))
                .isNotEmpty()
                .allSatisfy(it -> assertThat(it.bytes()).isEqualTo(server.wal(ONE, it.range())))
                .anySatisfy(it -> assertThat(it.range().end()).isGreaterThan(end));
    }

    @Test
    void aServerThatWasSetBackAndHasOvertakenItselfIsADivergenceToo() {
        WalRig rig = stream(WalRig.SOON);
        server.write(2L * SEGMENT + 5000);
        awaitStored(server.end());
        byte[] before = server.wal(ONE, new LsnRange(BEGIN, server.end()));
        rig.killFirst();
        server.setBack(BEGIN.plus(2L * SEGMENT + 1000));
        server.write(SEGMENT);

        rig.start();
        awaitStored(server.end());

        assertThat(rig.told(WalGapDetected.class))
                .singleElement()
                .satisfies(it -> assertThat(it.cause()).isEqualTo(WalGapCause.DIVERGED));
        StoredWalReader reader = rig.reader(store, server.system());
        assertThat(reader.contiguous(ONE, BEGIN, FakeWalServer.SIZE)).isEqualTo(before);
        assertThat(reader.stretches(ONE, true, FakeWalServer.SIZE))
                .allSatisfy(it -> assertThat(it.bytes()).isEqualTo(server.wal(ONE, it.range())));
    }

    @Test
    void anotherSystemUnderTheSameNameIsTold() {
        WalRig rig = stream(WalRig.SOON);
        server.write(SEGMENT);
        awaitStored(server.end());

        server.becomeAnotherSystem();

        await().until(() -> !rig.told(WalGapDetected.class).isEmpty());
        assertThat(rig.told(WalGapDetected.class).getFirst().cause())
                .isEqualTo(WalGapCause.OTHER_SYSTEM);
        server.write(10);
        awaitStored(server.end());
    }

    @Test
    void drainingStoresWhatThereIsAndLetsTheSlotGo() throws InterruptedException {
        WalRig rig = stream(WalRig.BY_SEGMENT);
        server.write(SEGMENT + 3000);
        await().until(() -> server.acknowledged().compareTo(BEGIN.plus(SEGMENT)) >= 0);
        server.write(3000);
        await().until(() ->
                rig.reader(store, server.system()).listed().stream()
                        .anyMatch(StoredWal.Segment.class::isInstance));
        await().pollDelay(ofMillis(300)).until(() -> true);

        rig.drain();

        assertThat(server.acknowledged()).isEqualTo(server.end());
        assertThat(server.isStreaming()).isFalse();
        assertStored(rig, ONE, BEGIN, server.end());
    }

    @Test
    void manyWaitingCommitsShareOneObject() {
        WalRig rig = stream(WalRig.SYNCHRONOUS);
        server.write(10);
        awaitStored(server.end());
        server.sendAtOnce(100);
        store.delay(ofMillis(50));
        int before = store.keys().size();

        for (int i = 0; i < 400; i++) {
            server.write(100);
        }
        awaitStored(server.end());

        assertThat(store.keys().size() - before).isBetween(2, 60);
        store.heal();
        assertStored(rig, ONE, BEGIN, server.end());
    }

    @Test
    void aSynchronousCommitWaitsForOnePut() {
        stream(WalRig.SYNCHRONOUS);
        server.write(10);
        awaitStored(server.end());
        store.delay(ofMillis(200));

        long begun = System.nanoTime();
        server.write(500);
        awaitStored(server.end());
        Duration took = Duration.ofNanos(System.nanoTime() - begun);

        assertThat(took).isBetween(ofMillis(200), ofMillis(390));
    }

    @Test
    void itStreamsWithoutABrokerAndTellsTheNewestLater() {
        WalRig rig = rig(WalRig.SOON, store);
        rig.brokerGoes();
        rig.start();
        server.write(3L * SEGMENT);
        awaitStored(server.end());
        await().pollDelay(ofMillis(300)).until(() -> true);
        assertThat(rig.told(WalArchived.class)).isEmpty();

        rig.brokerComes();

        await().untilAsserted(() ->
                assertThat(rig.told(WalArchived.class))
                        .anySatisfy(it -> assertThat(it.end()).isEqualTo(server.end())));
        assertThat(rig.told(WalArchived.class)).as("older ones are left out").hasSizeLessThan(4);
    }

    @Test
    void anIdleClusterIsRecoverableUntilNow() {
        WalRig rig = stream(WalRig.SOON);
        server.write(100);
        awaitStored(server.end());
        Instant idle = Instant.now();

        await().until(() ->
                rig.meter().recoverableUntil().filter(it -> it.isAfter(idle)).isPresent());
        await().until(() ->
                rig.told(WalArchived.class).stream()
                        .flatMap(it -> it.recoverableUntil().stream())
                        .anyMatch(it -> it.isAfter(idle)));
    }

    @Test
    void commitsAreSaidToWaitOnlyWhileTheServerLetsThem() {
        WalRig rig = stream(WalRig.SYNCHRONOUS);
        server.write(100);
        await().until(() -> !rig.told(WalArchived.class).isEmpty());
        assertThat(rig.told(WalArchived.class))
                .allSatisfy(it -> assertThat(it.synchronousAt()).isEmpty());

        server.waitForStream(true);
        await().until(() -> rig.told(WalArchived.class).getLast().synchronousAt().isPresent());

        server.waitForStream(false);
        await().until(() -> rig.told(WalArchived.class).getLast().synchronousAt().isEmpty());
    }

    @Test
    void whatIsNotStoredIsNotRecoverable() {
        WalRig rig = stream(WalRig.SOON);
        server.write(100);
        awaitStored(server.end());
        await().until(() -> rig.meter().recoverableUntil().isPresent());
        store.failAlways(ErrorCode.STORE_UNAVAILABLE);
        server.write(100);
        Instant written = Instant.now();

        await().pollDelay(ofMillis(800)).until(() -> true);
        assertThat(rig.meter().recoverableUntil())
                .hasValueSatisfying(it -> assertThat(it).isBefore(written));
        store.heal();
        await().until(() ->
                rig.meter().recoverableUntil().filter(it -> it.isAfter(written)).isPresent());
    }

    @Test
    void theRetainedSlotFollowsTheSlowestStore() {
        WalRig rig = rig(WalRig.BY_SEGMENT, store, secondary);
        rig.start();
        server.write(4L * SEGMENT);
        await().until(() -> server.acknowledged().compareTo(BEGIN.plus(4L * SEGMENT)) >= 0);
        await().during(ofMillis(400))
                .until(() -> server.slot(FakeWalServer.RETAINED).equals(Optional.of(BEGIN)));

        List<StoredWal> segments =
                rig.reader(store, server.system()).listed().stream()
                        .filter(StoredWal.Segment.class::isInstance)
                        .toList();
        copy(segments.get(0));
        copy(segments.get(2));

        await().untilAsserted(() ->
                assertThat(server.slot(FakeWalServer.RETAINED)).contains(BEGIN.plus(SEGMENT)));
        copy(segments.get(1));
        await().untilAsserted(() ->
                assertThat(server.slot(FakeWalServer.RETAINED)).contains(BEGIN.plus(3L * SEGMENT)));
    }

    @Test
    void theRetainedSlotDoesNotWaitForStoresThatNothingIsCopiedTo() {
        WalRig rig =
                new WalRig(
                        server,
                        WalRig.BY_SEGMENT,
                        WalRig.FAST.withRetainForAll(false),
                        store,
                        secondary);
        this.rig = rig;
        rig.start();
        server.write(4L * SEGMENT);

        await().untilAsserted(() ->
                assertThat(server.slot(FakeWalServer.RETAINED)).contains(BEGIN.plus(4L * SEGMENT)));
    }

    private void copy(StoredWal stored) {
        ObjectStores.copy(store, stored.key(), secondary);
    }

    @Test
    void whenTheActiveStoreFailsTheStreamGoesOnInTheNextWithoutAHole() {
        WalRig rig = rig(WalRig.SYNCHRONOUS, store, secondary);
        rig.start();
        server.write(2L * SEGMENT + 100);
        awaitStored(server.end());
        store.failAlways(ErrorCode.STORE_UNAVAILABLE);
        server.write(5000);

        await().atMost(ofSeconds(20)).until(() -> server.acknowledged().equals(server.end()));

        byte[] stored =
                rig.reader(secondary, server.system()).contiguous(ONE, BEGIN, FakeWalServer.SIZE);
        assertThat(stored).isEqualTo(server.wal(ONE, new LsnRange(BEGIN, server.end())));
    }

    @Test
    void whenTheActiveStoreAnswersAgainTheStreamComesHome() {
        whenTheActiveStoreFailsTheStreamGoesOnInTheNextWithoutAHole();
        WalRig again = Objects.requireNonNull(rig);

        store.heal();

        await().atMost(ofSeconds(20))
                .until(() -> {
                    server.write(100);
                    return again.reader(store, server.system())
                                    .contiguous(ONE, BEGIN, FakeWalServer.SIZE)
                                    .length
                            > 2L * SEGMENT + 100 + 5000 + 200;
                });
        awaitStored(server.end());
        assertStored(again, ONE, BEGIN, server.end());
    }

    @Test
    void aStoreThatIsOutOfServiceIsLeftAtOnceAndNotGoneBackTo() {
        WalRig rig = rig(WalRig.SYNCHRONOUS, store, secondary);
        rig.start();
        server.write(SEGMENT + 100);
        awaitStored(server.end());
        Regions failed = withoutFirst();

        rig.know(failed);

        await().atMost(ofSeconds(20))
                .until(() -> {
                    server.write(100);
                    return !secondary.keys().isEmpty();
                });
        awaitStored(server.end());
        int before = store.keys().size();
        for (int rounds = 0; rounds < 5; rounds++) {
            server.write(1000);
            awaitStored(server.end());
        }
        assertThat(store.keys()).hasSize(before);

        rig.know(failed.with(new RegionReturned(store.name(), 2, Instant.EPOCH, 1, "test")));
        await().atMost(ofSeconds(20))
                .until(() -> {
                    server.write(100);
                    return store.keys().size() > before;
                });
    }

    private Regions withoutFirst() {
        return Regions.NONE.with(
                new RegionFailedOver(
                        store.name(), 1, Instant.EPOCH, Instant.EPOCH, List.of("test"), "away"));
    }

    @Test
    void aStoreThatIsOutOfServiceIsBetterThanOneThatCannotBeReached() {
        WalRig rig = rig(WalRig.SYNCHRONOUS, store, secondary);
        rig.know(withoutFirst());
        secondary.failAlways(ErrorCode.STORE_UNREACHABLE);
        rig.start();
        server.write(SEGMENT + 100);

        awaitStored(server.end());
        assertThat(store.keys()).isNotEmpty();

        secondary.heal();
        await().atMost(ofSeconds(20))
                .until(() -> {
                    server.write(100);
                    return !secondary.keys().isEmpty();
                });
        awaitStored(server.end());
    }

    @Test
    void anObjectSaysWhatMomentItStandsFor() {
        WalRig rig = stream(WalRig.SOON);
        Instant before = Instant.now();
        server.write(100);
        awaitStored(server.end());

        StoredWalReader reader = rig.reader(store, server.system());
        assertThat(reader.listed())
                .filteredOn(StoredWal.Piece.class::isInstance)
                .anySatisfy(piece ->
                        assertThat(Instant.parse(reader.metadata(piece.key()).get("sent-at")))
                                .isBetween(before, Instant.now()));
    }

    private void awaitStored(Lsn end) {
        await().atMost(ofSeconds(20))
                .pollInterval(ofMillis(5))
                .until((Callable<Boolean>) () -> server.acknowledged().compareTo(end) >= 0);
    }

    private void assertStored(WalRig rig, Timeline timeline, Lsn from, Lsn to) {
        byte[] stored =
                rig.reader(store, server.system()).contiguous(timeline, from, FakeWalServer.SIZE);
        assertThat((long) stored.length).isGreaterThanOrEqualTo(to.minus(from));
        assertThat(Arrays.copyOf(stored, (int) to.minus(from)))
                .isEqualTo(server.wal(timeline, new LsnRange(from, to)));
        rig.reader(store, server.system())
                .stretches(timeline, false, FakeWalServer.SIZE)
                .forEach(it ->
                        assertThat(it.bytes())
                                .as(it.stored().key().value())
                                .isEqualTo(server.wal(timeline, it.range())));
    }
}
