package io.cairn.executor.basebackup;

import io.cairn.events.region.Regions;
import io.cairn.model.ObjectKey;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.error.ErrorCode;
import io.cairn.service.region.ObservedStore;
import io.cairn.service.region.StoreHealth;
import io.cairn.storage.ForwardingStore;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectContent;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectPage;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.PutOptions;
import io.cairn.storage.PutOutcome;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * One of several stores that a run may write to. What may pass by itself is tried again until the
 * store has done nothing for the run for the limit, or was declared to be out of service and fails:
 * then the call fails, and the run goes on in another store. A call that hangs is given up
 * likewise. Thread-safe.
 */
final class PatientStore extends ForwardingStore {

    private static final Duration LOOK = Duration.ofMillis(200);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

    /** A store that was left and does not answer for so long is not waited for. */
    private static final Duration HANGS = Duration.ofSeconds(5);

    /** How long a request that was given up may take to notice it. */
    private static final Duration ENDS = Duration.ofSeconds(2);

    private final Duration limit;
    private final Supplier<Regions> regions;
    private final RunClock clock;
    private final StoreHealth health;

    /**
     * @param limit how long it may do nothing
     */
    PatientStore(ObjectStore store, Duration limit, Supplier<Regions> regions, RunClock clock) {
        super(store);
        this.limit = limit;
        this.regions = regions;
        this.clock = clock;
        this.health = new StoreHealth(store().name(), clock);
    }

    /** Asks once, without patience, what others than the writer of the store want to know. */
    <T> T once(Function<ObjectStore, T> question) {
        StoreHealth other = new StoreHealth(store().name(), clock);
        try (StoreHealth.Try asked = other.begin()) {
            return bounded(asked, () -> isGivenUp(other), () -> question.apply(store()));
        }
    }

    private <T> T insisting(Function<StoreHealth.Try, T> request) {
        Duration pause = FIRST_PAUSE;
        while (true) {
            CairnException failure;
            try (StoreHealth.Try asked = health.begin()) {
                return bounded(asked, () -> isGivenUp(health), () -> request.apply(asked));
            } catch (CairnException e) {
                if (e.category() != ErrorCategory.TRANSIENT
                        || Thread.currentThread().isInterrupted()) {
                    throw e;
                }
                failure = e;
            }
            if (isGivenUp(health)) {
                throw givenUp(failure);
            }
            pause(pause, failure);
            pause = shorter(pause.multipliedBy(2), LONGEST_PAUSE);
        }
    }

    /** One try, on a thread of its own, so that a store that does not answer can be given up. */
    private <T> T bounded(StoreHealth.Try asked, BooleanSupplier givenUp, Supplier<T> request) {
        FutureTask<T> task = new FutureTask<>(request::get);
        Thread thread = Thread.ofVirtual().name("store " + store().name()).start(task);
        try {
            while (true) {
                try {
                    T answer = task.get(LOOK.toMillis(), TimeUnit.MILLISECONDS);
                    asked.succeeded();
                    return answer;
                } catch (TimeoutException _) {
                    if (givenUp.getAsBoolean()) {
                        end(thread);
                        CairnException failure = silent();
                        asked.failed(failure);
                        throw failure;
                    }
                }
            }
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
            throw interrupted(e);
        } catch (ExecutionException e) {
            throw failed(asked, e.getCause());
        }
    }

    private static void end(Thread thread) throws InterruptedException {
        thread.interrupt();
        thread.join(ENDS);
    }

    private static RuntimeException failed(StoreHealth.Try asked, Throwable cause) {
        if (cause instanceof CairnException failure) {
            if (ObservedStore.isOfStore(failure)) {
                asked.failed(failure);
            } else {
                asked.succeeded();
            }
            return failure;
        }
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof RuntimeException failure
                ? failure
                : CairnException.bug("a store fails with " + cause);
    }

    /** Whether the run is to go on elsewhere. */
    private boolean isGivenUp(StoreHealth seen) {
        Optional<Instant> since = seen.silentSince();
        if (since.isEmpty()) {
            return false;
        }
        Duration silent = Duration.between(since.get(), clock.instant());
        if (silent.compareTo(limit) >= 0) {
            return true;
        }
        return !regions.get().inService(store().name())
                && (!seen.failure().isEmpty() || silent.compareTo(HANGS) >= 0);
    }

    private CairnException givenUp(CairnException failure) {
        return new CairnException(
                failure.code(),
                failure.getMessage() + ", and so it was for " + silence(),
                "the next store of the policy is written to; see what is wrong with this one",
                failure);
    }

    private CairnException silent() {
        return new CairnException(
                ErrorCode.STORE_UNAVAILABLE,
                "store '" + store().name() + "' has not answered for " + silence(),
                "the next store of the policy is written to; see what is wrong with this one");
    }

    private String silence() {
        Instant now = clock.instant();
        return Duration.between(health.silentSince().orElse(now), now).toSeconds() + " s";
    }

    private CairnException interrupted(InterruptedException cause) {
        return new CairnException(
                ErrorCode.STORE_UNREACHABLE,
                "store '" + store().name() + "' was not waited for: the run ends",
                "the run is repeated",
                cause);
    }

    private void pause(Duration pause, CairnException failure) {
        try {
            clock.pause(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failure.addSuppressed(e);
            throw failure;
        }
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    // What is asked of it
    // ---------------------------------------------------------------------------------------------

    @Override
    public PutOutcome putIfAbsent(ObjectKey key, ObjectBody body, PutOptions options) {
        return insisting(
                asked -> store().putIfAbsent(key, ObservedStore.moving(body, asked), options));
    }

    @Override
    public Optional<ObjectInfo> head(ObjectKey key) {
        return insisting(_ -> store().head(key));
    }

    @Override
    public byte[] read(ObjectKey key, int limitBytes) {
        return insisting(_ -> store().read(key, limitBytes));
    }

    @Override
    public byte[] read(StoredObject part) {
        return insisting(_ -> store().read(part));
    }

    @Override
    public ObjectPage list(String prefix, Optional<ObjectKey> after, int limit) {
        return insisting(_ -> store().list(prefix, after, limit));
    }

    @Override
    public ObjectContent get(ObjectKey key) {
        return insisting(_ -> store().get(key));
    }

    @Override
    public ObjectContent get(ObjectKey key, long offset, long length) {
        return insisting(_ -> store().get(key, offset, length));
    }
}
