package io.cairn.catalog.backup;

import io.cairn.catalog.fact.Fact;
import io.cairn.model.AttemptId;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import java.time.Instant;
import java.util.Optional;

/**
 * What is known of a backup in one store.
 *
 * @param lock absent until every object of it is locked for long
 */
public record Copy(
        RunId run,
        AttemptId attempt,
        StoreName store,
        Arrival arrival,
        Verification verification,
        Drill drill,
        Optional<CopyLock> lock)
        implements Fact<Copy> {

    /** A copy of which nothing is known. */
    public static Copy of(RunId run, AttemptId attempt, StoreName store) {
        return new Copy(
                run, attempt, store, Arrival.NONE, Verification.NONE, Drill.NONE, Optional.empty());
    }

    public Copy with(Arrival arrival) {
        return new Copy(run, attempt, store, arrival, verification, drill, lock);
    }

    public Copy with(Verification verification) {
        return new Copy(run, attempt, store, arrival, verification, drill, lock);
    }

    public Copy with(Drill drill) {
        return new Copy(run, attempt, store, arrival, verification, drill, lock);
    }

    public Copy with(CopyLock lock) {
        return new Copy(run, attempt, store, arrival, verification, drill, Optional.of(lock));
    }

    @Override
    public String id() {
        return backupId() + ":" + store;
    }

    public String backupId() {
        return Backup.id(run, attempt);
    }

    @Override
    public Copy join(Copy other) {
        return new Copy(
                run,
                attempt,
                store,
                arrival.join(other.arrival),
                verification.join(other.verification),
                drill.join(other.drill),
                lock.map(mine -> other.lock.map(mine::join).orElse(mine)).or(() -> other.lock));
    }

    /** Absent while the copy is not complete. */
    public Optional<Instant> completeAt() {
        return arrival.completeAt();
    }

    /** What is wrong with it and was not refuted by a later proof of the same sort. */
    public Optional<Finding> standingFailure() {
        return verification.standingFailure().or(drill::standingFailure);
    }

    /** Every stored byte was proven, and nothing is known to be wrong. */
    public boolean verified() {
        return verification.passed().isPresent() && standingFailure().isEmpty();
    }
}
