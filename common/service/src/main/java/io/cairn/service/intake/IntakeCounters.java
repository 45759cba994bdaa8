package io.cairn.service.intake;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** Counts on behalf of all workers. */
final class IntakeCounters {

    private final AtomicInteger running = new AtomicInteger();
    private final LongAdder done = new LongAdder();
    private final LongAdder retried = new LongAdder();
    private final LongAdder deadLettered = new LongAdder();
    private final LongAdder lost = new LongAdder();

    void begin() {
        running.incrementAndGet();
    }

    void end() {
        running.decrementAndGet();
    }

    void settled(Settlement settlement) {
        switch (settlement) {
            case ACCEPT_DONE -> done.increment();
            case ACCEPT_DEAD_LETTERED -> deadLettered.increment();
            case RELEASE -> retried.increment();
        }
    }

    void lost() {
        lost.increment();
    }

    int running() {
        return running.get();
    }

    IntakeCounts counts() {
        return new IntakeCounts(done.sum(), retried.sum(), deadLettered.sum(), lost.sum());
    }
}
