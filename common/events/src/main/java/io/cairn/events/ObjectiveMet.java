package io.cairn.events;

import io.cairn.model.ClusterName;
import io.cairn.model.Tier;
import java.time.Duration;
import java.time.Instant;

/** A cluster is within an objective of its tier. */
public record ObjectiveMet(
        ClusterName cluster,
        Tier tier,
        Objective objective,
        Duration target,
        Duration actual,
        Instant checkedAt)
        implements CairnEvent {

    @Override
    public String deterministicId() {
        return cluster + ":" + objective.id() + ":met:" + checkedAt;
    }
}
