package io.cairn.events.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.events.RegionEvent;
import io.cairn.events.RegionFailedOver;
import io.cairn.events.RegionReturned;
import io.cairn.model.StoreName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class RegionsTest {

    private static final StoreName PRIMARY = new StoreName("primary");
    private static final StoreName SECONDARY = new StoreName("secondary");
    private static final List<StoreName> COPIES = List.of(PRIMARY, SECONDARY);
    private static final Instant AT = Instant.parse("2026-11-22T02:00:00Z");

    @Test
    void theFirstStoreInServiceIsWrittenTo() {
        Regions regions = Regions.NONE;
        assertThat(regions.order(COPIES)).containsExactly(PRIMARY, SECONDARY);

        regions = regions.with(failed(PRIMARY, 1));
        assertThat(regions.order(COPIES)).containsExactly(SECONDARY, PRIMARY);
        assertThat(regions.inService(PRIMARY)).isFalse();
        assertThat(regions.epoch()).isEqualTo(1);

        regions = regions.with(returned(PRIMARY, 2));
        assertThat(regions.active(COPIES)).isEqualTo(PRIMARY);
        assertThat(regions.epoch()).isEqualTo(2);
    }

    @Test
    void ofTwoDecisionsOfOneEpochTheFirstCounts() {
        Regions regions = Regions.NONE.with(failed(PRIMARY, 1)).with(failed(SECONDARY, 1));

        assertThat(regions.inService(SECONDARY)).isTrue();
        assertThat(regions.inService(PRIMARY)).isFalse();
    }

    @Test
    void withNoStoreInServiceTheFirstIsTried() {
        Regions regions = Regions.NONE.with(failed(PRIMARY, 1)).with(failed(SECONDARY, 2));

        assertThat(regions.active(COPIES)).isEqualTo(PRIMARY);
    }

    /** A reader that begins anew, or gets records again, ends with the same. */
    @Property
    void recordsThatComeAgainChangeNothing(
            @ForAll("topics") List<RegionEvent> topic, @ForAll long seed) {
        Regions expected = read(topic);

        Regions again = Regions.NONE;
        Random random = new Random(seed);
        for (int next = 0; next < topic.size(); next++) {
            again = again.with(topic.get(next));
            for (int repeats = random.nextInt(3); repeats > 0; repeats--) {
                again = again.with(topic.get(random.nextInt(next + 1)));
            }
        }
        assertThat(again).isEqualTo(expected);
    }

    @Property
    void whoHasReadLessIsBroughtAlongByTheRest(
            @ForAll("topics") List<RegionEvent> topic, @ForAll long seed) {
        int prefix = topic.isEmpty() ? 0 : new Random(seed).nextInt(topic.size());

        Regions behind = read(topic.subList(0, prefix));
        assertThat(behind.epoch()).isLessThanOrEqualTo(read(topic).epoch());
        for (RegionEvent event : topic) {
            behind = behind.with(event);
        }
        assertThat(behind).isEqualTo(read(topic));
    }

    /**
     * Two authors who know each other's decisions late, and never leave the last store that they
     * know to be in service, leave one, whatever comes first in the topic.
     */
    @Property
    void authorsWhoDisagreeLeaveAStoreInService(@ForAll long seed) {
        Random random = new Random(seed);
        List<RegionEvent> topic = new ArrayList<>();
        List<Regions> known = new ArrayList<>(List.of(Regions.NONE, Regions.NONE));
        int[] read = new int[2];
        for (int step = 0; step < 40; step++) {
            int author = random.nextInt(2);
            while (read[author] < topic.size() && random.nextInt(3) > 0) {
                known.set(author, known.get(author).with(topic.get(read[author]++)));
            }
            Regions knows = known.get(author);
            StoreName store = COPIES.get(random.nextInt(2));
            if (!knows.inService(store)) {
                topic.add(returned(store, knows.epoch() + 1));
            } else if (COPIES.stream().filter(knows::inService).count() > 1) {
                topic.add(failed(store, knows.epoch() + 1));
            }
            assertThat(COPIES).as("after %s", topic).anyMatch(read(topic)::inService);
        }
        for (int author = 0; author < 2; author++) {
            Regions knows = known.get(author);
            for (RegionEvent event : topic.subList(read[author], topic.size())) {
                knows = knows.with(event);
            }
            assertThat(knows).isEqualTo(read(topic));
        }
    }

    @Property
    void everyStoreIsTriedOnce(@ForAll("topics") List<RegionEvent> topic) {
        assertThat(read(topic).order(COPIES)).containsExactlyInAnyOrderElementsOf(COPIES);
    }

    private static Regions read(List<RegionEvent> topic) {
        Regions regions = Regions.NONE;
        for (RegionEvent event : topic) {
            regions = regions.with(event);
        }
        return regions;
    }

    @Provide
    Arbitrary<List<RegionEvent>> topics() {
        Arbitrary<StoreName> stores = Arbitraries.of(COPIES);
        Arbitrary<Integer> epochs = Arbitraries.integers().between(1, 6);
        return Combinators.combine(stores, epochs, Arbitraries.of(true, false))
                .<RegionEvent>as((store, epoch, failed) ->
                        failed ? failed(store, epoch) : returned(store, epoch))
                .list()
                .ofMaxSize(12);
    }

    private static RegionFailedOver failed(StoreName store, long epoch) {
        return new RegionFailedOver(store, epoch, AT, AT, List.of("one"), "away");
    }

    private static RegionReturned returned(StoreName store, long epoch) {
        return new RegionReturned(store, epoch, AT, 1, "request");
    }
}
