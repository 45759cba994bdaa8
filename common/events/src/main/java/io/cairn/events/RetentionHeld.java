package io.cairn.events;

import io.cairn.model.ClusterName;
import io.cairn.model.Sha256;
import io.cairn.model.SystemIdentifier;
import java.time.Instant;

/**
 * A clean-up did not remove what its plan says, and asks.
 *
 * @param plan digest of the plan, to be confirmed by
 * @param why {@code share}, {@code policy}, {@code clock}, {@code store} or {@code locked}
 * @param backups how many the plan would remove
 * @param bytes stored bytes that the plan would remove, in all stores together
 * @param message one line
 * @param hint what to do next
 */
public record RetentionHeld(
        ClusterName cluster,
        SystemIdentifier systemIdentifier,
        Sha256 plan,
        String why,
        long backups,
        long bytes,
        String message,
        String hint,
        Instant heldAt)
        implements CairnEvent {

    @Override
    public String deterministicId() {
        return "%s:%s:retention-held:%s:%s:%s"
                .formatted(cluster, systemIdentifier, why, plan, heldAt);
    }
}
