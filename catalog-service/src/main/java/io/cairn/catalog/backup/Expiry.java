package io.cairn.catalog.backup;

import io.cairn.catalog.fact.Fact;
import io.cairn.catalog.fact.Join;
import io.cairn.model.RunId;
import io.cairn.model.SystemIdentifier;
import java.time.Instant;
import java.util.Optional;

/**
 * A backup that is none any more. Its backup and copies leave the record with it, in whatever order
 * they were told of.
 */
public record Expiry(RunId run, SystemIdentifier systemIdentifier, Instant expiredAt)
        implements Fact<Expiry> {

    public Expiry {
        expiredAt = Join.micros(expiredAt);
    }

    @Override
    public String id() {
        return run.toString();
    }

    @Override
    public Expiry join(Expiry other) {
        return Join.earliest(Optional.of(this), Optional.of(other), Expiry::expiredAt)
                .orElseThrow();
    }
}
