package io.cairn.events;

import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import java.time.Duration;
import java.time.Instant;

/** A store is behind its source by more than it may be. */
public record ReplicationLagged(
        ClusterName cluster,
        StoreName source,
        StoreName target,
        Duration lag,
        Duration threshold,
        Instant at)
        implements CairnEvent {

    @Override
    public String deterministicId() {
        return cluster + ":" + target + ":lagged:" + at;
    }
}
