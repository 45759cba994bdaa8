package io.cairn.catalog.lock;

import static io.cairn.catalog.lock.StoredChain.FULL;
import static io.cairn.catalog.lock.StoredChain.INCREMENTAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.catalog.backup.CopyLock;
import io.cairn.catalog.lock.LockCandidates.Candidate;
import io.cairn.events.BackupLocked;
import io.cairn.events.CairnEvent;
import io.cairn.model.BackupLabel;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.ObjectLockMode;
import io.cairn.model.policy.RunPolicy;
import io.cairn.model.policy.TierPolicy;
import io.cairn.model.policy.WalPolicy;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.LockingStore;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.Retention;
import io.cairn.storage.StoreProbe;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class LockRoundTest {

    private static final StoreName PRIMARY = new StoreName("primary");
    private static final StoreName SECONDARY = new StoreName("secondary");
    private static final Duration RETENTION = Duration.ofDays(90);

    private Instant now = Instant.parse("2026-11-22T04:00:00Z");
    private final FakeObjectStore primary = FakeObjectStore.locking("primary", () -> now);
    private final FakeObjectStore secondary = FakeObjectStore.locking("secondary", () -> now);
    private final List<BackupLocked> told = new ArrayList<>();
    private Consumer<CairnEvent> broker = event -> told.add((BackupLocked) event);
    private final Map<BackupLabel, Candidate> candidates = new TreeMap<>();
    private ObjectLockMode mode = ObjectLockMode.GOVERNANCE;

    private static TierPolicy policy(Duration retention, ObjectLockMode mode, StoreName... copies) {
        RunPolicy run =
                new RunPolicy(
                        retention,
                        Duration.ofMinutes(15),
                        Duration.ofMinutes(15),
                        List.of(copies),
                        6,
                        64 << 20);
        return new TierPolicy(
                Tier.OLTP, retention, run, List.of(), WalPolicy.of(Tier.OLTP), Optional.of(mode));
    }

    private LockRound round(StoreName... copies) {
        return round(RETENTION, copies);
    }

    private LockRound round(Duration retention, StoreName... copies) {
        return new LockRound(
                List.of(policy(retention, mode, copies)),
                this::store,
                _ -> List.copyOf(candidates.values()),
                store ->
                        StoreProbe.objectLock(store, new Random(1), pause -> now = now.plus(pause)),
                event -> broker.accept(event),
                () -> now,
                LockRound.Limits.DEFAULT);
    }

    /** As services see a store. */
    private ObjectStore store(StoreName name) {
        FakeObjectStore fake = name.equals(PRIMARY) ? primary : secondary;
        return new LockingStore(fake, _ -> Optional.of(mode), () -> now);
    }

    private void known(BackupLabel label, StoreName... complete) {
        candidates.put(label, StoredChain.candidate(label, complete));
    }

    /** What the catalog's rows are once the events are projected. */
    private void project() {
        for (BackupLocked event : told) {
            Candidate before = candidates.get(event.run().label());
            Map<StoreName, Optional<CopyLock>> copies = new HashMap<>(before.copies());
            copies.put(event.store(), Optional.of(new CopyLock(event.mode(), event.until())));
            candidates.put(
                    event.run().label(),
                    new Candidate(before.layout(), before.attempt(), before.parent(), copies));
        }
    }

    private Retention lock(ObjectKey key) {
        return primary.head(key).orElseThrow().retention().orElseThrow();
    }

    private Retention until(BackupLabel label, int days) {
        return new Retention(mode, label.due().plus(Duration.ofDays(days)));
    }

    @Test
    void everyObjectThatABackupNeedsIsLockedForAsLongAsItIsKept() {
        StoredChain.putAll(store(PRIMARY));
        known(FULL, PRIMARY);

        LockRound.Report report = round(PRIMARY).run();

        assertThat(StoredChain.needed(FULL))
                .hasSize(12)
                .allSatisfy(key -> assertThat(lock(key)).isEqualTo(until(FULL, 92)));
        assertThat(told)
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.until()).isEqualTo(until(FULL, 92).until());
                    assertThat(event.objects()).isEqualTo(12);
                });
        assertThat(report.locked()).isEqualTo(1);
        assertThat(report.waiting()).isEqualTo(Map.of(PRIMARY, 0));
        // What it does not need keeps the short lock that it was stored with.
        for (ObjectKey other :
                List.of(
                        StoredChain.segment(2),
                        StoredChain.segment(7),
                        StoredChain.sessionKey(0x100000, StoredChain.OLDER_SESSION))) {
            assertThat(lock(other).until()).isBefore(now.plus(Duration.ofDays(4)));
        }
        assertThatThrownBy(() -> primary.delete(StoredChain.segment(3)))
                .satisfies(LockRoundTest::isLocked);
        now = until(FULL, 92).until().plusSeconds(1);
        primary.delete(StoredChain.segment(3));
    }

    private static void isLocked(Throwable e) {
        assertThat(((CairnException) e).code()).isEqualTo(ErrorCode.STORE_LOCKED);
    }

    @Test
    void whatIsLockedIsNotLookedAtAgain() {
        StoredChain.putAll(store(PRIMARY));
        known(FULL, PRIMARY);
        LockRound round = round(PRIMARY);
        round.run();
        project();
        int calls = primary.calls().size();

        assertThat(round.run().locked()).isZero();
        assertThat(primary.calls()).hasSize(calls);
    }

    @Test
    void aWrapThatARotationAddedIsLockedBeforeItsFirstLockEnds() {
        StoredChain.putAll(store(PRIMARY));
        known(FULL, PRIMARY);
        LockRound round = round(PRIMARY);
        round.run();
        project();
        now = now.plus(Duration.ofMinutes(10));
        ObjectKey wrap =
                new ObjectKey(
                        StoredChain.layout(FULL).wrapsPrefix(StoredChain.attempt(FULL))
                                + "00112233445566ff.cms");
        StoredChain.put(store(PRIMARY), wrap, Map.of());

        for (int hour = 0; hour < 24; hour++) {
            now = now.plus(Duration.ofHours(1));
            assertThat(round.run().locked()).isZero();
        }

        assertThat(lock(wrap)).isEqualTo(until(FULL, 92));
        assertThat(told).hasSize(1);
        int calls = primary.calls().size();
        now = now.plus(Duration.ofHours(1));
        round.run();
        assertThat(primary.calls()).as("once").hasSize(calls);
    }

    @Test
    void aLockLongerThanTheBucketAllowsIsRefusedAndNothingIsCalledLocked() {
        StoredChain.putAll(store(PRIMARY));
        known(FULL, PRIMARY);
        primary.lockingAtMost(Duration.ofDays(31));
        Map<ObjectKey, Retention> before = locks();

        LockRound.Report report = round(PRIMARY).run();

        assertThat(report.locked()).isZero();
        assertThat(report.waiting()).isEqualTo(Map.of(PRIMARY, 1));
        assertThat(report.missing().get(PRIMARY))
                .contains("tiers.oltp asks for locks of 92 days", "takes none of more than 31")
                .contains("hint: ", "tiers.oltp.retention");
        assertThat(report.failures()).isEmpty();
        assertThat(told).isEmpty();
        assertThat(locks()).isEqualTo(before);
    }

    private Map<ObjectKey, Retention> locks() {
        Map<ObjectKey, Retention> locks = new HashMap<>();
        primary.keys()
                .forEach(key ->
                        primary.head(key)
                                .flatMap(ObjectInfo::retention)
                                .ifPresent(lock -> locks.put(key, lock)));
        return locks;
    }

    @Test
    void whatCameToALockedBackupLaterIsLockedWithinAWeek() {
        StoredChain.putAll(store(PRIMARY));
        known(FULL, PRIMARY);
        LockRound round = round(PRIMARY);
        round.run();
        project();
        ObjectKey later =
                new ObjectKey(
                        StoredChain.layout(FULL).attemptPrefix(StoredChain.attempt(FULL))
                                + "later");
        StoredChain.put(primary, later, Map.of());

        for (int hour = 0; hour < 7 * 24; hour++) {
            now = now.plus(Duration.ofHours(1));
            assertThat(round.run().locked()).isZero();
        }

        assertThat(lock(later)).isEqualTo(until(FULL, 92));
        assertThat(told).hasSize(1);
    }

    @Test
    void aParentIsLockedLongerWhenAChildNeedsItLonger() {
        StoredChain.putAll(store(PRIMARY));
        BackupLabel late = new BackupLabel("20261125T030000Z-I");
        known(FULL, PRIMARY);
        Candidate child =
                new Candidate(
                        StoredChain.layout(late),
                        StoredChain.attempt(late),
                        Optional.of(INCREMENTAL),
                        Map.of());
        candidates.put(late, child);
        known(INCREMENTAL, PRIMARY);

        round(PRIMARY).run();

        Instant kept = late.due().plus(RETENTION);
        assertThat(lock(StoredChain.segment(3)).until()).isEqualTo(kept);
        assertThat(lock(StoredChain.piece()).until()).isEqualTo(kept);
        assertThat(told).extracting(BackupLocked::until).containsOnly(kept);
    }

    @Test
    void aLongerRetentionExtendsAndAShorterOneShortensNothing() {
        StoredChain.putAll(store(PRIMARY));
        known(FULL, PRIMARY);
        round(PRIMARY).run();
        project();

        round(Duration.ofDays(120), PRIMARY).run();
        project();
        assertThat(lock(StoredChain.segment(3))).isEqualTo(until(FULL, 122));

        assertThat(round(Duration.ofDays(30), PRIMARY).run().locked()).isZero();
        assertThat(lock(StoredChain.segment(3))).isEqualTo(until(FULL, 122));
        assertThat(told).hasSize(2);
    }

    @Test
    void aStrongerModeIsNeverTakenBack() {
        StoredChain.putAll(store(PRIMARY));
        known(FULL, PRIMARY);
        mode = ObjectLockMode.COMPLIANCE;
        round(Duration.ofDays(30), PRIMARY).run();
        mode = ObjectLockMode.GOVERNANCE;

        round(PRIMARY).run();

        assertThat(lock(StoredChain.segment(3)))
                .isEqualTo(new Retention(ObjectLockMode.COMPLIANCE, until(FULL, 92).until()));
    }

    @Test
    void aCopyThatLacksAPartIsLockedAsFarAsItGoesAndNotCalledLocked() {
        StoredChain.putAll(store(PRIMARY));
        known(FULL, PRIMARY);
        primary.lose(StoredChain.commit(FULL).index().key());

        LockRound.Report report = round(PRIMARY).run();

        assertThat(told).isEmpty();
        assertThat(report.waiting()).isEqualTo(Map.of(PRIMARY, 1));
        assertThat(lock(StoredChain.segment(3))).isEqualTo(until(FULL, 92));
    }

    @Test
    void aCopyWhoseWalIsNotWholeIsNotCalledLocked() {
        StoredChain.putAll(store(PRIMARY));
        known(FULL, PRIMARY);
        primary.lose(StoredChain.segment(4));

        assertThat(round(PRIMARY).run().waiting()).isEqualTo(Map.of(PRIMARY, 1));
        assertThat(told).isEmpty();
    }

    @Test
    void whereWalDoesNotTellItsKeyEveryKeyThatMayOpenItIsLocked() {
        StoredChain.putAll(store(PRIMARY));
        known(FULL, PRIMARY);
        primary.lose(StoredChain.segment(4));
        StoredChain.put(store(PRIMARY), StoredChain.segment(4), Map.of());
        ObjectKey later = StoredChain.sessionKey(0x700000, "0123456789abcdef0123456789abcdef");
        StoredChain.put(store(PRIMARY), later, Map.of());

        round(PRIMARY).run();

        assertThat(lock(StoredChain.sessionKey(0x100000, StoredChain.OLDER_SESSION)))
                .isEqualTo(until(FULL, 92));
        assertThat(lock(later).until()).isBefore(now.plus(Duration.ofDays(4)));
    }

    @Test
    void nothingIsCalledLockedInAStoreThatDoesNotEnforceLocks() {
        FakeObjectStore plain = FakeObjectStore.plain("primary");
        StoredChain.putAll(plain);
        known(FULL, PRIMARY);
        LockRound round =
                new LockRound(
                        List.of(policy(RETENTION, mode, PRIMARY)),
                        _ -> plain,
                        _ -> List.copyOf(candidates.values()),
                        store -> StoreProbe.objectLock(store, new Random(1), _ -> {}),
                        event -> broker.accept(event),
                        () -> now,
                        LockRound.Limits.DEFAULT);

        LockRound.Report report = round.run();

        assertThat(report.missing()).containsOnlyKeys(PRIMARY);
        assertThat(report.waiting()).isEqualTo(Map.of(PRIMARY, 1));
        assertThat(told).isEmpty();
    }

    @Test
    void nothingIsCalledLockedWhereTheProbeCannotBeMade() {
        StoredChain.putAll(store(PRIMARY));
        known(FULL, PRIMARY);
        primary.failAt(1, ErrorCode.STORE_ACCESS_DENIED);
        LockRound round = round(PRIMARY);

        assertThat(round.run().failures())
                .extracting(CairnException::code)
                .containsExactly(ErrorCode.STORE_ACCESS_DENIED);
        assertThat(told).isEmpty();
        assertThat(round.run().locked()).isEqualTo(1);
    }

    @Test
    void oneStoreThatIsAwayKeepsNoOtherFromBeingLocked() {
        StoredChain.putAll(store(PRIMARY));
        StoredChain.putAll(store(SECONDARY));
        known(FULL, PRIMARY, SECONDARY);
        primary.failAlways(ErrorCode.STORE_UNREACHABLE);
        LockRound round = round(PRIMARY, SECONDARY);

        LockRound.Report report = round.run();

        assertThat(told).extracting(BackupLocked::store).containsExactly(SECONDARY);
        assertThat(report.waiting()).isEqualTo(Map.of(PRIMARY, 1, SECONDARY, 0));
        primary.heal();
        project();
        round.run();
        assertThat(told).extracting(BackupLocked::store).containsExactly(SECONDARY, PRIMARY);
    }

    @Test
    void aLockThatSThreeCannotHaveIsRefusedAtTheStart() {
        assertThatThrownBy(() -> round(Duration.ofDays(36_500), PRIMARY))
                .isInstanceOf(CairnException.class)
                .hasMessageContaining("36502 days")
                .satisfies(e -> assertThat(((CairnException) e).hint()).isPresent());
    }

    /**
     * Each call that the round makes fails once, before or after it was done; then it is repeated.
     */
    @Test
    void wheneverACallFailsTheNextRoundEndsTheSameAndNothingIsToldBefore() {
        List<FakeObjectStore.Call> calls = roundFailing(0, false);
        assertThat(calls).hasSizeGreaterThan(40);
        for (int number = 1; number <= calls.size(); number++) {
            roundFailing(number, false);
            // To lose what was read is to have failed.
            if (calls.get(number - 1).method().equals("retain")) {
                roundFailing(number, true);
            }
        }
    }

    private List<FakeObjectStore.Call> roundFailing(int number, boolean afterwards) {
        FakeObjectStore store = FakeObjectStore.locking("primary", () -> now);
        StoredChain.putAll(new LockingStore(store, _ -> Optional.of(mode), () -> now));
        candidates.clear();
        told.clear();
        known(FULL, PRIMARY);
        known(INCREMENTAL, PRIMARY);
        broker =
                event -> {
                    BackupLocked locked = (BackupLocked) event;
                    for (ObjectKey key : StoredChain.needed(locked.run().label())) {
                        assertThat(store.head(key).orElseThrow().retention())
                                .as("%s, told after call %d failed", key, number)
                                .hasValueSatisfying(lock ->
                                        assertThat(lock.until()).isAfterOrEqualTo(locked.until()));
                    }
                    told.add(locked);
                };
        int before = store.calls().size();
        if (number > 0 && afterwards) {
            store.loseAnswerAt(number);
        } else if (number > 0) {
            store.failAt(number, ErrorCode.STORE_UNAVAILABLE);
        }
        for (int i = 0; i < 3; i++) {
            // Each time another process.
            new LockRound(
                            List.of(policy(RETENTION, mode, PRIMARY)),
                            _ -> store,
                            _ -> List.copyOf(candidates.values()),
                            _ -> new StoreProbe.Finding.Works(),
                            event -> broker.accept(event),
                            () -> now,
                            new LockRound.Limits(Duration.ofDays(2), 1, Duration.ofDays(1)))
                    .run();
            project();
        }
        List<FakeObjectStore.Call> made = store.calls().subList(before, store.calls().size());
        store.heal();
        assertThat(told)
                .as("call %d", number)
                .extracting(event -> event.run().label())
                .contains(FULL, INCREMENTAL);
        assertThat(store.head(StoredChain.segment(3)).orElseThrow().retention())
                .contains(until(FULL, 92));
        assertThat(store.head(StoredChain.piece()).orElseThrow().retention())
                .contains(until(INCREMENTAL, 92));
        return made;
    }

    @Test
    void aLockThatCannotBeToldIsToldByTheNextRound() {
        StoredChain.putAll(store(PRIMARY));
        known(FULL, PRIMARY);
        LockRound round = round(PRIMARY);
        Consumer<CairnEvent> working = broker;
        broker =
                _ -> {
                    throw new CairnException(ErrorCode.BROKER_UNREACHABLE, "away", "wait");
                };

        assertThatThrownBy(round::run).isInstanceOf(CairnException.class);
        broker = working;
        round.run();

        assertThat(told).hasSize(1);
    }

    @Test
    void aStoreThatTakesARetentionAndForgetsItIsNotReliedOn() {
        FakeObjectStore forgetful = FakeObjectStore.plain("primary");
        StoredChain.putAll(forgetful);
        known(FULL, PRIMARY);
        LockRound round =
                new LockRound(
                        List.of(policy(RETENTION, mode, PRIMARY)),
                        _ -> new Forgetful(forgetful).store(),
                        _ -> List.copyOf(candidates.values()),
                        _ -> new StoreProbe.Finding.Works(),
                        event -> broker.accept(event),
                        () -> now,
                        LockRound.Limits.DEFAULT);

        LockRound.Report report = round.run();

        assertThat(told).isEmpty();
        assertThat(report.missing()).containsOnlyKeys(PRIMARY);
    }

    /** Answers PutObjectRetention with success, and does nothing. */
    private record Forgetful(ObjectStore within) {

        ObjectStore store() {
            return (ObjectStore)
                    java.lang.reflect.Proxy.newProxyInstance(
                            getClass().getClassLoader(),
                            new Class<?>[] {ObjectStore.class},
                            (_, method, arguments) ->
                                    method.getName().equals("retain")
                                            ? null
                                            : method.invoke(within, arguments));
        }
    }
}
