package io.cairn.replication.region;

import io.cairn.model.ObjectKey;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.service.region.ObservedStore;
import io.cairn.service.region.StoreHealth;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.PutOptions;
import io.cairn.storage.StoreProbe;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Finds out whether a store takes what is written, by one small object that belongs to this process
 * and stays. While nobody doubts the store, creating it again is asked for, which the store refuses
 * and nothing is written: a versioned bucket would fill up otherwise. In doubt it is written anew.
 * For one thread.
 */
public final class StoreProber {

    private final ObjectStore store;
    private final StoreHealth health;
    private final ObjectKey key;
    private final Duration limit;
    private final InstantSource clock;

    /**
     * @param observer name of this process
     * @param limit how long the store may take to answer
     */
    public StoreProber(
            ObjectStore store,
            StoreHealth health,
            String observer,
            Duration limit,
            InstantSource clock) {
        this.store = store;
        this.health = health;
        this.key =
                new ObjectKey(
                        StoreProbe.PREFIX
                                + "observers/"
                                + observer.replaceAll("[^A-Za-z0-9._-]", "-"));
        this.limit = limit;
        this.clock = clock;
    }

    /**
     * @param doubted whether somebody says that the store takes nothing
     */
    public void probe(boolean doubted) throws InterruptedException {
        try (StoreHealth.Try asked = health.begin()) {
            FutureTask<Boolean> task = new FutureTask<>(() -> write(doubted));
            Thread thread = Thread.ofVirtual().name("probe " + store.name()).start(task);
            try {
                task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
                asked.succeeded();
            } catch (TimeoutException _) {
                asked.failed(silent());
            } catch (ExecutionException e) {
                CairnException failure = known(e);
                if (ObservedStore.isOfStore(failure)) {
                    asked.failed(failure);
                } else {
                    asked.succeeded();
                }
            } finally {
                thread.interrupt();
            }
        }
    }

    private boolean write(boolean anew) {
        ObjectBody body = ObjectBody.of(text("written"));
        if (!anew) {
            return store.putIfAbsent(key, body) != null;
        }
        Optional<ObjectInfo> present = store.head(key);
        if (present.isEmpty()) {
            return store.putIfAbsent(key, body) != null;
        }
        ObjectBody next = ObjectBody.of(text("written at " + clock.instant()));
        return store.replace(present.get(), next, PutOptions.NONE) != null;
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private CairnException silent() {
        return new CairnException(
                ErrorCode.STORE_UNAVAILABLE,
                "store '" + store.name() + "' has not answered for " + limit.toSeconds() + " s",
                "see whether it runs");
    }

    private static CairnException known(ExecutionException failure) {
        return failure.getCause() instanceof CairnException known
                ? known
                : CairnException.bug("a probe fails with " + failure.getCause());
    }
}
