package io.cairn.executor.basebackup;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.events.BackupCompleted;
import io.cairn.events.BackupDue;
import io.cairn.events.BackupFailed;
import io.cairn.events.BackupProgressed;
import io.cairn.events.BackupStarted;
import io.cairn.events.CairnEvent;
import io.cairn.events.DueCause;
import io.cairn.events.ObjectStored;
import io.cairn.events.RegionFailedOver;
import io.cairn.events.region.Regions;
import io.cairn.executor.platform.StoredBackup;
import io.cairn.executor.publish.EventSink;
import io.cairn.executor.publish.QueuedRunEvents;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A store that fails in the midst of a run, with another one in the policy. */
class FailoverRunTest {

    private static final StoreName PRIMARY = new StoreName("primary");
    private static final StoreName SECONDARY = new StoreName("secondary");

    /** What is promised: 30 s of patience, and what it takes to notice. */
    private static final Duration BOUND = Duration.ofSeconds(60);

    private final RunFixture fixture = new RunFixture();
    private final FakeObjectStore primary = fixture.store;
    private final FakeObjectStore secondary = FakeObjectStore.plain("secondary");
    private final AtomicReference<Regions> regions = new AtomicReference<>(Regions.NONE);

    /** At which object the store fails for good. */
    enum Phase {
        START(_ -> true),
        KEY(key -> key.contains("/keys/backups/")),
        FIRST_VOLUME(key -> key.endsWith("base.tar/000000.gz.cms")),
        LATER_VOLUME(key -> key.endsWith("base.tar/000001.gz.cms")),
        MANIFEST(key -> key.endsWith("backup_manifest.gz.cms")),
        INDEX(key -> key.endsWith("index.json.gz.cms")),
        EXECUTORS_MANIFEST(key -> key.endsWith("backup_manifest.executors.gz.cms")),
        SIGNATURE(key -> key.endsWith(".sig")),
        COMMIT(key -> key.endsWith("/backup.json"));

        private final Predicate<String> key;

        Phase(Predicate<String> key) {
            this.key = key;
        }
    }

    enum Fault {
        REFUSED,
        UNAVAILABLE,
        DENIED,
        HANGS
    }

    @ParameterizedTest
    @EnumSource(Phase.class)
    void whereverTheStoreGoesAwayTheBackupIsCompletedInTheNext(Phase phase)
            throws InterruptedException {
        isTakenInTheOther(phase, Fault.REFUSED);
    }

    @ParameterizedTest
    @CsvSource({
        "START, UNAVAILABLE",
        "LATER_VOLUME, UNAVAILABLE",
        "COMMIT, UNAVAILABLE",
        "LATER_VOLUME, DENIED",
        "COMMIT, DENIED",
        "START, HANGS",
        "KEY, HANGS",
        "LATER_VOLUME, HANGS",
        "SIGNATURE, HANGS",
        "COMMIT, HANGS"
    })
    void howeverTheStoreFailsTheBackupIsCompletedInTheNext(Phase phase, Fault fault)
            throws InterruptedException {
        isTakenInTheOther(phase, fault);
    }

    private void isTakenInTheOther(Phase phase, Fault fault) throws InterruptedException {
        RunOutcome outcome = run(failing(primary, phase, fault), secondary);

        assertThat(outcome).isInstanceOf(RunOutcome.Taken.class);
        assertThat(((RunOutcome.Taken) outcome).backup().store()).isEqualTo(SECONDARY);
        StoredBackup stored =
                StoredBackup.open(
                        secondary,
                        RunFixture.LAYOUT,
                        RunFixture.KEYS.recipient(),
                        RunFixture.KEYS.anchor());
        assertThat(stored.differences()).isEmpty();
        assertThat(fixture.isCommitted()).as("in the store that failed").isFalse();
        assertThat(fixture.events.only(BackupCompleted.class).store()).isEqualTo(SECONDARY);
        assertThat(fixture.events.all(BackupFailed.class))
                .isNotEmpty()
                .allSatisfy(failed -> assertThat(failed.retried()).isTrue());
        assertThat(Duration.between(TestClock.START, fixture.clock.instant())).isLessThan(BOUND);
    }

