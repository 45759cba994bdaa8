package io.cairn.service.intake;

/** What became of a piece of work. */
public sealed interface Outcome {

    /** It has ended and everything it had to tell is published: the record is accepted. */
    record Done() implements Outcome {}

    /**
     * It could not be done now: after a pause the record is released and delivered again, here or
     * elsewhere, until the delivery limit is reached; then it goes to the dead letter topic.
     *
     * @param reason one line for the operator
     */
    record Retry(String reason) implements Outcome {}

    /**
     * It will never be possible: the record goes to the dead letter topic.
     *
     * @param reason one line for the operator
     */
    record Reject(String reason) implements Outcome {}

    static Outcome done() {
        return new Done();
    }

    static Outcome retry(String reason) {
        return new Retry(reason);
    }

    static Outcome reject(String reason) {
        return new Reject(reason);
    }
}
