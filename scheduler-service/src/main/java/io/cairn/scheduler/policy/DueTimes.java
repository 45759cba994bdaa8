package io.cairn.scheduler.policy;

import java.time.Instant;
import java.util.List;

/**
 * Due times of one schedule in one interval.
 *
 * @param times oldest first
 * @param truncated whether there were more than asked for, all older than these
 */
public record DueTimes(List<Instant> times, boolean truncated) {

    public DueTimes {
        times = List.copyOf(times);
    }
}
