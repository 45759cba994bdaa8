package io.cairn.replication.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cairn.events.BackupCompleted;
import io.cairn.events.BackupReplicated;
import io.cairn.events.BackupStarted;
import io.cairn.events.CairnEvent;
import io.cairn.events.EventEnvelope;
import io.cairn.events.ObjectStored;
import io.cairn.events.ValidationFailed;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.replication.Fakes;
import io.cairn.replication.StoredBackup;
import io.cairn.replication.lag.LagTracker;
import io.cairn.replication.route.Copy;
import io.cairn.replication.route.Routes;
import io.cairn.service.intake.Delivery;
import io.cairn.service.intake.Outcome;
import io.cairn.storage.FakeObjectStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CopyTargetTest {

    private static final StoredBackup BACKUP = StoredBackup.of("shop", "20261122T020000Z-F");
    private static final Delivery DELIVERY = new Delivery("cairn.lifecycle", 0, 1, 1, 5);
    private static final Duration SOON = Duration.ofMillis(20);

    private volatile Instant now = Instant.parse("2026-11-22T02:02:00Z");
    private final FakeObjectStore source = FakeObjectStore.locking("primary", () -> now);
    private final FakeObjectStore target = FakeObjectStore.locking("secondary", () -> now);
    private final Fakes.Publisher events = new Fakes.Publisher();
    private final LagTracker lag = new LagTracker();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final CopyTarget copies = copyTarget();
    private final Routes routes = new Routes(Fakes.config());
    private final BackupCompletedHandler completedHandler =
            new BackupCompletedHandler(routes, copies);
    private final ObjectStoredHandler storedHandler =
            new ObjectStoredHandler(routes, List.of(copies));
    private final Copy copy = new Copy(BACKUP.commit().cluster(), target.name());

    private CopyTarget copyTarget() {
        CopyMeters counted = new CopyMeters(meters, target.name());
        Patience patience = new Patience(SOON, SOON);
        ObjectCopies objects = new ObjectCopies(target, 2);
        EagerCopies eager =
                new EagerCopies(
                        objects,
                        Fakes.stores(source, target),
                        new Backlog(100),
                        lag,
                        patience,
                        counted);
        return new CopyTarget(
                target.name(),
                Fakes.stores(source, target),
                eager,
                new BackupCopier(objects, 2),
                patience,
                new CopyTarget.Telling(events, lag, counted, () -> now));
    }

    @AfterEach
    void stop() {
        copies.eager().close();
    }

    @Test
    void publishesThatACopyIsWholeWithItsLag() throws Exception {
        BACKUP.putInto(source);
        now = now.plusSeconds(9);

        assertThat(handle(BACKUP.completed(source))).isEqualTo(Outcome.done());

        assertThat(events.published())
                .containsExactly(
                        new BackupReplicated(
                                BACKUP.commit().run(),
                                BACKUP.commit().attempt(),
                                source.name(),
                                target.name(),
                                now,
                                Duration.ofSeconds(9),
                                BACKUP.keys().size(),
                                BACKUP.commit().bytesStored()));
        assertThat(lag.missing(copy)).isEmpty();
    }

    @Test
    void tellsTheSameFactWhenTheEventComesAgain() throws Exception {
        BACKUP.putInto(source);

        handle(BACKUP.completed(source));
        handle(BACKUP.completed(source));

        assertThat(events.published())
                .hasSize(2)
                .allSatisfy(event ->
                        assertThat(event.deterministicId())
                                .isEqualTo(events.published().getFirst().deterministicId()));
    }

    @Test
    void copiesPartsWhileTheBackupRunsButNeverTheCommitObject() throws Exception {
        BACKUP.putInto(source);
        copies.eager().start(2);

        BACKUP.stored(source, now).forEach(this::handle);
        handle(
                new ObjectStored(
                        BACKUP.commit().run(),
                        Tier.OLTP,
                        BACKUP.commit().attempt(),
                        source.name(),
                        BACKUP.commitStored(),
                        now));

        Awaitility.await().untilAsserted(() -> assertThat(lag.missing(copy)).isEmpty());
        assertThat(target.keys())
                .containsExactlyInAnyOrderElementsOf(
                        BACKUP.commit().parts().map(part -> part.key()).toList());
        handle(BACKUP.completed(source));
        assertThat(events.published())
                .singleElement()
                .isInstanceOfSatisfying(
                        BackupReplicated.class,
                        replicated -> {
                            assertThat(replicated.bytesCopied()).isZero();
                            assertThat(replicated.objects()).isEqualTo(BACKUP.keys().size());
                        });
    }

    @Test
    void waitsForAStoreThatIsAwayWhileTheLagGrowsAndGoesOnWhenItIsBack() throws Exception {
        BACKUP.putInto(source);
        target.failAlways(ErrorCode.STORE_UNREACHABLE);
        CompletableFuture<Outcome> handled =
                CompletableFuture.supplyAsync(() -> handle(BACKUP.completed(source)));
        Awaitility.await().until(() -> target.calls().size() > 3);
        now = now.plusSeconds(300);

        assertThat(handled).isNotDone();
        assertThat(lag.lag(copy, now)).isGreaterThanOrEqualTo(Duration.ofSeconds(300));
        target.heal();

        assertThat(handled.get()).isEqualTo(Outcome.done());
        assertThat(lag.lag(copy, now)).isZero();
    }

    @Test
    void holdsHintsOfAStoreThatIsAwayAndCopiesThemWhenItIsBack() {
        BACKUP.putInto(source);
        target.failAlways(ErrorCode.STORE_UNAVAILABLE);
        copies.eager().start(2);
        BACKUP.stored(source, now).forEach(this::handle);
        Awaitility.await().until(() -> target.calls().size() > 3);

        assertThat(lag.lag(copy, now.plusSeconds(70))).isEqualTo(Duration.ofSeconds(70));
        target.heal();

        Awaitility.await().untilAsserted(() -> assertThat(lag.missing(copy)).isEmpty());
        assertThat(target.keys()).hasSize((int) BACKUP.commit().parts().count());
    }

    @Test
    void announcesDamageInTheSourceAndGivesTheEventUp() throws Exception {
        BACKUP.putInto(source);
        ObjectKey damaged = BACKUP.keysBeforeCommit().getFirst();
        source.damage(damaged, bytes -> new byte[bytes.length]);

        Outcome outcome = handle(BACKUP.completed(source));

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Reject.class,
                        reject ->
                                assertThat(reject.reason())
                                        .startsWith("STORE_OBJECT_DIFFERS: ")
                                        .contains(damaged.value()));
        assertThat(events.published())
                .singleElement()
                .isInstanceOfSatisfying(
                        ValidationFailed.class,
                        failed -> {
                            assertThat(failed.store()).isEqualTo(source.name());
                            assertThat(failed.object()).contains(damaged);
                            assertThat(failed.code()).isEqualTo(ErrorCode.STORE_OBJECT_DIFFERS);
                        });
        assertThat(
                        meters.counter(
                                        CopyMeters.REFUSED,
                                        "store",
                                        "secondary",
                                        "code",
                                        "STORE_OBJECT_DIFFERS")
                                .count())
                .isEqualTo(1);
        assertThat(lag.missing(copy))
                .as("the copy is behind until somebody acts")
                .containsExactly(BACKUP.commitKey());
        assertThat(target.keys()).doesNotContain(BACKUP.commitKey());
    }

    @Test
    void leavesADamagedPartOfARunningBackupToItsEndAndCopiesTheOthers() {
        BACKUP.putInto(source);
        ObjectKey damaged = BACKUP.keysBeforeCommit().getFirst();
        source.damage(damaged, bytes -> new byte[bytes.length]);
        copies.eager().start(1);

        BACKUP.stored(source, now).forEach(this::handle);

        Awaitility.await().untilAsserted(() -> assertThat(lag.missing(copy)).isEmpty());
        assertThat(target.keys())
                .hasSize((int) BACKUP.commit().parts().count() - 1)
                .doesNotContain(damaged);
    }

    @Test
    void isNotConcernedWithOtherStoresTiersAndEvents() throws Exception {
        BACKUP.putInto(source);
        BackupCompleted ofTarget = BACKUP.completed(target);
        BackupStarted started =
                new BackupStarted(
                        BACKUP.commit().run(),
                        Tier.OLTP,
                        BACKUP.commit().attempt(),
                        source.name(),
                        "executor-1",
                        now);
        ObjectStored ofMail =
                new ObjectStored(
                        BACKUP.commit().run(),
                        Tier.CONTENT,
                        BACKUP.commit().attempt(),
                        source.name(),
                        BACKUP.commit().manifest(),
                        now);

        assertThat(handle(ofTarget)).isEqualTo(Outcome.done());
        assertThat(handle(started)).isEqualTo(Outcome.done());
        assertThat(handle(ofMail)).isEqualTo(Outcome.done());

        assertThat(target.calls()).isEmpty();
        assertThat(events.published()).isEmpty();
        assertThat(lag.missing(copy)).isEmpty();
    }

    @Test
    void isDoneWithABackupThatIsGone() {
        assertThat(handle(BACKUP.completed(source))).isEqualTo(Outcome.done());
        assertThat(lag.missing(copy)).isEmpty();
        assertThat(events.published()).isEmpty();
    }

    @Test
    void leavesTheEventToAnotherDeliveryWhenTheBrokerIsAway() throws Exception {
        BACKUP.putInto(source);
        events.failing(true);

        assertThatExceptionOfType(CairnException.class)
                .isThrownBy(() -> handle(BACKUP.completed(source)))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.BROKER_UNREACHABLE));
        events.failing(false);
        handle(BACKUP.completed(source));

        assertThat(events.published()).singleElement().isInstanceOf(BackupReplicated.class);
    }

    @Test
    void countsWhatItHadNoRoomToRememberUntilABackupIsWhole() {
        // No workers are started: the backlog only fills.
        StoredBackup large = StoredBackup.of("shop", "20261122T020000Z-F", 150, 8);
        large.putInto(source);
        Instant stored = large.commit().startedAt();
        large.stored(source, stored).forEach(this::handle);

        assertThat(lag.missing(copy)).hasSize(100);
        assertThat(lag.lag(copy, stored.plusSeconds(90))).isEqualTo(Duration.ofSeconds(90));
        handle(large.completed(source));

        assertThat(lag.lag(copy, now)).isZero();
    }

    private Outcome handle(CairnEvent event) {
        EventEnvelope<?> envelope = EventEnvelope.of(event, "/test", now);
        try {
            return event instanceof ObjectStored
                    ? storedHandler.handle(envelope, DELIVERY)
                    : completedHandler.handle(envelope, DELIVERY);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Test
    void copiesIntoEveryStoreOfAPolicySinceTheOtherMayHaveBeenWrittenTo() {
        assertThat(routes.targets())
                .containsExactly(
                        new StoreName("primary"),
                        new StoreName("secondary"),
                        new StoreName("archive"));
    }
}
