package io.cairn.catalog.cluster.rest;

import io.cairn.catalog.wal.WalGap;
import io.cairn.model.Lsn;
import java.time.Instant;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * Where stored WAL did not go on.
 *
 * @param from the first byte that is missing, or that differs
 * @param until where stored WAL goes on; absent where it is not known
 */
record GapView(
        String store,
        String systemIdentifier,
        int timeline,
        @Schema(enumeration = {"removed", "diverged", "other-system", "not-copied"}) String cause,
        String from,
        Optional<String> until,
        String reason,
        Instant detectedAt) {

    static GapView of(WalGap gap) {
        return new GapView(
                gap.store().value(),
                gap.systemIdentifier().toString(),
                gap.timeline().id(),
                gap.cause().id(),
                gap.from().toString(),
                gap.until().map(Lsn::toString),
                gap.reason(),
                gap.detectedAt());
    }
}
