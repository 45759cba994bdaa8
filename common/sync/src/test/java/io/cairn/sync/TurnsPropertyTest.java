package io.cairn.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.model.ObjectKey;
import java.time.LocalDate;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class TurnsPropertyTest {

    private static final LocalDate ANY = LocalDate.of(2026, 11, 22);

    @Property(tries = 200)
    void everyObjectHasItsTurnOnceInSoManyDaysHoweverTheyAreCut(
            @ForAll @IntRange(min = 1, max = 60) int days,
            @ForAll @IntRange(min = 1, max = 14) int every,
            @ForAll @IntRange(max = 100_000) int start,
            @ForAll @IntRange(max = 1_000_000) int name) {
        ObjectKey key = new ObjectKey("shop/1/wal/" + name);
        LocalDate first = ANY.plusDays(start);
        int turns = 0;
        for (int day = 0; day < days * every; day += every) {
            Turns window = new Turns(days, first.plusDays(day), first.plusDays(day + every - 1));
            if (every <= days) {
                turns += window.test(key) ? 1 : 0;
            } else {
                assertThat(window.test(key)).isTrue();
            }
        }
        if (every <= days) {
            assertThat(turns).isEqualTo(every);
        }
    }

    @Property(tries = 20)
    void theBudgetIsSpreadOverTheDays(@ForAll @IntRange(min = 2, max = 30) int days) {
        long due = 0;
        for (int object = 0; object < 3000; object++) {
            due += Turns.of(days, ANY).test(new ObjectKey("shop/1/wal/" + object)) ? 1 : 0;
        }

        assertThat(due).isBetween(3000L / days * 6 / 10, 3000L / days * 14 / 10 + 1);
    }
}
