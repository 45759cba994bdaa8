package io.cairn.catalog.wal;

import io.cairn.catalog.fact.Fact;
import io.cairn.catalog.fact.Join;
import io.cairn.events.TimelineSwitched;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;
import java.time.Instant;
import java.util.Optional;

/**
 * Where a cluster's WAL went on on another timeline.
 *
 * @param at the position of the fork; {@code from} is stored up to there
 */
public record TimelineSwitch(
        ClusterName cluster,
        SystemIdentifier systemIdentifier,
        StoreName store,
        Timeline from,
        Timeline to,
        Lsn at,
        Instant switchedAt)
        implements Fact<TimelineSwitch> {

    public TimelineSwitch {
        switchedAt = Join.micros(switchedAt);
    }

    public static TimelineSwitch of(TimelineSwitched event) {
        return new TimelineSwitch(
                event.cluster(),
                event.systemIdentifier(),
                event.store(),
                event.from(),
                event.to(),
                event.at(),
                event.switchedAt());
    }

    @Override
    public String id() {
        return "%s:%s:%s:%s".formatted(cluster, systemIdentifier, store, to.hex());
    }

    @Override
    public TimelineSwitch join(TimelineSwitch other) {
        return Join.earliest(Optional.of(this), Optional.of(other), TimelineSwitch::switchedAt)
                .orElseThrow();
    }
}
