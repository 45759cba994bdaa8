package io.cairn.catalog.backup;

import io.cairn.catalog.fact.Join;
import io.cairn.model.policy.ObjectLockMode;
import io.cairn.storage.Retention;
import java.time.Instant;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * The lock on every object of a copy, as it was read back.
 *
 * @param until nothing of it can be deleted before
 */
public record CopyLock(ObjectLockMode mode, Instant until) {

    private static final Comparator<CopyLock> STRONGEST =
            Comparator.comparing(CopyLock::until).thenComparing(CopyLock::mode);

    public CopyLock {
        until = Join.micros(until);
    }

    public static CopyLock of(Retention retention) {
        return new CopyLock(retention.mode(), retention.until());
    }

    public Retention retention() {
        return new Retention(mode, until);
    }

    /** Whether it keeps all that {@code wanted} keeps. */
    public boolean covers(CopyLock wanted) {
        return !until.isBefore(wanted.until) && mode.isAtLeast(wanted.mode);
    }

    /** A lock is only ever extended, so the one that ends last is the one there is. */
    CopyLock join(CopyLock other) {
        return Stream.of(this, other).max(STRONGEST).orElseThrow();
    }
}
