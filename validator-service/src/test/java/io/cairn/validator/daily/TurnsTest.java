package io.cairn.validator.daily;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TurnsTest {

    private static final ClusterName SHOP = new ClusterName("shop");
    private static final StoreName PRIMARY = new StoreName("primary");
    private static final StoreName SECONDARY = new StoreName("secondary");
    private static final Instant FIVE = Instant.parse("2026-11-22T05:00:00Z");
    private static final Duration EVERY = Duration.ofDays(30);

    @Test
    void everyStoreIsFirstOnOneDayOfAsManyAsThereAre() {
        List<StoreName> copies = List.of(PRIMARY, SECONDARY, new StoreName("third"));

        List<StoreName> firsts =
                IntStream.range(0, 3)
                        .mapToObj(n -> Turns.stores(copies, SHOP, day(n)).getFirst())
                        .toList();

        assertThat(firsts).containsExactlyInAnyOrderElementsOf(copies);
        assertThat(Turns.stores(copies, SHOP, FIVE)).containsExactlyInAnyOrderElementsOf(copies);
        assertThat(Turns.stores(copies, SHOP, FIVE.plusSeconds(600)))
                .isEqualTo(Turns.stores(copies, SHOP, FIVE));
    }

    @Test
    void notAllClustersAreDrilledFromTheSameStoreOnADay() {
        List<StoreName> copies = List.of(PRIMARY, SECONDARY);
        assertThat(
                        IntStream.range(0, 20)
                                .mapToObj(n -> new ClusterName("cluster-" + n))
                                .map(cluster -> Turns.stores(copies, cluster, FIVE).getFirst()))
                .contains(PRIMARY, SECONDARY);
    }

    @Test
    void everyBackupIsReadAgainOnceInSoManyDays() {
        BackupLabel label = new BackupLabel("20261122T230000Z-I");
        assertThat(IntStream.rangeClosed(0, 90).filter(n -> Turns.rereads(label, day(n), EVERY)))
                .containsExactly(30, 60, 90);
    }

    @Test
    void theMomentLiesBehindTheBackupAndIsTheSameHoweverMuchIsStoredMeanwhile() {
        DrillMoment moment = new DrillMoment(SHOP, FIVE);
        Instant backup = FIVE.minusSeconds(3600);

        assertThat(moment.between(backup, FIVE.plusSeconds(1)))
                .isBetween(backup, FIVE)
                .isEqualTo(moment.between(backup, FIVE.plusSeconds(9000)))
                .isNotEqualTo(new DrillMoment(SHOP, day(1)).between(backup, FIVE));
        assertThat(moment.between(backup, backup.plusSeconds(9)))
                .isBetween(backup, backup.plusSeconds(9));
    }

    /** Of a hundred days every tenth of the way is visited. */
    @Test
    void overTheDaysEveryPartOfTheWayIsVisited() {
        Set<Long> tenths = new HashSet<>();
        for (int n = 0; n < 100; n++) {
            Instant backup = day(n).minusSeconds(1000);
            Instant at = new DrillMoment(SHOP, day(n)).between(backup, day(n));
            tenths.add((Duration.between(backup, at).toSeconds() - 1) / 100);
        }
        assertThat(tenths).hasSize(10);
    }

    private static Instant day(int number) {
        return FIVE.plus(Duration.ofDays(number));
    }
}
