package io.cairn.executor.progress;

import io.cairn.events.BackupProgressed;
import io.cairn.executor.publish.RunEvents;
import io.cairn.model.AttemptId;
import io.cairn.model.RunId;
import java.time.Duration;
import java.time.InstantSource;

/** Tells at a steady pace how far an attempt is, from a thread of its own, until it is closed. */
public final class ProgressTeller implements AutoCloseable {

    private final RunId run;
    private final AttemptId attempt;
    private final Progress progress;
    private final RunEvents events;
    private final InstantSource clock;
    private final Thread thread;

    private ProgressTeller(
            RunId run,
            AttemptId attempt,
            Progress progress,
            RunEvents events,
            Duration every,
            InstantSource clock) {
        this.run = run;
        this.attempt = attempt;
        this.progress = progress;
        this.events = events;
        this.clock = clock;
        this.thread =
                Thread.ofVirtual().name("progress of " + run).unstarted(() -> tellEvery(every));
    }

    /** Tells at once and then after each {@code every}. */
    public static ProgressTeller start(
            RunId run,
            AttemptId attempt,
            Progress progress,
            RunEvents events,
            Duration every,
            InstantSource clock) {
        ProgressTeller teller = new ProgressTeller(run, attempt, progress, events, every, clock);
        teller.thread.start();
        return teller;
    }

    private void tellEvery(Duration every) {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                tell();
                Thread.sleep(every);
            }
        } catch (InterruptedException _) {
            // closed
        }
    }

    private void tell() {
        Progress.Reading reading = progress.read();
        events.tell(
                new BackupProgressed(
                        run,
                        attempt,
                        reading.receivedBytes(),
                        reading.totalBytes(),
                        reading.storedBytes(),
                        clock.instant()));
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
