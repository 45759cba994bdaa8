package io.cairn.events;

import io.cairn.model.ClusterName;
import io.cairn.model.Tier;
import io.cairn.model.wal.RecoverableWindow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A cluster is within an objective of its tier.
 *
 * @param recoverable the moments that can be recovered from each store alone; absent where it was
 *     not looked at
 */
public record ObjectiveMet(
        ClusterName cluster,
        Tier tier,
        Objective objective,
        Duration target,
        Duration actual,
        Optional<List<RecoverableWindow>> recoverable,
        Instant checkedAt)
        implements CairnEvent {

    @Override
    public String deterministicId() {
        return cluster + ":" + objective.id() + ":met:" + checkedAt;
    }
}
