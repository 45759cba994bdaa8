package io.cairn.service.intake;

/**
 * One handing over of a record.
 *
 * @param count which delivery of the record this is, from 1
 * @param limit the last delivery that is tried
 */
public record Delivery(String topic, int partition, long offset, int count, int limit) {

    /** Whether {@link Outcome.Retry} now means the dead letter topic. */
    public boolean isLast() {
        return count >= limit;
    }

    @Override
    public String toString() {
        return "%s-%d@%d (delivery %d of %d)".formatted(topic, partition, offset, count, limit);
    }
}
