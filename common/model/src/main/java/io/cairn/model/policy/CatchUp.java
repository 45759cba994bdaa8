package io.cairn.model.policy;

/**
 * What becomes of due times that passed while the scheduler was down and whose start deadline has
 * not passed.
 */
public enum CatchUp {
    /** Only the latest is published. */
    LATEST,
    /** Every one is published, oldest first. */
    ALL,
    /** None is. */
    NONE
}
