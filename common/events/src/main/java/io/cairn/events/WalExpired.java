package io.cairn.events;

import io.cairn.model.ClusterName;
import io.cairn.model.Sha256;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import java.time.Instant;
import java.util.List;

/**
 * WAL that nothing needs any more was deleted. The record under {@code records/expired-wal/} says
 * what is still wanted.
 *
 * @param expiredAt the record's time
 * @param plan digest of the plan that it followed
 * @param objects how many were deleted, in all stores together
 * @param bytes their stored bytes
 */
public record WalExpired(
        ClusterName cluster,
        SystemIdentifier systemIdentifier,
        Instant expiredAt,
        Sha256 plan,
        List<StoreName> stores,
        long objects,
        long bytes)
        implements CairnEvent {

    public WalExpired {
        stores = List.copyOf(stores);
    }

    @Override
    public String deterministicId() {
        return cluster + ":" + systemIdentifier + ":wal-expired:" + expiredAt;
    }
}
