package io.cairn.storage;

/** S3 Object Lock's retention modes. */
public enum ObjectLockMode {
    /**
     * May be lifted by whoever holds {@code s3:BypassGovernanceRetention}, which Cairn never uses.
     */
    GOVERNANCE,
    /** May be lifted by nobody. */
    COMPLIANCE
}
