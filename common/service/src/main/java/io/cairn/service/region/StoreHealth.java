package io.cairn.service.region;

import io.cairn.model.StoreName;
import io.cairn.model.error.CairnException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether a store takes what is asked of it: since when nothing has succeeded though something was
 * tried. An upload that goes on counts as being taken for as long as its bytes move. Thread-safe.
 */
public final class StoreHealth {

    private final StoreName store;
    private final InstantSource clock;
    private final Set<Try> tries = new HashSet<>();
    private @Nullable Instant failingSince;
    private @Nullable Instant took;
    private String failure = "";

    public StoreHealth(StoreName store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
    }

    public StoreName store() {
        return store;
    }

    /** Something is asked of the store now. Close it when that is over, however it ended. */
    public Try begin() {
        return new Try();
    }

    /** One request on its way. Thread-safe. */
    public final class Try implements AutoCloseable {

        private Instant moved = clock.instant();

        private Try() {
            synchronized (StoreHealth.this) {
                tries.add(this);
            }
        }

        /** Its bytes are on their way. */
        public void moved() {
            synchronized (StoreHealth.this) {
                moved = clock.instant();
            }
        }

        public void succeeded() {
            synchronized (StoreHealth.this) {
                tries.remove(this);
                took = clock.instant();
                failingSince = null;
                failure = "";
            }
        }

        public void failed(CairnException why) {
            synchronized (StoreHealth.this) {
                tries.remove(this);
                if (failingSince == null) {
                    failingSince = later(moved, took);
                }
                failure = why.code() + ": " + why.getMessage();
            }
        }

        /** One that neither succeeded nor failed says nothing about the store. */
        @Override
        public void close() {
            synchronized (StoreHealth.this) {
                tries.remove(this);
            }
        }
    }

    /**
     * Since when it has taken nothing, though something is on its way to it or has failed; empty if
     * nothing was asked of it since it last took something.
     */
    public synchronized Optional<Instant> silentSince() {
        Optional<Instant> stuck =
                tries.stream().map(one -> later(one.moved, took)).min(Instant::compareTo);
        Instant failing = failingSince;
        if (failing == null) {
            return stuck;
        }
        return Optional.of(stuck.filter(failing::isAfter).orElse(failing));
    }

    /** When it last took something. */
    public synchronized Optional<Instant> took() {
        return Optional.ofNullable(took);
    }

    /** What went wrong last, in one line; empty if nothing has since it took something. */
    public synchronized String failure() {
        return failure;
    }

    private static Instant later(Instant one, @Nullable Instant other) {
        return other != null && other.isAfter(one) ? other : one;
    }
}
