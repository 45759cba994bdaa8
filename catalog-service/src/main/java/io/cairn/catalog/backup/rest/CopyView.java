package io.cairn.catalog.backup.rest;

import io.cairn.catalog.backup.CataloguedBackup;
import io.cairn.catalog.backup.Copy;
import io.cairn.catalog.backup.CopyLock;
import io.cairn.catalog.backup.Drill;
import io.cairn.catalog.backup.Verification;
import io.cairn.catalog.rest.ErrorView;
import io.cairn.model.StoreName;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A backup in one store.
 *
 * @param required whether the tier's policy names the store
 * @param lag how long after the backup's commit the copy was complete
 * @param validatedAt the last time every stored byte was proven
 * @param drilledAt the last time a server was restored from it, which took {@code rto}
 * @param drillSkipped why the last drill was not run
 * @param lock absent until all of it is locked for as long as it is kept
 * @param error what is wrong with it
 */
public record CopyView(
        String store,
        boolean required,
        @Schema(enumeration = {"missing", "complete", "verified", "invalid"}) String state,
        Optional<Instant> completeAt,
        Optional<Duration> lag,
        Optional<Instant> validatedAt,
        Optional<Instant> drilledAt,
        Optional<Duration> rto,
        Optional<String> drillSkipped,
        Optional<LockView> lock,
        Optional<ErrorView> error) {

    /**
     * The lock on every object of it.
     *
     * @param until nothing of it can be deleted before
     */
    public record LockView(
            @Schema(enumeration = {"governance", "compliance"}) String mode, Instant until) {

        public static LockView of(CopyLock lock) {
            return new LockView(lock.mode().id(), lock.until());
        }
    }

    /** One for each store that the policy names or that has a copy. */
    public static List<CopyView> of(CataloguedBackup backup, Collection<StoreName> required) {
        TreeSet<StoreName> stores = new TreeSet<>(required);
        backup.copies().forEach(copy -> stores.add(copy.store()));
        return stores.stream()
                .map(store ->
                        backup.copy(store)
                                .map(copy -> of(copy, required.contains(store)))
                                .orElseGet(() -> missing(store)))
                .toList();
    }

    private static CopyView missing(StoreName store) {
        return new CopyView(
                store.value(),
                true,
                "missing",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private static CopyView of(Copy copy, boolean required) {
        Optional<Drill.Passed> drill = copy.drill().passed();
        return new CopyView(
                copy.store().value(),
                required,
                state(copy),
                copy.completeAt(),
                copy.arrival().lag(),
                copy.verification().passed().map(Verification.Passed::at),
                drill.map(Drill.Passed::at),
                drill.map(Drill.Passed::rto),
                copy.drill().skipped().map(Drill.Skipped::reason),
                copy.lock().map(LockView::of),
                copy.standingFailure()
                        .map(found ->
                                ErrorView.of(
                                        found.code(), found.message(), found.hint(), found.at())));
    }

    private static String state(Copy copy) {
        if (copy.standingFailure().isPresent()) {
            return "invalid";
        }
        if (copy.completeAt().isEmpty()) {
            return "missing";
        }
        return copy.verified() ? "verified" : "complete";
    }
}
