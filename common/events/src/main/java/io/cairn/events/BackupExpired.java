package io.cairn.events;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.Sha256;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import java.time.Instant;
import java.util.List;

/**
 * A backup has expired: its tombstone is in every store, and its objects are being deleted.
 *
 * @param plan digest of the plan that it followed
 * @param stores those that hold its tombstone
 */
public record BackupExpired(
        RunId run,
        SystemIdentifier systemIdentifier,
        Instant expiredAt,
        Sha256 plan,
        List<StoreName> stores)
        implements CairnEvent {

    public BackupExpired {
        stores = List.copyOf(stores);
    }

    @JsonIgnore
    public ClusterName cluster() {
        return run.cluster();
    }

    @Override
    public String deterministicId() {
        return run + ":" + systemIdentifier + ":expired";
    }
}
