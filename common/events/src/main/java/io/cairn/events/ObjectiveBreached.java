package io.cairn.events;

import io.cairn.model.ClusterName;
import io.cairn.model.Tier;
import io.cairn.model.wal.RecoverableWindow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A cluster is outside an objective of its tier.
 *
 * @param actual absent when there is nothing to measure: no backup ever, no drill ever
 * @param message in words that a tired person understands
 * @param recoverable the moments that can be recovered from each store alone; absent where it was
 *     not looked at
 */
public record ObjectiveBreached(
        ClusterName cluster,
        Tier tier,
        Objective objective,
        Duration target,
        Optional<Duration> actual,
        String message,
        Optional<List<RecoverableWindow>> recoverable,
        Instant checkedAt)
        implements CairnEvent {

    @Override
    public String deterministicId() {
        return cluster + ":" + objective.id() + ":breached:" + checkedAt;
    }
}
