package io.cairn.catalog.hold;

import static io.cairn.catalog.lock.StoredChain.FULL;
import static io.cairn.catalog.lock.StoredChain.INCREMENTAL;
import static io.cairn.catalog.lock.StoredChain.ROOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.catalog.hold.HoldStatus.InStore;
import io.cairn.catalog.hold.HoldStatus.Progress;
import io.cairn.catalog.lock.StoredChain;
import io.cairn.events.CairnEvent;
import io.cairn.events.LegalHoldPlaced;
import io.cairn.events.LegalHoldReleased;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.StoreName;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.record.LegalHold;
import io.cairn.model.record.Tombstone;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectInfo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LegalHoldsTest {

    private static final StoreName PRIMARY = new StoreName("primary");
    private static final StoreName SECONDARY = new StoreName("secondary");
    private static final ClusterName SHOP = ROOT.cluster();
    private static final String ID = "0123456789abcdef0123456789abcdef";
    private static final String OTHER = "fedcba9876543210fedcba9876543210";

    private final Instant now = Instant.parse("2026-11-22T04:00:00Z");
    private FakeObjectStore primary = FakeObjectStore.locking("primary", () -> now);
    private final FakeObjectStore secondary = FakeObjectStore.locking("secondary", () -> now);
    private final List<CairnEvent> told = new ArrayList<>();
    private final Consumer<CairnEvent> broker = told::add;

    @BeforeEach
    void storeAChain() {
        StoredChain.putAll(primary);
        StoredChain.putAll(secondary);
    }

    private LegalHolds holds(StoreName... stores) {
        return holds(Map.of(PRIMARY, primary, SECONDARY, secondary), List.of(stores));
    }

    private LegalHolds holds(Map<StoreName, FakeObjectStore> byName, List<StoreName> stores) {
        SequencedMap<ClusterName, List<StoreName>> clusters = new LinkedHashMap<>();
        clusters.put(SHOP, stores);
        return new LegalHolds(clusters, byName::get, event -> broker.accept(event), () -> now, 1);
    }

    private HoldStatus place(LegalHolds holds, BackupLabel label, String id) {
        return holds.place(Optional.of(SHOP), label, id, "case 2026-17", "alice@desk");
    }

    private static Set<ObjectKey> held(FakeObjectStore store) {
        return store.keys().stream()
                .filter(key -> store.head(key).map(ObjectInfo::legalHold).orElse(false))
                .collect(Collectors.toSet());
    }

    private static List<Progress> progress(HoldStatus status) {
        return status.stores().stream().map(InStore::progress).toList();
    }

    @Test
    void aHoldCoversTheBackupTheOnesItBuildsOnAndTheWalBetween() {
        LegalHolds holds = holds(PRIMARY, SECONDARY);

        HoldStatus placed = place(holds, INCREMENTAL, ID);

        assertThat(progress(placed)).containsExactly(Progress.RECORDED, Progress.RECORDED);
        assertThat(told).isEmpty();
        assertThat(holds.round().pending()).isZero();
        for (FakeObjectStore store : List.of(primary, secondary)) {
            assertThat(held(store)).isEqualTo(StoredChain.heldWith(INCREMENTAL));
        }
        assertThat(told)
                .extracting(event -> ((LegalHoldPlaced) event).store())
                .containsExactly(PRIMARY, SECONDARY);
        assertThat(((LegalHoldPlaced) told.getFirst()).enforced()).isTrue();
        assertThat(((LegalHoldPlaced) told.getFirst()).objects())
                .isEqualTo(StoredChain.heldWith(INCREMENTAL).size());
        assertThat(progress(holds.list(Optional.empty()).getFirst()))
                .containsExactly(Progress.PLACED, Progress.PLACED);
        assertThatThrownBy(() -> primary.delete(StoredChain.layout(FULL).commit()))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_LOCKED));
    }

    @Test
    void whatIsPlacedIsToldOnceWhoeverMakesTheNextRound() {
        place(holds(PRIMARY), FULL, ID);
        holds(PRIMARY).round();
        int events = told.size();

        holds(PRIMARY).round();

        assertThat(told).hasSize(events);
    }

    @Test
    void aReleaseLetsGoOfWhatNoOtherHoldCovers() {
        LegalHolds holds = holds(PRIMARY);
        place(holds, INCREMENTAL, ID);
        place(holds, FULL, OTHER);
        holds.round();

        HoldStatus released = holds.release(ID, "case closed", "bob@desk");

        assertThat(progress(released)).containsExactly(Progress.RELEASING);
        holds.round();
        assertThat(held(primary)).isEqualTo(StoredChain.heldWith(FULL));
        holds.release(OTHER, "case closed", "bob@desk");
        holds.round();
        assertThat(held(primary)).isEmpty();
        assertThat(told.stream().filter(LegalHoldReleased.class::isInstance)).hasSize(2);
        assertThat(holds.list(Optional.of(SHOP)))
                .allSatisfy(status -> assertThat(status.settled()).isTrue());
    }

    @Test
    void aStoreThatIsAwayGetsTheHoldWhenItIsBackAndOnlyThenIsItToldThere() {
        LegalHolds holds = holds(PRIMARY, SECONDARY);
        secondary.failAlways(ErrorCode.STORE_UNREACHABLE);

        HoldStatus placed = place(holds, FULL, ID);

        assertThat(progress(placed)).containsExactly(Progress.RECORDED, Progress.UNREACHABLE);
        LegalHolds.Report away = holds.round();
        assertThat(away.pending()).isEqualTo(1);
        assertThat(away.failures())
                .extracting(CairnException::code)
                .contains(ErrorCode.STORE_UNREACHABLE);
        assertThat(told)
                .extracting(event -> ((LegalHoldPlaced) event).store())
                .containsExactly(PRIMARY);
        secondary.heal();
        assertThat(holds.round().pending()).isZero();
        assertThat(held(secondary)).isEqualTo(StoredChain.heldWith(FULL));
        assertThat(told)
                .extracting(event -> ((LegalHoldPlaced) event).store())
                .containsExactly(PRIMARY, SECONDARY);
    }

    @Test
    void aCopyThatIsNotWholeIsHeldAsFarAsItGoesAndNotToldAsPlaced() {
        LegalHolds holds = holds(PRIMARY, SECONDARY);
        secondary.lose(StoredChain.segment(4));
        place(holds, FULL, ID);

        assertThat(holds.round().pending()).isEqualTo(1);

        assertThat(told)
                .extracting(event -> ((LegalHoldPlaced) event).store())
                .containsExactly(PRIMARY);
        InStore second = holds.list(Optional.empty()).getFirst().stores().getLast();
        assertThat(second.progress()).isEqualTo(Progress.RECORDED);
        assertThat(second.why()).hasValueSatisfying(why -> assertThat(why).contains("WAL"));
        assertThat(held(secondary)).hasSize(StoredChain.heldWith(FULL).size() - 1);
    }

    @Test
    void whereTheBucketHasNoObjectLockTheRecordAloneHolds() {
        FakeObjectStore plain = FakeObjectStore.plain("primary");
        StoredChain.putAll(plain);
        LegalHolds holds = holds(Map.of(PRIMARY, plain), List.of(PRIMARY));
        place(holds, FULL, ID);

        holds.round();

        assertThat(((LegalHoldPlaced) told.getFirst()).enforced()).isFalse();
        assertThat(LegalHold.placed(ROOT, plain.keys())).hasSize(1);
        holds.release(ID, "closed", "bob@desk");
        assertThat(holds.round().pending()).isZero();
        assertThat(LegalHold.placed(ROOT, plain.keys())).isEmpty();
    }

    @Test
    void anUnknownOrExpiredLabelIsRefusedAndNothingChanged() {
        LegalHolds holds = holds(PRIMARY);
        List<ObjectKey> before = primary.keys();

        assertThatThrownBy(() -> place(holds, new BackupLabel("20200101T000000Z-F"), ID))
                .satisfies(e -> refused(e, ErrorCode.BACKUP_NOT_FOUND));
        assertThatThrownBy(() -> holds.place(Optional.empty(), FULL, ID, " ", "alice"))
                .satisfies(e -> refused(e, ErrorCode.REQUEST_INVALID));
        assertThatThrownBy(() -> holds.place(Optional.empty(), FULL, "x", "why", "alice"))
                .satisfies(e -> refused(e, ErrorCode.REQUEST_INVALID));
        assertThatThrownBy(() ->
                        holds.place(
                                Optional.of(new ClusterName("nowhere")), FULL, ID, "why", "alice"))
                .satisfies(e -> refused(e, ErrorCode.CLUSTER_UNKNOWN));
        assertThatThrownBy(() -> holds.release(ID, "why", "alice"))
                .satisfies(e -> refused(e, ErrorCode.HOLD_NOT_FOUND));

        assertThat(primary.keys()).isEqualTo(before);
        Tombstone expired = new Tombstone(FULL, now, "expired", Sha256.of(new byte[0]));
        primary.putIfAbsent(expired.key(ROOT), ObjectBody.of(expired.toJson())).orThrow();
        assertThatThrownBy(() -> place(holds, FULL, ID))
                .satisfies(e -> refused(e, ErrorCode.BACKUP_NOT_FOUND));
    }

    private static void refused(Throwable thrown, ErrorCode code) {
        CairnException e = (CairnException) thrown;
        assertThat(e.code()).isEqualTo(code);
        assertThat(e.hint()).isPresent();
    }

    @Test
    void theSameRequestAgainIsTheSameHold() {
        LegalHolds holds = holds(PRIMARY);

        place(holds, FULL, ID);
        place(holds, FULL, ID);

        assertThat(holds.list(Optional.empty())).hasSize(1);
    }

    @Test
    void aHoldThatIsPlacedWhileAnotherIsReleasedIsNotLost() {
        LegalHolds holds = holds(PRIMARY);
        place(holds, FULL, ID);
        holds.round();
        holds.release(ID, "closed", "bob");
        // Another process places one and holds its objects, after this one has looked at what is
        // in force and before it lets go.
        int call = firstLetGo(holds);
        storeAgain();
        LegalHolds one = holds(PRIMARY);
        place(one, FULL, ID);
        one.round();
        one.release(ID, "closed", "bob");
        primary.before(
                call,
                () -> {
                    LegalHolds process = holds(PRIMARY);
                    place(process, FULL, OTHER);
                    process.round();
                });

        one.round();

        assertThat(held(primary)).isEqualTo(StoredChain.heldWith(FULL));
    }

    private int firstLetGo(LegalHolds holds) {
        int before = primary.calls().size();
        holds.round();
        List<FakeObjectStore.Call> calls = primary.calls().subList(before, primary.calls().size());
        for (int i = 0; i < calls.size(); i++) {
            if (calls.get(i).method().equals("hold")) {
                return i + 1;
            }
        }
        throw new AssertionError("nothing was let go");
    }

    private void storeAgain() {
        primary = FakeObjectStore.locking("primary", () -> now);
        StoredChain.putAll(primary);
    }

    /** Each call fails once, before or after it was done; then the round is repeated. */
    @Test
    void wheneverACallFailsTheNextRoundEndsTheSame() {
        List<FakeObjectStore.Call> calls = failing(0, false);
        assertThat(calls).hasSizeGreaterThan(40);
        for (int number = 1; number <= calls.size(); number++) {
            failing(number, false);
            // To lose what was read is to have failed.
            if (Set.of("putIfAbsent", "hold").contains(calls.get(number - 1).method())) {
                failing(number, true);
            }
        }
    }

    private List<FakeObjectStore.Call> failing(int number, boolean afterwards) {
        storeAgain();
        told.clear();
        place(holds(PRIMARY), FULL, OTHER);
        holds(PRIMARY).round();
        int before = primary.calls().size();
        if (number > 0 && afterwards) {
            primary.loseAnswerAt(number);
        } else if (number > 0) {
            primary.failAt(number, ErrorCode.STORE_UNAVAILABLE);
        }
        repeating(() -> place(holds(PRIMARY), INCREMENTAL, ID));
        repeating(() -> requireSettled(holds(PRIMARY).round()));
        repeating(() ->
                assertThat(held(primary))
                        .as("call %d", number)
                        .isEqualTo(StoredChain.heldWith(INCREMENTAL)));
        repeating(() -> holds(PRIMARY).release(ID, "closed", "bob"));
        repeating(() -> requireSettled(holds(PRIMARY).round()));
        List<FakeObjectStore.Call> made = primary.calls().subList(before, primary.calls().size());
        primary.heal();
        assertThat(held(primary)).as("call %d", number).isEqualTo(StoredChain.heldWith(FULL));
        assertThat(told.stream().map(CairnEvent::deterministicId).distinct())
                .as("call %d", number)
                .hasSize(3);
        return made;
    }

    private static void requireSettled(LegalHolds.Report report) {
        if (!report.failures().isEmpty()) {
            throw report.failures().getFirst();
        }
        assertThat(report.pending()).isZero();
    }

    private static void repeating(Runnable work) {
        for (int i = 0; ; i++) {
            try {
                work.run();
                return;
            } catch (CairnException e) {
                if (i == 2) {
                    throw e;
                }
            }
        }
    }
}
