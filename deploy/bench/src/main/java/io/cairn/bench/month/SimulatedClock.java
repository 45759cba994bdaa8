package io.cairn.bench.month;

import io.cairn.executor.basebackup.RunClock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;

/** Time that only the month moves: whoever waits in it, moves it on. Thread-safe. */
final class SimulatedClock implements RunClock {

    private final AtomicReference<Instant> now;

    SimulatedClock(Instant start) {
        now = new AtomicReference<>(start);
    }

    @Override
    public Instant instant() {
        return now.get();
    }

    @Override
    public void pause(Duration duration) {
        advance(duration);
    }

    void advance(Duration duration) {
        now.updateAndGet(instant -> instant.plus(duration));
    }
}
