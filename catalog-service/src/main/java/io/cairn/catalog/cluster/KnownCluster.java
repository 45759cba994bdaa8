package io.cairn.catalog.cluster;

import io.cairn.catalog.fact.Fact;
import io.cairn.catalog.fact.Join;
import io.cairn.model.ClusterName;
import io.cairn.model.Tier;
import java.time.Instant;

/**
 * A cluster that some event spoke of; it stays known when the configuration no longer names it.
 *
 * @param tier its tier, as last told
 * @param toldAt when that was
 */
public record KnownCluster(ClusterName name, Tier tier, Instant toldAt)
        implements Fact<KnownCluster> {

    public KnownCluster {
        toldAt = Join.micros(toldAt);
    }

    @Override
    public String id() {
        return name.value();
    }

    @Override
    public KnownCluster join(KnownCluster other) {
        return Join.later(this, other, KnownCluster::toldAt);
    }
}
