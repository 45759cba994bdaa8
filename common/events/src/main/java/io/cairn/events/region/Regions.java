package io.cairn.events.region;

import io.cairn.events.RegionEvent;
import io.cairn.events.RegionFailedOver;
import io.cairn.events.RegionReturned;
import io.cairn.model.StoreName;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which stores are out of service, after some of the records of {@code cairn.regions}. Everybody
 * reads the same records in the same order, some later than others, some twice: a decision counts
 * if its epoch is greater than that of every one before. So of two authors who decide the same
 * epoch the first one counts for everybody, and a record that comes again changes nothing.
 *
 * <p>Immutable.
 *
 * @param epoch of the newest decision that counted; 0 before the first
 * @param failures the stores that are out of service, with what put them there
 */
public record Regions(long epoch, Map<StoreName, RegionFailedOver> failures) {

    /** All stores are in service, as far as is known. */
    public static final Regions NONE = new Regions(0, Map.of());

    public Regions {
        failures = Map.copyOf(failures);
    }

    /** With the next record of the topic. */
    public Regions with(RegionEvent event) {
        return switch (event) {
            case RegionFailedOver failed when failed.epoch() > epoch -> {
                Map<StoreName, RegionFailedOver> more = new HashMap<>(failures);
                more.put(failed.store(), failed);
                yield new Regions(failed.epoch(), more);
            }
            case RegionReturned returned when returned.epoch() > epoch -> {
                Map<StoreName, RegionFailedOver> fewer = new HashMap<>(failures);
                fewer.remove(returned.store());
                yield new Regions(returned.epoch(), fewer);
            }
            default -> this;
        };
    }

    public boolean inService(StoreName store) {
        return !failures.containsKey(store);
    }

    public Optional<RegionFailedOver> failure(StoreName store) {
        return Optional.ofNullable(failures.get(store));
    }

    /** In which order a writer tries its stores: as they are given, those in service first. */
    public List<StoreName> order(List<StoreName> copies) {
        return Stream.concat(
                        copies.stream().filter(this::inService),
                        copies.stream().filter(store -> !inService(store)))
                .toList();
    }

    /** The store that is written to. */
    public StoreName active(List<StoreName> copies) {
        return order(copies).getFirst();
    }
}
