package io.cairn.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Measures what a run costs: the tool, the server it reads and the store it writes to, each apart.
 */
final class CostMeter {

    private final Supplier<Duration> server;
    private final Supplier<Duration> store;

    CostMeter(Supplier<Duration> server, Supplier<Duration> store) {
        this.server = server;
        this.store = store;
    }

    @FunctionalInterface
    interface Run {
        void run() throws Exception;
    }

    Cost measure(Contender contender, Run run) throws Exception {
        settle();
        contender.watchMemory();
        Duration serverBefore = server.get();
        Duration storeBefore = store.get();
        Duration clientBefore = contender.cpu();
        long begin = System.nanoTime();
        run.run();
        long end = System.nanoTime();
        Duration client = contender.cpu().minus(clientBefore);
        return new Cost(
                Duration.ofNanos(end - begin),
                client,
                server.get().minus(serverBefore),
                store.get().minus(storeBefore),
                contender.peakBytes());
    }

    /** What an earlier run left to be written must not be paid by this one. */
    private static void settle() throws IOException, InterruptedException {
        new ProcessBuilder("sync").start().waitFor();
    }
}
