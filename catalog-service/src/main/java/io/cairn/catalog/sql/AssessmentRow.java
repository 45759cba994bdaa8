package io.cairn.catalog.sql;

import io.cairn.catalog.cluster.Assessment;
import io.cairn.events.Objective;
import io.cairn.model.ClusterName;
import io.cairn.model.Tier;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

@Entity
@Table(name = "assessment")
class AssessmentRow implements FactRow<Assessment> {

    @Id String id;

    String cluster;
    String tier;
    String objective;
    boolean met;
    long targetMillis;
    @Nullable Long actualMillis;
    @Nullable String message;
    Instant checkedAt;

    @Override
    public Assessment fact() {
        return new Assessment(
                new ClusterName(cluster),
                Tier.parse(tier),
                Objective.parse(objective),
                met,
                Duration.ofMillis(targetMillis),
                Optional.ofNullable(actualMillis).map(Duration::ofMillis),
                Optional.ofNullable(message),
                checkedAt);
    }

    @Override
    public void set(Assessment fact) {
        id = fact.id();
        cluster = fact.cluster().value();
        tier = fact.tier().id();
        objective = fact.objective().id();
        met = fact.met();
        targetMillis = fact.target().toMillis();
        actualMillis = fact.actual().map(Duration::toMillis).orElse(null);
        message = fact.message().orElse(null);
        checkedAt = fact.checkedAt();
    }
}
