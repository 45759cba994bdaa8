package io.cairn.restore.recovery;

import io.cairn.model.error.CairnException;
import io.cairn.postgres.server.LocalServer;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Starts a server that needs WAL to start, and ends it when the WAL does not come. */
final class Boot {

    private static final long POLL_MILLIS = 50;

    private final LocalServer.Builder builder;
    private final WalFeeder feeder;
    private final AtomicReference<@Nullable LocalServer> started = new AtomicReference<>();

    Boot(LocalServer.Builder builder, WalFeeder feeder) {
        this.builder = builder;
        this.feeder = feeder;
    }

    /** Returns when the server is consistent and answers. */
    LocalServer start() throws InterruptedException {
        boolean ready = false;
        try (ExecutorService thread =
                Executors.newSingleThreadExecutor(Thread.ofVirtual().factory())) {
            Future<LocalServer> starting =
                    thread.submit(() -> {
                        LocalServer server = builder.start();
                        started.set(server);
                        return server;
                    });
            try {
                LocalServer server = await(starting);
                ready = true;
                return server;
            } finally {
                starting.cancel(true);
            }
        } finally {
            LocalServer server = started.get();
            if (!ready && server != null) {
                server.close();
            }
        }
    }

    private LocalServer await(Future<LocalServer> starting) throws InterruptedException {
        while (true) {
            Optional<CairnException> failure = feeder.failure();
            if (failure.isPresent()) {
                throw failure.get();
            }
            try {
                return starting.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException _) {
                // It is still recovering.
            } catch (ExecutionException e) {
                throw e.getCause() instanceof RuntimeException cause
                        ? cause
                        : new IllegalStateException(e.getCause());
            }
        }
    }
}
