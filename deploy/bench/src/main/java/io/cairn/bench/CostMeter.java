package io.cairn.bench;

import java.time.Duration;
import java.util.function.Supplier;

/**
 * Measures what a run costs: the tool, the server it reads and the store it writes to, each apart.
 */
public final class CostMeter {

    private final Supplier<Duration> server;
    private final Supplier<Duration> store;

    public CostMeter(Supplier<Duration> server, Supplier<Duration> store) {
        this.server = server;
        this.store = store;
    }

    @FunctionalInterface
    public interface Run {
        void run() throws Exception;
    }

    public Cost measure(Metered tool, Run run) throws Exception {
        Machine.settle();
        tool.watchMemory();
        Duration serverBefore = server.get();
        Duration storeBefore = store.get();
        Duration clientBefore = tool.cpu();
        long begin = System.nanoTime();
        run.run();
        long end = System.nanoTime();
        Duration client = tool.cpu().minus(clientBefore);
        return new Cost(
                Duration.ofNanos(end - begin),
                client,
                server.get().minus(serverBefore),
                store.get().minus(storeBefore),
                tool.peakBytes());
    }
}
