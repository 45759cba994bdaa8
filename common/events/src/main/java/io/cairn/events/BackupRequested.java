package io.cairn.events;

import io.cairn.model.BackupKind;
import io.cairn.model.ClusterName;
import java.time.Duration;
import java.time.Instant;

/**
 * Somebody wants a backup now: a person through the API, a gap in the WAL, another system. The
 * scheduler turns it into a due event, so that there is one path for all.
 *
 * @param requestedBy who asked, for the audit trail
 * @param idempotencyKey repeated requests with the same key become one run
 * @param startDeadline how long after the request the run may still start
 */
public record BackupRequested(
        ClusterName cluster,
        BackupKind kind,
        Instant requestedAt,
        String requestedBy,
        String idempotencyKey,
        Duration startDeadline)
        implements CairnEvent {

    @Override
    public String deterministicId() {
        return cluster + ":requested:" + idempotencyKey;
    }
}
