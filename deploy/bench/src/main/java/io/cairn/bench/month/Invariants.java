package io.cairn.bench.month;

import io.cairn.events.BackupLocked;
import io.cairn.model.BackupLabel;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;
import io.cairn.restore.backup.BackupListing;
import io.cairn.restore.backup.ListedBackup;
import io.cairn.restore.backup.StoredBackup;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What holds of the backups that are listed, and of those that are listed no more. */
final class Invariants {

    /** Of a cluster's backups that may go at once without anybody being asked. */
    private static final double SHARE = 0.25;

    private final List<Region> regions;
    private final Catalog catalog;
    private final Validator validator;
    private final Ledger ledger;
    private final SimulatedClock clock;
    private Map<BackupLabel, ListedBackup> before = new TreeMap<>();
    private Optional<String> policyBefore = Optional.empty();

    Invariants(
            List<Region> regions,
            Catalog catalog,
            Validator validator,
            Ledger ledger,
            SimulatedClock clock) {
        this.regions = List.copyOf(regions);
        this.catalog = catalog;
        this.validator = validator;
        this.ledger = ledger;
        this.clock = clock;
    }

    /** Each is told once. */
    List<Violation> violations(BackupListing listing) {
        Map<BackupLabel, ListedBackup> now = new TreeMap<>();
        listing.backups().forEach(backup -> now.put(backup.layout().label(), backup));
        List<ListedBackup> gone =
                before.values().stream()
                        .filter(backup -> !now.containsKey(backup.layout().label()))
                        .filter(backup -> !isDamaged(backup.commit()))
                        .toList();
        List<Violation> violations = new ArrayList<>();
        gone.forEach(backup -> vanished(backup).ifPresent(violations::add));
        violations.addAll(unasked(gone));
        now.values().stream()
                .flatMap(backup -> backup.copies().stream())
                .flatMap(copy -> unlocked(copy).stream())
                .forEach(violations::add);
        validator.claims().stream()
                .flatMap(copy -> falselyVerified(copy).stream())
                .forEach(violations::add);
        before = now;
        return violations;
    }

    /** A backup is gone: it may be only when it was too old, and nobody had said otherwise. */
    private Optional<Violation> vanished(ListedBackup backup) {
        CommitObject commit = backup.commit();
        BackupLabel label = commit.label();
        Instant end = commit.completedAt().plus(catalog.policy().run().retention());
        if (end.isAfter(clock.instant())) {
            return Optional.of(
                    Invariant.KEPT.violated(label + " is gone, and was to be kept until " + end));
        }
        if (catalog.isHeld(label)) {
            return Optional.of(Invariant.HELD.violated(label + " is gone, and is held"));
        }
        Optional<Instant> locked =
                backup.copies().stream()
                        .flatMap(copy -> catalog.lock(commit, copy.store()).stream())
                        .map(BackupLocked::until)
                        .filter(until -> until.isAfter(clock.instant()))
                        .findFirst();
        if (locked.isPresent()) {
            return Optional.of(
                    Invariant.LOCKED.violated(
                            label + " is gone, and was called locked until " + locked.get()));
        }
        boolean newest =
                validator.isVerified(commit.attempt())
                        && before.values().stream()
                                .filter(other -> validator.isVerified(other.commit().attempt()))
                                .noneMatch(other -> other.layout().label().compareTo(label) > 0);
        return newest
                ? Optional.of(
                        Invariant.NEWEST_VERIFIED.violated(
                                label + " is gone, the newest that was verified"))
                : Optional.empty();
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

    /** What a clean-up may do that nobody has confirmed. */
    private List<Violation> unasked(Collection<ListedBackup> gone) {
        Optional<String> policy = Optional.empty();
        for (Region region : regions) {
            policy = policy.or(() -> followed(region));
        }
        Optional<String> last = policyBefore;
        policyBefore = policy;
        if (catalog.lastCleanUp() != Catalog.CleaningUp.BY_ITSELF || gone.isEmpty()) {
            return List.of();
        }
        if (last.isPresent() && !last.equals(policy)) {
            return List.of(
                    Invariant.ASKED.violated(
                            gone.size() + " backups are gone by a policy that nobody confirmed"));
        }
        long ofADay =
                before.keySet().stream()
                        .collect(
                                Collectors.groupingBy(
                                        label -> label.due().truncatedTo(ChronoUnit.DAYS),
                                        Collectors.counting()))
                        .values()
                        .stream()
                        .max(Long::compare)
                        .orElse(0L);
        return gone.size() > Math.max(ofADay, SHARE * before.size())
                ? List.of(
                        Invariant.ASKED.violated(
                                "%d of %d backups are gone, and nobody was asked"
                                        .formatted(gone.size(), before.size())))
                : List.of();
    }

    /** The policy that the last clean-up followed, in whatever words. */
    private static Optional<String> followed(Region region) {
        return region.bucket().keys().stream()
                .filter(key -> key.contains("/records/policies/"))
                .reduce((_, last) -> last)
                .flatMap(region.bucket()::bytes)
                .map(String::new)
                .map(json -> json.replaceAll(".*\"policy\":\"([0-9a-f]+)\".*", "$1"));
    }

    /** What was called locked can be deleted by nobody until then. */
    private Optional<Violation> unlocked(StoredBackup copy) {
        CommitObject commit = copy.commit();
        Optional<BackupLocked> lock = catalog.lock(commit, copy.store());
        if (lock.isEmpty() || !lock.get().until().isAfter(clock.instant())) {
            return Optional.empty();
        }
        Region region = region(copy);
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
                        Invariant.LOCKED.violated(
                                "%s in %s was called locked until %s, and its lock ends %s"
                                        .formatted(
                                                key,
                                                region,
                                                lock.get().until(),
                                                region.bucket()
                                                        .lockedUntil(key)
                                                        .map(Object::toString)
                                                        .orElse("now"))));
    }

    private Region region(StoredBackup copy) {
        return regions.stream()
                .filter(each -> each.name().equals(copy.store()))
                .findFirst()
                .orElseThrow();
    }

    /** Rotation leaves the first wrap of a key to be any other's equal. */
    private Optional<Violation> falselyVerified(StoredBackup copy) {
        Region region = region(copy);
        return copy.commit()
                .parts()
                .filter(part -> !part.equals(copy.commit().key()))
                .map(StoredObject::key)
                .map(Object::toString)
                .filter(key -> ledger.damage(region.name(), key).isPresent())
                .findFirst()
                .map(key ->
                        Invariant.VERIFIED.violated(
                                "%s was called verified in %s, where %s is not what it was"
                                        .formatted(copy.commit().label(), region, key)));
    }
}