    /** It comes back when the backup is committed. */
    @Test
    @Timeout(30)
    void aBrokerThatIsAwayKeepsNoRunFromTheNextStore() throws InterruptedException {
        ObjectKey commit = RunFixture.LAYOUT.commit();
        List<CairnEvent> taken = new CopyOnWriteArrayList<>();
        EventSink broker =
                fact -> {
                    if (!secondary.keys().contains(commit)) {
                        throw new CairnException(ErrorCode.BROKER_UNREACHABLE, "away", "wait");
                    }
                    taken.add(fact);
                };
        QueuedRunEvents.Limits patient =
                new QueuedRunEvents.Limits(
                        1024, Duration.ofMillis(1), Duration.ofMillis(10), Duration.ofMinutes(10));
        ObjectStore failing = failing(primary, Phase.LATER_VOLUME, Fault.REFUSED);

        RunOutcome outcome;
        try (QueuedRunEvents events = new QueuedRunEvents("run", broker, patient)) {
            outcome = fixture.onAll(List.of(failing, secondary), regions::get, events).run(due());
            assertThat(events.dropped()).isZero();
        }

        assertThat(((RunOutcome.Taken) outcome).backup().store()).isEqualTo(SECONDARY);
        assertThat(Duration.between(TestClock.START, fixture.clock.instant())).isLessThan(BOUND);
        assertThat(taken)
                .filteredOn(fact -> !(fact instanceof ObjectStored))
                .filteredOn(fact -> !(fact instanceof BackupProgressed))
                .extracting(fact -> fact.getClass().getSimpleName())
                .containsExactly(
                        "BackupStarted", "BackupFailed", "BackupStarted", "BackupCompleted");
    }

    @Test
    void aFailureThatPassesCostsNeitherTheAttemptNorTheStore() throws InterruptedException {
        ObjectStore blinking = failing(primary, Phase.LATER_VOLUME, Fault.REFUSED);
        fixture.clock.then(() -> {}, () -> {}, () -> heal.countDown());

        RunOutcome outcome = run(blinking, secondary);

        assertThat(((RunOutcome.Taken) outcome).backup().store()).isEqualTo(PRIMARY);
        assertThat(fixture.events.all(BackupStarted.class)).hasSize(1);
        assertThat(fixture.events.all(BackupFailed.class)).isEmpty();
        assertThat(secondary.keys()).isEmpty();
    }

