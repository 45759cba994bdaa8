package io.cairn.storage;

import io.cairn.model.policy.ObjectLockMode;
import java.time.Instant;

/**
 * S3 Object Lock's retention of one version of an object.
 *
 * @param until no delete before
 */
public record Retention(ObjectLockMode mode, Instant until) {

    /** The stronger of both modes until the later of both ends. */
    public Retention and(Retention other) {
        return new Retention(
                mode.isAtLeast(other.mode) ? mode : other.mode,
                until.isAfter(other.until) ? until : other.until);
    }
}
