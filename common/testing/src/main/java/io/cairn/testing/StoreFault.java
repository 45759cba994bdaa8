package io.cairn.testing;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;

/** What {@link StoreProxy} does to a request instead of just passing it on. */
public sealed interface StoreFault {

    /** Passes it on after a pause. */
    record Delay(Duration pause) implements StoreFault {}

    /** Passes it on when the latch is open, after a minute at the latest. */
    record Hold(CountDownLatch open) implements StoreFault {}

    /** Takes this many bytes of the body, passes nothing on, and drops the connection. */
    record Reset(long afterBytes) implements StoreFault {}

    /** Passes nothing on and answers with an error, {@code 503 SlowDown} for one. */
    record Refuse(int status, String code) implements StoreFault {}

    /** Passes nothing on and answers 200 with an error document as its body. */
    record ErrorInSuccess(String code) implements StoreFault {}

    /** Passes it on, and drops the connection instead of answering. */
    record LoseResponse() implements StoreFault {}

    /**
     * Answers that the object is stored, and only then passes the body on: a store that lies, or
     * one who tells of an object before its PUT has returned. What the server behind makes of it
     * nobody hears.
     */
    record AnswerFirst() implements StoreFault {}

    /**
     * Announces the whole body of the answer, and drops the connection after so many bytes of it.
     */
    record Truncate(long afterBytes) implements StoreFault {}

    /** Inverts the byte of the answer's body at this offset. */
    record Flip(long offset) implements StoreFault {}

    /**
     * Passes nothing on and answers that there is no such object: a read before the store has
     * become consistent.
     */
    record Stale() implements StoreFault {}

    /** Passes both bodies on no faster than this. */
    record Throttle(long bytesPerSecond) implements StoreFault {}

    /** Every request of this operation. */
    static Predicate<StoreRequest> on(StoreOperation operation) {
        return request -> request.operation() == operation;
    }

    /** Every request of this operation whose key contains {@code part}. */
    static Predicate<StoreRequest> on(StoreOperation operation, String part) {
        return request -> request.operation() == operation && request.key().contains(part);
    }

    /** Every request. */
    static Predicate<StoreRequest> any() {
        return request -> true;
    }
}
