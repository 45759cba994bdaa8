package io.cairn.sync;

import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.HexFormat;
import java.util.function.Predicate;

/**
 * Whose turn it is on some days: each object's comes once in so many days, on a day that its key
 * says. Nothing has to be remembered, and everybody who computes it agrees.
 *
 * @param days in which every object has its turn, 1 or more
 * @param first the first of the days
 * @param last the last of them
 */
public record Turns(int days, LocalDate first, LocalDate last) implements Predicate<ObjectKey> {

    public Turns {
        if (days < 1 || last.isBefore(first)) {
            throw new IllegalArgumentException(days + " days, from " + first + " to " + last);
        }
    }

    /** Of one day. */
    public static Turns of(int days, LocalDate day) {
        return new Turns(days, day, day);
    }

    @Override
    public boolean test(ObjectKey key) {
        String digest = Sha256.of(key.value().getBytes(StandardCharsets.UTF_8)).hex();
        long slot = Math.floorMod(HexFormat.fromHexDigitsToLong(digest, 0, 15), days);
        long waits = Math.floorMod(slot - first.toEpochDay(), days);
        return first.plusDays(waits).compareTo(last) <= 0;
    }
}
