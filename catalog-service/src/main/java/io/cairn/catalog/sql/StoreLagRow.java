package io.cairn.catalog.sql;

import io.cairn.catalog.backup.StoreLag;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Duration;
import java.time.Instant;

@Entity
@Table(name = "store_lag")
class StoreLagRow implements FactRow<StoreLag> {

    @Id String id;

    String cluster;
    String source;
    String target;
    long lagMillis;
    long thresholdMillis;
    Instant at;

    @Override
    public StoreLag fact() {
        return new StoreLag(
                new ClusterName(cluster),
                new StoreName(source),
                new StoreName(target),
                Duration.ofMillis(lagMillis),
                Duration.ofMillis(thresholdMillis),
                at);
    }

    @Override
    public void set(StoreLag fact) {
        id = fact.id();
        cluster = fact.cluster().value();
        source = fact.source().value();
        target = fact.target().value();
        lagMillis = fact.lag().toMillis();
        thresholdMillis = fact.threshold().toMillis();
        at = fact.at();
    }
}
