package io.cairn.executor.basebackup;

import io.cairn.model.backup.CommitObject;
import io.cairn.model.policy.RunPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How long a restore of a chain may take.
 *
 * @param full bytes of the full
 * @param incrementals bytes of all that follow it
 * @param rate at which they are restored, in MB/s
 */
record RestoreTime(long full, long incrementals, int rate) {

    /**
     * Incrementals that together hold less than this part of their full are not what makes a
     * restore slow. Without it, a full that takes just less than the RTO would be taken again every
     * hour.
     */
    private static final int SHARE = 10;

    /**
     * @param chain the newest first, its full last
     */
    static RestoreTime of(List<CommitObject> chain, int rate) {
        long all = chain.stream().mapToLong(CommitObject::bytesIn).sum();
        long full = chain.getLast().bytesIn();
        return new RestoreTime(full, all - full, rate);
    }

    /**
     * Why the chain goes on with a new full: with it the RTO is met, without it no longer. One
     * line; absent where it is met, and where a full alone cannot meet it either.
     */
    Optional<String> missed(RunPolicy policy) {
        Duration whole = at(full + incrementals);
        boolean helps = at(full).compareTo(policy.rto()) <= 0 && incrementals >= full / SHARE;
        if (whole.compareTo(policy.rto()) <= 0 || !helps) {
            return Optional.empty();
        }
        return Optional.of(
                "a restore of the chain would take about "
                        + whole.toSeconds()
                        + " s at "
                        + rate
                        + " MB/s, longer than the RTO of "
                        + policy.rto().toSeconds()
                        + " s");
    }

    private Duration at(long bytes) {
        return Duration.ofSeconds(Math.ceilDiv(bytes, rate * 1_000_000L));
    }
}
