package io.cairn.catalog.backup;

import io.cairn.catalog.fact.Fact;
import io.cairn.catalog.fact.Join;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import java.time.Duration;
import java.time.Instant;

/** The last time a store was further behind its source than it may be. */
public record StoreLag(
        ClusterName cluster,
        StoreName source,
        StoreName target,
        Duration lag,
        Duration threshold,
        Instant at)
        implements Fact<StoreLag> {

    public StoreLag {
        lag = Join.millis(lag);
        threshold = Join.millis(threshold);
        at = Join.micros(at);
    }

    @Override
    public String id() {
        return cluster + ":" + target;
    }

    @Override
    public StoreLag join(StoreLag other) {
        return Join.later(this, other, StoreLag::at);
    }
}
