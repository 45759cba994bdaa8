package io.cairn.executor.wal;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many streams this executor holds, which decides how soon it asks for a further one: who holds
 * fewer is faster, and so streams spread. Thread-safe.
 */
final class HeldStreams {

    /** So that a stream whose holder vanished is taken over within 10 s, however many are held. */
    static final Duration LONGEST_PAUSE = Duration.ofSeconds(4);

    private final Duration slotPause;
    private final AtomicInteger held = new AtomicInteger();

    HeldStreams(Duration slotPause) {
        this.slotPause = slotPause;
    }

    void taken() {
        held.incrementAndGet();
    }

    void left() {
        held.decrementAndGet();
    }

    int count() {
        return held.get();
    }

    Duration pause() {
        Duration pause = slotPause.multipliedBy(held.get() + 1L);
        return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
    }
}
