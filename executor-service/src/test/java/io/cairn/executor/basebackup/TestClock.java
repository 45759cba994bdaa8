package io.cairn.executor.basebackup;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Time that passes only when somebody pauses. */
final class TestClock implements RunClock {

    static final Instant START = Instant.parse("2026-11-22T02:00:00Z");

    private final List<Runnable> steps = new ArrayList<>();
    private Instant now = START;

    /** What happens in the next pauses, one each, before their time passes. */
    TestClock then(Runnable... happenings) {
        steps.addAll(List.of(happenings));
        return this;
    }

    @Override
    public synchronized Instant instant() {
        return now;
    }

    synchronized void advance(Duration duration) {
        now = now.plus(duration);
    }

    @Override
    public void pause(Duration duration) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (!steps.isEmpty()) {
            steps.removeFirst().run();
        }
        advance(duration);
    }
}
