package io.cairn.storage;

import io.cairn.model.policy.ObjectLockMode;
import java.time.Instant;

/**
 * S3 Object Lock's retention of one version of an object.
 *
 * @param until no delete before
 */
public record Retention(ObjectLockMode mode, Instant until) {}
