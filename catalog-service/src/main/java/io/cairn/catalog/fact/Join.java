package io.cairn.catalog.fact;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Function;

/**
 * The rules by which parts of a {@link Fact} are joined. Each picks by a total order over whole
 * values (the text of a record names all its components), so that the order of arrival never
 * decides.
 */
public final class Join {

    private Join() {}

    /** The one that happened last. */
    public static <T> Optional<T> latest(
            Optional<T> one, Optional<T> other, Function<T, Instant> at) {
        return pick(one, other, Comparator.comparing(at).thenComparing(Object::toString));
    }

    /** The one that was told last. */
    public static <T> T later(T one, T other, Function<T, Instant> at) {
        return latest(Optional.of(one), Optional.of(other), at).orElseThrow();
    }

    /** The one that happened first. */
    public static <T> Optional<T> earliest(
            Optional<T> one, Optional<T> other, Function<T, Instant> at) {
        return pick(
                one, other, Comparator.comparing(at).thenComparing(Object::toString).reversed());
    }

    /** The one that is there; where both are and differ, the smaller one. */
    public static <T extends Comparable<T>> Optional<T> any(Optional<T> one, Optional<T> other) {
        return pick(one, other, Comparator.<T>naturalOrder().reversed());
    }

    private static <T> Optional<T> pick(Optional<T> one, Optional<T> other, Comparator<T> order) {
        if (one.isEmpty() || other.isEmpty()) {
            return one.or(() -> other);
        }
        return order.compare(one.get(), other.get()) >= 0 ? one : other;
    }

    /**
     * As exact as PostgreSQL keeps a {@code timestamptz}; a finer time would lose its order on the
     * way through a row.
     */
    public static Instant micros(Instant time) {
        return time.truncatedTo(ChronoUnit.MICROS);
    }

    /** As exact as the catalog keeps a duration. */
    public static Duration millis(Duration duration) {
        return duration.truncatedTo(ChronoUnit.MILLIS);
    }
}
