package io.cairn.events;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import java.time.Instant;

/**
 * A legal hold is in force in a store: its record lies there, and where the bucket has Object Lock,
 * every object that it covers is held.
 *
 * @param run what it was placed on
 * @param hold its id
 * @param placedAt when it was asked for
 * @param objects how many objects are held
 * @param enforced whether the bucket holds them, or Cairn's retention alone
 */
public record LegalHoldPlaced(
        RunId run,
        SystemIdentifier systemIdentifier,
        String hold,
        StoreName store,
        String reason,
        String by,
        Instant placedAt,
        long objects,
        boolean enforced)
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
        return cluster + ":hold:" + hold + ":" + store + ":placed";
    }
}
