package io.cairn.catalog.rebuild;

import io.cairn.catalog.backup.Copy;
import io.cairn.catalog.backup.Finding;
import io.cairn.catalog.backup.RequiredCopies;
import io.cairn.catalog.backup.Verification;
import io.cairn.catalog.fact.FactMap;
import io.cairn.catalog.projection.FactSet;
import io.cairn.catalog.projection.Projection;
import io.cairn.catalog.rebuild.StoredBackup.Identity;
import io.cairn.events.BackupCompleted;
import io.cairn.events.BackupReplicated;
import io.cairn.events.CairnEvent;
import io.cairn.model.StoreName;
import io.cairn.model.error.ErrorCode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The facts that the contents of all stores tell. What events told and the buckets still show comes
 * out the same: the events are made again from commit objects and records, and projected by the
 * same {@link Projection}.
 */
final class Inventory {

    private final List<StoreContents> stores;
    private final RequiredCopies required;
    private final Instant now;
    private final Map<Identity, List<StoredBackup>> backups;
    private final Map<Identity, List<CairnEvent>> records;

    /**
     * @param now the time of what is found missing
     */
    Inventory(List<StoreContents> stores, RequiredCopies required, Instant now) {
        this.stores = List.copyOf(stores);
        this.required = required;
        this.now = now;
        this.backups =
                stores.stream()
                        .flatMap(store -> store.backups().stream())
                        .collect(
                                Collectors.groupingBy(
                                        StoredBackup::identity,
                                        LinkedHashMap::new,
                                        Collectors.toList()));
        this.records =
                stores.stream()
                        .flatMap(store -> store.records().stream())
                        // A record may lie in several stores.
                        .distinct()
                        .collect(
                                Collectors.groupingBy(
                                        Inventory::subject,
                                        LinkedHashMap::new,
                                        Collectors.toList()));
    }

    private static Identity subject(CairnEvent event) {
        return Projection.of(event).copies().byId().values().stream()
                .findFirst()
                .map(copy -> new Identity(copy.run(), copy.attempt()))
                .orElseThrow(
                        () -> new IllegalStateException(event.type() + " is not about a copy"));
    }

    /** Records of backups that lie in no store any more are left out: they speak of nothing. */
    FactSet facts() {
        List<FactSet> facts = new ArrayList<>();
        backups.forEach((identity, copies) -> facts.add(facts(identity, copies)));
        stores.stream()
                .flatMap(store -> store.wal().stream())
                .forEach(archived -> facts.add(FactSet.of(Projection.of(archived).wal())));
        return FactSet.joined(facts);
    }

    /** Copies with a commit object of which parts are missing. */
    List<StoredBackup> incomplete() {
        return backups.values().stream()
                .flatMap(List::stream)
                .filter(copy -> !copy.complete())
                .toList();
    }

    private FactSet facts(Identity identity, List<StoredBackup> copies) {
        List<CairnEvent> told = records.getOrDefault(identity, List.of());
        Map<StoreName, BackupReplicated> replicated =
                told.stream()
                        .filter(BackupReplicated.class::isInstance)
                        .map(BackupReplicated.class::cast)
                        .collect(
                                Collectors.toMap(
                                        BackupReplicated::target,
                                        Function.identity(),
                                        (one, _) -> one));
        StoredBackup origin = origin(copies, replicated);
        List<FactSet> facts = new ArrayList<>();
        facts.add(
                Projection.of(
                        BackupCompleted.of(origin.commit(), origin.object(), origin.store())));
        told.forEach(event -> facts.add(Projection.of(event)));
        copies.stream()
                .filter(copy ->
                        !copy.store().equals(origin.store())
                                && copy.complete()
                                && !replicated.containsKey(copy.store()))
                .forEach(copy -> facts.add(arrival(copy, origin)));
        copies.stream()
                .filter(copy -> !copy.complete())
                .forEach(copy -> facts.add(partsMissing(copy)));
        replicated.keySet().stream()
                .filter(target -> copies.stream().noneMatch(copy -> copy.store().equals(target)))
                .filter(this::wasRead)
                .forEach(target -> facts.add(commitMissing(identity, target)));
        return FactSet.joined(facts);
    }

    /**
     * Where the executor wrote it: the store that it was not copied to; of several the first that
     * the policy names.
     */
    private StoredBackup origin(
            List<StoredBackup> copies, Map<StoreName, BackupReplicated> replicated) {
        List<StoreName> order = required.of(copies.getFirst().commit().tier());
        return copies.stream()
                .min(
                        Comparator.<StoredBackup, Boolean>comparing(
                                        copy -> replicated.containsKey(copy.store()))
                                .thenComparingInt(copy -> position(order, copy.store()))
                                .thenComparing(StoredBackup::store))
                .orElseThrow();
    }

    private static int position(List<StoreName> order, StoreName store) {
        int position = order.indexOf(store);
        return position < 0 ? order.size() : position;
    }

    /**
     * A complete copy that no record tells of: its time is the store's, and there is no record to
     * make of it.
     */
    private static FactSet arrival(StoredBackup copy, StoredBackup origin) {
        Duration lag = Duration.between(copy.commit().completedAt(), copy.storedAt());
        BackupReplicated event =
                new BackupReplicated(
                        copy.commit().run(),
                        copy.commit().attempt(),
                        origin.store(),
                        copy.store(),
                        copy.storedAt(),
                        lag.isNegative() ? Duration.ZERO : lag,
                        copy.commit().parts().count() + 1,
                        copy.commit().bytesStored());
        return FactSet.of(Projection.of(event).copies());
    }

    private FactSet partsMissing(StoredBackup copy) {
        String message =
                "%d of %d parts are missing in store '%s'"
                        .formatted(
                                copy.missing().size(), copy.commit().parts().count(), copy.store());
        return finding(
                copy.identity(),
                copy.store(),
                new Finding(
                        now,
                        ErrorCode.ARCHIVE_INCOMPLETE,
                        message,
                        Optional.of("restore from another copy; find out who deleted them"),
                        Optional.of(copy.missing().getFirst().key())));
    }

    private FactSet commitMissing(Identity identity, StoreName store) {
        return finding(
                identity,
                store,
                new Finding(
                        now,
                        ErrorCode.STORE_OBJECT_MISSING,
                        "the commit object is gone from store '"
                                + store
                                + "', where the copy was complete",
                        Optional.of("restore from another copy; find out who deleted it"),
                        Optional.empty()));
    }

    private static FactSet finding(Identity identity, StoreName store, Finding finding) {
        return FactSet.of(
                FactMap.of(
                        Copy.of(identity.run(), identity.attempt(), store)
                                .with(Verification.of(finding))));
    }

    private boolean wasRead(StoreName store) {
        return stores.stream().anyMatch(read -> read.store().equals(store));
    }
}
