package io.cairn.catalog.region;

import io.cairn.config.CairnConfig;
import io.cairn.events.FailbackRequested;
import io.cairn.events.RegionEvent;
import io.cairn.model.StoreName;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.service.events.EventPublisher;
import io.cairn.service.region.KnownRegions;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * Requests to bring a store back into service. The replication service compares the stores and
 * answers. Blocking; thread-safe.
 */
@ApplicationScoped
public class Failbacks {

    private static final Pattern NAME = Pattern.compile("[^\\p{Cntrl}]{1,128}");

    private final CairnConfig config;
    private final KnownRegions regions;
    private final EventPublisher events;
    private final RandomGenerator random;
    private final InstantSource clock;

    @Inject
    Failbacks(
            CairnConfig config,
            KnownRegions regions,
            EventPublisher events,
            RandomGenerator random,
            InstantSource clock) {
        this.config = config;
        this.regions = regions;
        this.events = events;
        this.random = random;
        this.clock = clock;
    }

    /**
     * @param by who asks, for the record
     * @return the request's id
     * @throws CairnException {@link ErrorCode#CONFIG_INVALID} if there is no such store, {@link
     *     ErrorCode#REQUEST_INVALID} if it is in service, {@link ErrorCode#BROKER_UNREACHABLE}
     */
    public String request(StoreName store, String by) {
        config.store(store);
        if (!NAME.matcher(by).matches()) {
            throw new CairnException(
                    ErrorCode.REQUEST_INVALID,
                    "by is not valid",
                    "send 1 to 128 characters of text");
        }
        if (regions.isCurrent() && regions.regions().inService(store)) {
            throw new CairnException(
                    ErrorCode.REQUEST_INVALID,
                    "store '" + store + "' is in service",
                    "there is nothing to bring back");
        }
        String request = HexFormat.of().toHexDigits(random.nextLong());
        events.publish(new FailbackRequested(store, request, by, clock.instant()));
        return request;
    }

    /** What became of a request; empty while the stores are compared. */
    public Optional<RegionEvent> answer(StoreName store, String request) {
        return regions.facts().answer(store, request);
    }
}
