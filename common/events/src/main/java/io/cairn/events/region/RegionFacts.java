package io.cairn.events.region;

import io.cairn.events.FailbackRefused;
import io.cairn.events.FailbackRequested;
import io.cairn.events.RegionEvent;
import io.cairn.events.RegionFailedOver;
import io.cairn.events.RegionReturned;
import io.cairn.events.StoreObserved;
import io.cairn.model.StoreName;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that the records of {@code cairn.regions} say: what was decided, what was seen, and what
 * became of requests. Immutable.
 *
 * @param observed the newest of each store and observer, by its key
 * @param refusals the newest of each store
 * @param returns the newest of each store that counted
 */
public record RegionFacts(
        Regions regions,
        Map<String, StoreObserved> observed,
        Map<StoreName, FailbackRefused> refusals,
        Map<StoreName, RegionReturned> returns) {

    public static final RegionFacts NONE =
            new RegionFacts(Regions.NONE, Map.of(), Map.of(), Map.of());

    public RegionFacts {
        observed = Map.copyOf(observed);
        refusals = Map.copyOf(refusals);
        returns = Map.copyOf(returns);
    }

    /** With the next record of the topic. */
    public RegionFacts with(RegionEvent event) {
        Regions next = regions.with(event);
        return switch (event) {
            case RegionFailedOver _ -> new RegionFacts(next, observed, refusals, returns);
            case RegionReturned returned ->
                    new RegionFacts(
                            next,
                            observed,
                            refusals,
                            next.equals(regions)
                                    ? returns
                                    : with(returns, returned.store(), returned));
            case StoreObserved seen ->
                    new RegionFacts(next, with(observed, seen.key(), seen), refusals, returns);
            case FailbackRefused refused ->
                    new RegionFacts(
                            next, observed, with(refusals, refused.store(), refused), returns);
            case FailbackRequested _ -> this;
        };
    }

    private static <K, V> Map<K, V> with(Map<K, V> map, K key, V value) {
        Map<K, V> more = new HashMap<>(map);
        more.put(key, value);
        return more;
    }

    /** What each observer has told last of a store. */
    public List<StoreObserved> of(StoreName store) {
        return observed.values().stream().filter(seen -> seen.store().equals(store)).toList();
    }

    public Collection<StoreObserved> observations() {
        return observed.values();
    }

    /** What became of a request; empty while nothing is known. */
    public Optional<RegionEvent> answer(StoreName store, String request) {
        RegionReturned returned = returns.get(store);
        if (returned != null && returned.request().equals(request)) {
            return Optional.of(returned);
        }
        return Optional.ofNullable(refusals.get(store))
                .filter(refused -> refused.request().equals(request))
                .map(RegionEvent.class::cast);
    }
}
