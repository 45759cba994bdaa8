package io.cairn.bench.month;

import io.cairn.events.BackupLocked;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;
import io.cairn.restore.backup.BackupListing;
import io.cairn.restore.backup.ListedBackup;
import io.cairn.restore.backup.StoredBackup;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What holds beside that everything restores. Each is told once. */
final class Invariants {

    private final List<Region> regions;
    private final Catalog catalog;
    private final Ledger ledger;
    private final SimulatedClock clock;
    private Map<BackupLabel, ListedBackup> before = new TreeMap<>();

    Invariants(List<Region> regions, Catalog catalog, Ledger ledger, SimulatedClock clock) {
        this.regions = List.copyOf(regions);
        this.catalog = catalog;
        this.ledger = ledger;
        this.clock = clock;
    }

    List<String> violations(BackupListing listing) {
        Map<BackupLabel, ListedBackup> now = new TreeMap<>();
        listing.backups().forEach(backup -> now.put(backup.layout().label(), backup));
        List<String> violations = new ArrayList<>();
        before.values().stream()
                .filter(backup -> !now.containsKey(backup.layout().label()))
                .flatMap(backup -> vanished(backup).stream())
                .forEach(violations::add);
        now.values().stream()
                .flatMap(backup -> backup.copies().stream())
                .flatMap(copy -> unlocked(copy).stream())
                .forEach(violations::add);
        before = now;
        return violations;
    }

    /** A backup is gone: it may be only when it was too old, and nobody had said otherwise. */
    private Optional<String> vanished(ListedBackup backup) {
        CommitObject commit = backup.commit();
        BackupLabel label = commit.label();
        if (isDamaged(commit)) {
            return Optional.empty();
        }
        Instant end = commit.completedAt().plus(catalog.policy().run().retention());
        if (end.isAfter(clock.instant())) {
            return Optional.of(label + " is gone, and was to be kept until " + end);
        }
        if (catalog.isHeld(label)) {
            return Optional.of(label + " is gone, and is held");
        }
        boolean newest =
                commit.kind() == BackupKind.FULL
                        && before.values().stream()
                                .filter(other -> other.commit().kind() == BackupKind.FULL)
                                .noneMatch(other -> other.layout().label().compareTo(label) > 0);
        return newest ? Optional.of(label + " is gone, the newest full") : Optional.empty();
    }

    private boolean isDamaged(CommitObject commit) {
        List<String> proof =
                List.of(
                        commit.layout().commit().value(),
                        commit.layout().signature(commit.attempt()).value());
        return regions.stream()
                .anyMatch(region ->
                        proof.stream()
                                .anyMatch(key -> ledger.damage(region.name(), key).isPresent()));
    }

    /** What was called locked can be deleted by nobody until then. */
    private Optional<String> unlocked(StoredBackup copy) {
        CommitObject commit = copy.commit();
        Optional<BackupLocked> lock = catalog.lock(commit, copy.store());
        if (lock.isEmpty() || !lock.get().until().isAfter(clock.instant())) {
            return Optional.empty();
        }
        Region region =
                regions.stream()
                        .filter(each -> each.name().equals(copy.store()))
                        .findFirst()
                        .orElseThrow();
        return Stream.concat(
                        commit.parts().map(StoredObject::key).map(Object::toString),
                        Stream.of(commit.layout().commit().value()))
                .filter(key -> ledger.damage(region.name(), key).isEmpty())
                .filter(key ->
                        region.bucket()
                                .lockedUntil(key)
                                .filter(until -> !until.isBefore(lock.get().until()))
                                .isEmpty())
                .findFirst()
                .map(key ->
                        "%s in %s was called locked until %s, and its lock ends %s"
                                .formatted(
                                        key,
                                        region,
                                        lock.get().until(),
                                        region.bucket()
                                                .lockedUntil(key)
                                                .map(Object::toString)
                                                .orElse("now")));
    }
}
