package io.cairn.events;

import io.cairn.model.ClusterName;
import io.cairn.model.Tier;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A cluster is outside an objective of its tier.
 *
 * @param actual absent when there is nothing to measure: no backup ever, no drill ever
 * @param message in words that a tired person understands
 */
public record ObjectiveBreached(
        ClusterName cluster,
        Tier tier,
        Objective objective,
        Duration target,
        Optional<Duration> actual,
        String message,
        Instant checkedAt)
        implements CairnEvent {

    @Override
    public String deterministicId() {
        return cluster + ":" + objective.id() + ":breached:" + checkedAt;
    }
}
