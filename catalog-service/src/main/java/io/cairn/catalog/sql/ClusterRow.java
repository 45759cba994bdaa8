package io.cairn.catalog.sql;

import io.cairn.catalog.cluster.KnownCluster;
import io.cairn.model.ClusterName;
import io.cairn.model.Tier;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;

@Entity
@Table(name = "cluster")
class ClusterRow implements FactRow<KnownCluster> {

    @Id String id;

    String tier;
    Instant toldAt;

    @Override
    public KnownCluster fact() {
        return new KnownCluster(new ClusterName(id), Tier.parse(tier), toldAt);
    }

    @Override
    public void set(KnownCluster fact) {
        id = fact.id();
        tier = fact.tier().id();
        toldAt = fact.toldAt();
    }
}
