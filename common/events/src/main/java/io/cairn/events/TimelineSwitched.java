package io.cairn.events;

import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Tier;
import io.cairn.model.Timeline;
import java.time.Instant;

/**
 * A cluster's WAL goes on on another timeline, after a promotion. The old one's WAL is stored up to
 * the fork, and the new one's history file with it.
 *
 * @param at the position of the fork
 */
public record TimelineSwitched(
        ClusterName cluster,
        Tier tier,
        SystemIdentifier systemIdentifier,
        StoreName store,
        Timeline from,
        Timeline to,
        Lsn at,
        Instant switchedAt)
        implements CairnEvent {

    @Override
    public String deterministicId() {
        return "%s:%s:%s:timeline:%s".formatted(cluster, systemIdentifier, store, to.hex());
    }
}
