package io.cairn.service.region;

import io.cairn.events.StoreObserved;
import io.cairn.events.region.RegionFacts;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides what one process tells of one store: that it takes nothing, again and again while that is
 * so; that it takes something again; and that it does take something while others say that it does
 * not. Nothing while all is well. For one thread.
 */
public final class StoreObserver {

    /** How long a store takes nothing before it is told. */
    public static final Duration TELL_AFTER = Duration.ofSeconds(10);

    /** How often the same is told at most. */
    public static final Duration TELL_EVERY = Duration.ofSeconds(10);

    /** What others have told longer ago says nothing of now: they repeat it. */
    private static final Duration FORGET_AFTER = Duration.ofMinutes(1);

    private final String observer;
    private final StoreHealth health;
    private final InstantSource clock;
    private @Nullable StoreObserved told;

    public StoreObserver(String observer, StoreHealth health, InstantSource clock) {
        this.observer = observer;
        this.health = health;
        this.clock = clock;
    }

    /** What is to be told now; {@link #told} when it was. */
    public Optional<StoreObserved> look(RegionFacts facts) {
        Instant now = clock.instant();
        Optional<Instant> silent =
                health.silentSince().filter(since -> !since.plus(TELL_AFTER).isAfter(now));
        if (silent.isPresent()) {
            String failure = health.failure();
            return Optional.of(
                            seen(
                                    false,
                                    silent.get(),
                                    now,
                                    Optional.of(failure.isEmpty() ? "no answer" : failure)))
                    .filter(_ -> isNews(false, now));
        }
        Optional<Instant> took = health.took();
        if (took.isEmpty() || !(hasSaidOtherwise() || isDoubted(facts, now))) {
            return Optional.empty();
        }
        return took.filter(it -> told == null || it.isAfter(told.since()))
                .map(it -> seen(true, it, now, Optional.empty()))
                .filter(_ -> isNews(true, now));
    }

    public void told(StoreObserved observed) {
        told = observed;
    }

    private StoreObserved seen(
            boolean taking, Instant since, Instant now, Optional<String> failure) {
        return new StoreObserved(health.store(), observer, taking, since, now, failure);
    }

    private boolean isNews(boolean taking, Instant now) {
        StoreObserved last = told;
        return last == null || last.taking() != taking || !last.at().plus(TELL_EVERY).isAfter(now);
    }

    private boolean hasSaidOtherwise() {
        return told != null && !told.taking();
    }

    /** Whether somebody else says that the store takes nothing. */
    public boolean isDoubted(RegionFacts facts, Instant now) {
        return facts.of(health.store()).stream()
                .anyMatch(seen ->
                        !seen.taking()
                                && !seen.observer().equals(observer)
                                && seen.at().plus(FORGET_AFTER).isAfter(now));
    }
}