    @Test
    void aStoreThatIsDeclaredToHaveFailedIsLeftAtOnce() throws InterruptedException {
        ObjectStore failing = failing(primary, Phase.LATER_VOLUME, Fault.REFUSED);
        fixture.clock.then(() -> regions.set(primaryHasFailed()));

        RunOutcome outcome = run(failing, secondary);

        assertThat(((RunOutcome.Taken) outcome).backup().store()).isEqualTo(SECONDARY);
        assertThat(((RunOutcome.Taken) outcome).backup().commit().epoch()).isEqualTo(7);
        assertThat(Duration.between(TestClock.START, fixture.clock.instant()))
                .isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void aRunThatCanStillWriteToAStoreThatWasLeftEndsThere() throws InterruptedException {
        ObjectStore leftMidway = failing(primary, Phase.LATER_VOLUME, Fault.REFUSED);
        heal.countDown();
        onFault = () -> regions.set(primaryHasFailed());

        RunOutcome outcome = run(leftMidway, secondary);

        assertThat(((RunOutcome.Taken) outcome).backup().store()).isEqualTo(PRIMARY);
        assertThat(((RunOutcome.Taken) outcome).backup().commit().epoch()).isZero();
    }

    @Test
    void aRunBeginsInTheFirstStoreThatIsInService() throws InterruptedException {
        regions.set(primaryHasFailed());

        RunOutcome outcome = run(primary, secondary);

        CommitObject commit = ((RunOutcome.Taken) outcome).backup().commit();
        assertThat(commit.epoch()).isEqualTo(7);
        assertThat(primary.keys()).isEmpty();
        assertThat(fixture.events.only(BackupStarted.class).store()).isEqualTo(SECONDARY);
    }

    @Test
    void whatWasCommittedInTheOtherStoreIsFoundWhicheverIsWrittenTo() throws InterruptedException {
        run(failing(primary, Phase.KEY, Fault.REFUSED), secondary);
        ToldEvents again = new ToldEvents();

        RunOutcome outcome =
                fixture.onAll(List.of(primary, secondary), regions::get, again).run(due());

        assertThat(outcome).isInstanceOf(RunOutcome.Found.class);
        assertThat(again.only(BackupCompleted.class).store()).isEqualTo(SECONDARY);
        assertThat(again.all(BackupStarted.class)).isEmpty();
    }

    @Test
    void aStoreThatIsNotWrittenToMayBeAway() throws InterruptedException {
        secondary.failAlways(ErrorCode.STORE_UNREACHABLE);

        RunOutcome outcome = run(primary, secondary);

        assertThat(((RunOutcome.Taken) outcome).backup().store()).isEqualTo(PRIMARY);
        assertThat(fixture.events.all(BackupFailed.class)).isEmpty();
    }

    @Test
    void aRunThatBeganInTimeGoesOnElsewhereAfterItsDeadline() throws InterruptedException {
        ObjectStore failing = failing(primary, Phase.LATER_VOLUME, Fault.REFUSED);
        fixture.clock.then(() -> fixture.clock.advance(Duration.ofHours(2)));

        assertThat(run(failing, secondary)).isInstanceOf(RunOutcome.Taken.class);
    }

    @Test
    void withBothStoresAwayTheRunFailsAsWithOne() throws InterruptedException {
        primary.failAlways(ErrorCode.STORE_UNREACHABLE);
        secondary.failAlways(ErrorCode.STORE_UNREACHABLE);

        RunOutcome outcome = run(primary, secondary);

        assertThat(outcome).isInstanceOf(RunOutcome.Failed.class);
        assertThat(((RunOutcome.Failed) outcome).failure().code())
                .isEqualTo(ErrorCode.STORE_UNREACHABLE);
        assertThat(fixture.events.all(BackupFailed.class).getLast().retried()).isFalse();
    }

    /** The answer to the commit's PUT is lost, and then the store is: it is committed twice. */
    @Test
    void aCommitWhoseAnswerIsLostWithItsStoreLeavesTwoWholeBackups() throws InterruptedException {
        lost = true;

        run(failing(primary, Phase.COMMIT, Fault.REFUSED), secondary);

        for (FakeObjectStore store : List.of(primary, secondary)) {
            StoredBackup stored =
                    StoredBackup.open(
                            store,
                            RunFixture.LAYOUT,
                            RunFixture.KEYS.recipient(),
                            RunFixture.KEYS.anchor());
            assertThat(stored.differences()).isEmpty();
        }
    }

    // What there is
    // ---------------------------------------------------------------------------------------------

    private final CountDownLatch heal = new CountDownLatch(1);
    private final AtomicBoolean hung = new AtomicBoolean();
    private Runnable onFault = () -> {};
    private boolean lost;

    private RunOutcome run(ObjectStore first, ObjectStore second) throws InterruptedException {
        return fixture.onAll(List.of(first, second), regions::get, fixture.events).run(due());
    }

    private static BackupDue due() {
        return RunFixture.due(DueCause.SCHEDULED);
    }

    private static Regions primaryHasFailed() {
        return Regions.NONE.with(
                new RegionFailedOver(
                        PRIMARY, 7, Instant.EPOCH, Instant.EPOCH, List.of("test"), "away"));
    }

    /** Fails from the first PUT of the phase's object on, at everything; until it heals. */
    private ObjectStore failing(FakeObjectStore store, Phase phase, Fault fault) {
        AtomicReference<Boolean> broken = new AtomicReference<>(phase == Phase.START);
        return (ObjectStore)
                Proxy.newProxyInstance(
                        ObjectStore.class.getClassLoader(),
                        new Class<?>[] {ObjectStore.class},
                        (_, method, arguments) -> {
                            if (method.getName().equals("name")) {
                                return store.name();
                            }
                            boolean first = begins(phase, method, arguments);
                            if (first && !broken.getAndSet(true)) {
                                onFault.run();
                                if (lost) {
                                    method.invoke(store, arguments);
                                }
                            }
                            if (broken.get() && heal.getCount() > 0) {
                                fail(fault);
                            }
                            return invoke(store, method, arguments);
                        });
    }

    private static boolean begins(Phase phase, Method method, Object[] arguments) {
        return method.getName().equals("putIfAbsent")
                && phase.key.test(((ObjectKey) arguments[0]).value());
    }

    private void fail(Fault fault) throws InterruptedException {
        switch (fault) {
            case REFUSED -> throw failure(ErrorCode.STORE_UNREACHABLE);
            case UNAVAILABLE -> throw failure(ErrorCode.STORE_UNAVAILABLE);
            case DENIED -> throw failure(ErrorCode.STORE_ACCESS_DENIED);
            case HANGS -> {
                if (!hung.getAndSet(true)) {
                    fixture.clock.advance(Duration.ofSeconds(31));
                }
                heal.await();
            }
        }
    }

    private static CairnException failure(ErrorCode code) {
        return new CairnException(code, "the test lets it fail", "wait");
    }

    private static Object invoke(FakeObjectStore store, Method method, Object[] arguments)
            throws Throwable {
        try {
            return method.invoke(store, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
