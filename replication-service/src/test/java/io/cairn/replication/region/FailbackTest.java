package io.cairn.replication.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.events.FailbackRefused;
import io.cairn.events.FailbackRequested;
import io.cairn.events.RegionEvent;
import io.cairn.events.RegionFailedOver;
import io.cairn.events.RegionReturned;
import io.cairn.events.region.Regions;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.service.region.StoreHealth;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FailbackTest {

    private static final ClusterName SHOP = new ClusterName("shop");
    private static final StoreName PRIMARY = new StoreName("primary");
    private static final StoreName SECONDARY = new StoreName("secondary");
    private static final Instant NOW = Instant.parse("2026-11-22T02:00:00Z");
    private static final Regions LEFT =
            Regions.NONE.with(new RegionFailedOver(PRIMARY, 4, NOW, NOW, List.of("a"), "away"));

    private final List<String> compared = new ArrayList<>();
    private SidesIdentical.Comparison found = new SidesIdentical.Comparison(9, 0, List.of());

    @Test
    void aStoreThatHoldsTheSameIsBackInService() throws InterruptedException {
        RegionReturned returned = (RegionReturned) answer(PRIMARY, LEFT);

        assertThat(returned.epoch()).isEqualTo(5);
        assertThat(returned.objects()).isEqualTo(9);
        assertThat(returned.request()).isEqualTo("r1");
        assertThat(LEFT.with(returned).inService(PRIMARY)).isTrue();
        assertThat(compared).containsExactly("shop primary secondary");
    }

    @Test
    void oneThatDiffersStaysOutOfServiceAndItIsSaidInWhat() throws InterruptedException {
        found = new SidesIdentical.Comparison(9, 2, List.of("a in 'primary'", "b in 'primary'"));

        FailbackRefused refused = (FailbackRefused) answer(PRIMARY, LEFT);

        assertThat(refused.differences()).isEqualTo(2);
        assertThat(refused.examples()).containsExactly("a in 'primary'", "b in 'primary'");
        assertThat(refused.reason()).contains("2 object(s) differ");
    }

    @Test
    void oneThatIsInServiceOrThatNobodyKnowsIsRefused() throws InterruptedException {
        assertThat(((FailbackRefused) answer(PRIMARY, Regions.NONE)).reason())
                .contains("is in service");
        assertThat(((FailbackRefused) answer(new StoreName("nowhere"), LEFT)).reason())
                .contains("no policy names");
        assertThat(compared).isEmpty();
    }

    @Test
    void oneThatCannotBeComparedIsRefused() throws InterruptedException {
        Failback failback =
                failback((_, _, _) -> {
                    throw new CairnException(ErrorCode.STORE_UNREACHABLE, "away", "wait");
                });

        RegionEvent answer = failback.answer(request(PRIMARY), LEFT);

        assertThat(((FailbackRefused) answer).reason()).contains("cannot be compared: away");
    }

    /** The probe's object is one, whatever happens, and is written anew only in doubt. */
    @Test
    void aProbeLeavesOneObject() throws InterruptedException {
        FakeObjectStore store = FakeObjectStore.plain("primary");
        StoreHealth health = new StoreHealth(PRIMARY, InstantSource.system());
        StoreProber prober =
                new StoreProber(
                        store, health, "host:1/7", Duration.ofSeconds(2), InstantSource.system());

        prober.probe(false);
        prober.probe(false);
        assertThat(health.took()).isPresent();
        assertThat(store.keys()).hasSize(1);
        prober.probe(true);
        assertThat(store.keys()).hasSize(1);
        assertThat(store.calls()).anyMatch(call -> call.method().equals("replace"));

        store.failAlways(ErrorCode.STORE_UNAVAILABLE);
        prober.probe(true);
        assertThat(health.silentSince()).isPresent();
        store.heal();
        prober.probe(true);
        assertThat(health.silentSince()).isEmpty();
    }

    private RegionEvent answer(StoreName store, Regions regions) throws InterruptedException {
        return failback(
                        (cluster, one, other) -> {
                            compared.add(cluster + " " + one.name() + " " + other.name());
                            return found;
                        })
                .answer(request(store), regions);
    }

    private static FailbackRequested request(StoreName store) {
        return new FailbackRequested(store, "r1", "jane", NOW);
    }

    private static Failback failback(SidesIdentical sides) {
        return new Failback(
                Map.of(SHOP, List.of(PRIMARY, SECONDARY)),
                FailbackTest::store,
                sides,
                InstantSource.fixed(NOW));
    }

    private static ObjectStore store(StoreName name) {
        return FakeObjectStore.plain(name.value());
    }
}
