package io.cairn.replication.region;

import io.cairn.events.RegionFailedOver;
import io.cairn.events.StoreObserved;
import io.cairn.events.region.RegionFacts;
import io.cairn.events.region.Regions;
import io.cairn.model.StoreName;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Decides from what observers tell when a store is left. A function of the records of {@code
 * cairn.regions} and the time, so that several judges come to the same; where two of them decide at
 * once, the first in the topic counts. Immutable.
 *
 * <p>A store is left when it was seen to take nothing for the limit by at least two observers, or
 * by the only one who has said anything of it since it fails, and nobody has had a success in that
 * time; and only where another store of a policy that names it is in service and not seen to fail.
 */
public final class Judge {

    /** Who sees a store fail repeats it every 10 s: what is older says nothing of now. */
    private static final Duration FRESH = Duration.ofSeconds(30);

    /** An observer that says nothing for so long is there no more. */
    private static final Duration THERE = Duration.ofMinutes(1);

    private final List<List<StoreName>> policies;
    private final Duration limit;

    /**
     * @param policies each tier's copies
     * @param limit how long a store takes nothing before it is left
     */
    public Judge(List<List<StoreName>> policies, Duration limit) {
        this.policies = policies.stream().map(List::copyOf).toList();
        this.limit = limit;
    }

    /** The store that is to be left now, if one is. */
    public Optional<RegionFailedOver> decide(RegionFacts facts, Instant now) {
        Regions regions = facts.regions();
        Set<StoreName> stores = new LinkedHashSet<>();
        policies.forEach(stores::addAll);
        return stores.stream()
                .filter(regions::inService)
                .filter(store -> isReplaceable(store, facts, now))
                .flatMap(store -> decide(store, facts, now).stream())
                .findFirst();
    }

    private boolean isReplaceable(StoreName store, RegionFacts facts, Instant now) {
        return policies.stream()
                .filter(copies -> copies.contains(store))
                .flatMap(List::stream)
                .anyMatch(other ->
                        !other.equals(store)
                                && facts.regions().inService(other)
                                && failing(other, facts, now).isEmpty());
    }

    private static List<StoreObserved> failing(StoreName store, RegionFacts facts, Instant now) {
        return facts.of(store).stream()
                .filter(seen -> !seen.taking() && seen.at().plus(FRESH).isAfter(now))
                .toList();
    }

    private Optional<RegionFailedOver> decide(StoreName store, RegionFacts facts, Instant now) {
        List<StoreObserved> failing = failing(store, facts, now);
        if (failing.isEmpty() || hasTakenSomething(store, facts, now)) {
            return Optional.empty();
        }
        Instant since =
                failing.stream()
                        .map(StoreObserved::since)
                        .min(Comparator.naturalOrder())
                        .orElseThrow();
        List<StoreObserved> longEnough =
                failing.stream().filter(seen -> !seen.since().plus(limit).isAfter(now)).toList();
        long there =
                facts.of(store).stream()
                        .filter(seen ->
                                !seen.at().isBefore(since) && seen.at().plus(THERE).isAfter(now))
                        .count();
        boolean agreed =
                longEnough.size() >= 2 || (!longEnough.isEmpty() && longEnough.size() >= there);
        return agreed ? Optional.of(left(store, facts, longEnough, now)) : Optional.empty();
    }

    private boolean hasTakenSomething(StoreName store, RegionFacts facts, Instant now) {
        return facts.of(store).stream()
                .anyMatch(seen -> seen.taking() && seen.since().plus(limit).isAfter(now));
    }

    private static RegionFailedOver left(
            StoreName store, RegionFacts facts, List<StoreObserved> seen, Instant now) {
        Instant since =
                seen.stream()
                        .map(StoreObserved::since)
                        .max(Comparator.naturalOrder())
                        .orElseThrow();
        List<String> observers =
                seen.stream().map(StoreObserved::observer).sorted().distinct().toList();
        return new RegionFailedOver(
                store,
                facts.regions().epoch() + 1,
                since,
                now,
                observers,
                "it has taken nothing of %d observer(s) for %d s: %s"
                        .formatted(
                                observers.size(),
                                Duration.between(since, now).toSeconds(),
                                seen.getFirst().failure().orElse("no answer")));
    }
}
