package io.cairn.executor.basebackup;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Time as a run knows it: it asks for it and waits in it. Thread-safe. */
public interface RunClock extends InstantSource {

    RunClock SYSTEM = of(InstantSource.system());

    void pause(Duration duration) throws InterruptedException;

    static RunClock of(InstantSource source) {
        return new RunClock() {
            @Override
            public Instant instant() {
                return source.instant();
            }

            @Override
            public void pause(Duration duration) throws InterruptedException {
                Thread.sleep(duration);
            }
        };
    }
}
