package io.cairn.replication.lag;

import io.cairn.config.CairnConfig;
import io.cairn.replication.route.Copy;
import io.cairn.replication.route.Route;
import io.cairn.replication.route.Routes;
import io.cairn.replication.route.StorePair;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How far each store is behind with each cluster's WAL: the age of the oldest object that another
 * store of the policy has and this one lacks. Thread-safe.
 */
@Singleton
public final class WalLags {

    private final Map<StorePair, LagTracker> trackers = new LinkedHashMap<>();

    @Inject
    public WalLags(CairnConfig config) {
        new Routes(config).pairs().forEach(pair -> trackers.put(pair, new LagTracker()));
    }

    /** What is counted for two stores. */
    public LagTracker of(StorePair pair) {
        LagTracker tracker = trackers.get(pair);
        if (tracker == null) {
            throw new IllegalArgumentException(pair + " is not configured");
        }
        return tracker;
    }

    /** One for each cluster and store that WAL may have to be copied to. */
    public List<Route> routes() {
        Map<Copy, Route> routes = new LinkedHashMap<>();
        trackers.keySet()
                .forEach(pair ->
                        pair.routes().forEach(route -> routes.putIfAbsent(route.copy(), route)));
        return List.copyOf(routes.values());
    }

    /** Zero where nothing is missing. */
    public Duration lag(Copy copy, Instant now) {
        return trackers.entrySet().stream()
                .filter(entry -> entry.getKey().cluster().equals(copy.cluster()))
                .map(entry -> entry.getValue().lag(copy, now))
                .max(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
    }
}
