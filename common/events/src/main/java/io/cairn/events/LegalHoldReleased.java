package io.cairn.events;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import java.time.Instant;

/**
 * A legal hold has ended in a store; what other holds cover is held on.
 *
 * @param run what it was placed on
 * @param hold its id
 * @param releasedAt when that was asked for
 * @param objects how many objects are held no more
 */
public record LegalHoldReleased(
        RunId run,
        SystemIdentifier systemIdentifier,
        String hold,
        StoreName store,
        String reason,
        String by,
        Instant releasedAt,
        long objects)
        implements CairnEvent {

    @JsonIgnore
    public ClusterName cluster() {
        return run.cluster();
    }

    @Override
    public String deterministicId() {
        return id(run.cluster(), hold, store);
    }

    /** The id of the event that would tell it. */
    public static String id(ClusterName cluster, String hold, StoreName store) {
        return cluster + ":hold:" + hold + ":" + store + ":released";
    }
}
