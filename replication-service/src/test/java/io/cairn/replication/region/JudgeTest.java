package io.cairn.replication.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.events.RegionEvent;
import io.cairn.events.RegionFailedOver;
import io.cairn.events.RegionReturned;
import io.cairn.events.StoreObserved;
import io.cairn.events.region.RegionFacts;
import io.cairn.model.StoreName;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.service.region.StoreHealth;
import io.cairn.service.region.StoreObserver;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JudgeTest {

    private static final StoreName PRIMARY = new StoreName("primary");
    private static final StoreName SECONDARY = new StoreName("secondary");
    private static final List<StoreName> COPIES = List.of(PRIMARY, SECONDARY);
    private static final Instant NOW = Instant.parse("2026-11-22T02:00:00Z");

    private final Judge judge = new Judge(List.of(COPIES), Duration.ofSeconds(30));

    @Test
    void aStoreThatTwoHaveSeenFailingForLongEnoughIsLeft() {
        RegionFacts facts = facts(failing("a", 31), failing("b", 35));

        RegionFailedOver failed = judge.decide(facts, NOW).orElseThrow();

        assertThat(failed.store()).isEqualTo(PRIMARY);
        assertThat(failed.epoch()).isEqualTo(1);
        assertThat(failed.since()).isEqualTo(NOW.minusSeconds(31));
        assertThat(failed.observers()).containsExactly("a", "b");
        assertThat(failed.reason()).contains("connection refused");
    }

    @Test
    void theOnlyObserverThereIsDecidesAlone() {
        assertThat(judge.decide(facts(failing("a", 31)), NOW)).isPresent();
        assertThat(judge.decide(facts(failing("a", 29)), NOW)).isEmpty();
    }

    @Test
    void oneThatHasSeenItFailForLessIsWaitedFor() {
        assertThat(judge.decide(facts(failing("a", 40), failing("b", 12)), NOW)).isEmpty();
        assertThat(judge.decide(facts(failing("a", 40), failing("b", 12), failing("c", 30)), NOW))
                .isPresent();
    }

    @Test
    void whoeverHasHadASuccessKeepsItInService() {
        assertThat(judge.decide(facts(failing("a", 60), failing("b", 60), taking("c", 20)), NOW))
                .isEmpty();
        assertThat(judge.decide(facts(failing("a", 90), failing("b", 90), taking("c", 31)), NOW))
                .isPresent();
    }

    @Test
    void whatWasSeenLongAgoSaysNothing() {
        StoreObserved old =
                new StoreObserved(
                        PRIMARY,
                        "a",
                        false,
                        NOW.minusSeconds(600),
                        NOW.minusSeconds(40),
                        Optional.empty());

        assertThat(judge.decide(facts(old), NOW)).isEmpty();
    }

    @Test
    void noStoreIsLeftForOneThatIsOutOfServiceOrFailsItself() {
        RegionFacts secondaryLeft =
                facts(failing("a", 60))
                        .with(new RegionFailedOver(SECONDARY, 1, NOW, NOW, List.of("a"), "away"));
        assertThat(judge.decide(secondaryLeft, NOW)).isEmpty();

        RegionFacts both =
                facts(
                        failing("a", 60),
                        new StoreObserved(
                                SECONDARY,
                                "a",
                                false,
                                NOW.minusSeconds(15),
                                NOW,
                                Optional.empty()));
        assertThat(judge.decide(both, NOW)).isEmpty();
    }

    @Test
    void aStoreThatNoPolicyHasAnotherForIsNeverLeft() {
        Judge alone = new Judge(List.of(List.of(PRIMARY)), Duration.ofSeconds(30));

        assertThat(alone.decide(facts(failing("a", 60), failing("b", 60)), NOW)).isEmpty();
    }

    @Test
    void aStoreThatWasLeftIsNotLeftAgainAndOneThatIsBackIs() {
        RegionFacts facts = facts(failing("a", 60));
        RegionFailedOver failed = judge.decide(facts, NOW).orElseThrow();

        RegionFacts left = facts.with(failed);
        assertThat(judge.decide(left, NOW)).isEmpty();
        RegionFacts back = left.with(new RegionReturned(PRIMARY, 2, NOW, 1, "r"));
        assertThat(judge.decide(back, NOW).orElseThrow().epoch()).isEqualTo(3);
    }

    /**
     * Three processes that write, for 10 minutes: whatever fails when, a store that takes what
     * anybody writes is never left, and one that takes nothing, while all of them reach the other,
     * is left within 60 s.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void whateverFailsTheRightStoreIsLeft(long seed) {
        Random random = new Random(seed);
        Instant[] now = {NOW};
        List<Map<StoreName, StoreHealth>> healths = new ArrayList<>();
        List<Map<StoreName, StoreObserver>> observers = new ArrayList<>();
        for (int process = 0; process < 3; process++) {
            healths.add(new HashMap<>());
            observers.add(new HashMap<>());
            for (StoreName store : COPIES) {
                StoreHealth health = new StoreHealth(store, () -> now[0]);
                healths.get(process).put(store, health);
                observers
                        .get(process)
                        .put(store, new StoreObserver("p" + process, health, () -> now[0]));
            }
        }
        RegionFacts facts = RegionFacts.NONE;
        boolean[] cut = new boolean[3];
        boolean down = false;
        Instant downSince = NOW;
        for (int second = 0; second < 600; second++) {
            now[0] = NOW.plusSeconds(second);
            if (random.nextInt(40) == 0) {
                down = !down;
                downSince = now[0];
            }
            if (random.nextInt(20) == 0) {
                int process = random.nextInt(3);
                cut[process] = !cut[process];
            }
            // At least one process always reaches the stores.
            cut[second / 200] = false;
            for (int process = 0; process < 3; process++) {
                for (StoreName store : COPIES) {
                    boolean fails = (down && store.equals(PRIMARY)) || cut[process];
                    if (second % 5 == process) {
                        ask(healths.get(process).get(store), fails);
                    }
                    StoreObserver observer = observers.get(process).get(store);
                    Optional<StoreObserved> seen = observer.look(facts);
                    if (seen.isPresent()) {
                        facts = facts.with(seen.get());
                        observer.told(seen.get());
                    }
                }
            }
            Optional<RegionFailedOver> decided = judge.decide(facts, now[0]);
            if (decided.isPresent()) {
                assertThat(decided.get().store()).isEqualTo(PRIMARY);
                // Who has told a success tells the next one after 10 s.
                Instant limit = now[0].minusSeconds(20);
                assertThat(healths)
                        .as("%s, second %s", decided.get(), second)
                        .noneMatch(health ->
                                health.get(PRIMARY)
                                        .took()
                                        .filter(took -> took.isAfter(limit))
                                        .isPresent());
                facts = facts.with(decided.get());
                facts =
                        facts.with(
                                new RegionReturned(
                                        PRIMARY, facts.regions().epoch() + 1, now[0], 1, "test"));
                downSince = now[0];
            }
            if (down && !anyCut(cut)) {
                assertThat(Duration.between(downSince, now[0])).isLessThan(Duration.ofSeconds(60));
            } else {
                downSince = now[0];
            }
        }
    }

    private static boolean anyCut(boolean[] cut) {
        return cut[0] || cut[1] || cut[2];
    }

    private static void ask(StoreHealth health, boolean fails) {
        try (StoreHealth.Try asked = health.begin()) {
            if (fails) {
                asked.failed(
                        new CairnException(
                                ErrorCode.STORE_UNREACHABLE, "connection refused", "wait"));
            } else {
                asked.succeeded();
            }
        }
    }

    private static RegionFacts facts(RegionEvent... events) {
        RegionFacts facts = RegionFacts.NONE;
        for (RegionEvent event : events) {
            facts = facts.with(event);
        }
        return facts;
    }

    private static StoreObserved failing(String observer, int seconds) {
        return new StoreObserved(
                PRIMARY,
                observer,
                false,
                NOW.minusSeconds(seconds),
                NOW.minusSeconds(3),
                Optional.of("connection refused"));
    }

    private static StoreObserved taking(String observer, int secondsAgo) {
        return new StoreObserved(
                PRIMARY,
                observer,
                true,
                NOW.minusSeconds(secondsAgo),
                NOW.minusSeconds(secondsAgo),
                Optional.empty());
    }
}
