package io.cairn.catalog.cluster;

import io.cairn.catalog.fact.Fact;
import io.cairn.catalog.fact.Join;
import io.cairn.events.Objective;
import io.cairn.model.ClusterName;
import io.cairn.model.Tier;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What the last monitoring check said of one objective of one cluster.
 *
 * @param actual absent when there was nothing to measure
 * @param message present when the objective is breached
 */
public record Assessment(
        ClusterName cluster,
        Tier tier,
        Objective objective,
        boolean met,
        Duration target,
        Optional<Duration> actual,
        Optional<String> message,
        Instant checkedAt)
        implements Fact<Assessment> {

    public Assessment {
        target = Join.millis(target);
        actual = actual.map(Join::millis);
        checkedAt = Join.micros(checkedAt);
    }

    @Override
    public String id() {
        return cluster + ":" + objective.id();
    }

    @Override
    public Assessment join(Assessment other) {
        return Join.later(this, other, Assessment::checkedAt);
    }
}
