package io.cairn.replication.lag;

import io.cairn.events.ReplicationLagged;
import io.cairn.replication.route.Copy;
import io.cairn.replication.route.Route;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * Decides when a copy that is behind is told of: as soon as it is behind by more than the
 * threshold, then now and then while it stays so. Owned by one thread.
 */
final class LagWatch {

    private final BiFunction<Copy, Instant, Duration> lag;
    private final Duration threshold;
    private final Duration reminder;
    private final Map<Copy, Instant> told = new HashMap<>();

    /**
     * @param lag of a copy, by now
     */
    LagWatch(BiFunction<Copy, Instant, Duration> lag, Duration threshold, Duration reminder) {
        this.lag = lag;
        this.threshold = threshold;
        this.reminder = reminder;
    }

    /** What is to be told now; {@link #told} says that it was. */
    List<ReplicationLagged> look(List<Route> routes, Instant now) {
        List<ReplicationLagged> lagged = new ArrayList<>();
        for (Route route : routes) {
            Duration behind = lag.apply(route.copy(), now);
            if (behind.compareTo(threshold) <= 0) {
                told.remove(route.copy());
            } else if (isToBeTold(route.copy(), now)) {
                lagged.add(
                        new ReplicationLagged(
                                route.cluster(),
                                route.source(),
                                route.target(),
                                behind,
                                threshold,
                                now));
            }
        }
        return lagged;
    }

    private boolean isToBeTold(Copy copy, Instant now) {
        Instant last = told.get(copy);
        return last == null || !last.plus(reminder).isAfter(now);
    }

    void told(ReplicationLagged event) {
        told.put(new Copy(event.cluster(), event.target()), event.at());
    }
}
