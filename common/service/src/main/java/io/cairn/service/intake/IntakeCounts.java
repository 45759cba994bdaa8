package io.cairn.service.intake;

/**
 * What became of the records an intake has taken.
 *
 * @param done accepted after the handler was done
 * @param retried released for another delivery
 * @param deadLettered copied to the dead letter topic and accepted
 * @param lost the lock or the acknowledgement was lost, so the record is delivered again
 */
public record IntakeCounts(long done, long retried, long deadLettered, long lost) {}
