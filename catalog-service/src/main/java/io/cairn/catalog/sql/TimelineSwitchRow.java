package io.cairn.catalog.sql;

import io.cairn.catalog.wal.TimelineSwitch;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;

@Entity
@Table(name = "timeline_switch")
class TimelineSwitchRow implements FactRow<TimelineSwitch> {

    @Id String id;

    String cluster;
    String systemIdentifier;
    String store;
    int fromTimeline;
    int toTimeline;
    String atLsn;
    Instant switchedAt;

    @Override
    public TimelineSwitch fact() {
        return new TimelineSwitch(
                new ClusterName(cluster),
                SystemIdentifier.parse(systemIdentifier),
                new StoreName(store),
                new Timeline(fromTimeline),
                new Timeline(toTimeline),
                Lsn.parse(atLsn),
                switchedAt);
    }

    @Override
    public void set(TimelineSwitch fact) {
        id = fact.id();
        cluster = fact.cluster().value();
        systemIdentifier = fact.systemIdentifier().toString();
        store = fact.store().value();
        fromTimeline = fact.from().id();
        toTimeline = fact.to().id();
        atLsn = fact.at().toString();
        switchedAt = fact.switchedAt();
    }
}
