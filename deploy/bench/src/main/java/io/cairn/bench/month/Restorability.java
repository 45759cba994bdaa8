package io.cairn.bench.month;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.archive.key.Identity;
import io.cairn.bench.Folders;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.ObjectKey;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.restore.backup.BackupLister;
import io.cairn.restore.backup.BackupListing;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.backup.ListedBackup;
import io.cairn.restore.compare.TableDigest;
import io.cairn.restore.engine.RestoreEngine;
import io.cairn.restore.engine.RestoreProgress;
import io.cairn.restore.engine.RestoreSettings;
import io.cairn.restore.plan.BackupSelection;
import io.cairn.restore.plan.RestorePlan;
import io.cairn.restore.plan.RestorePlanner;
import io.cairn.restore.plan.RestoreRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Whether what is listed restores. Every backup is restored as {@code cairn restore} does it, and
 * some are booted; what was restored once, and whose objects are there unchanged, is not restored
 * again.
 */
final class Restorability {

    private static final String MISSING = "missing";

    private final List<Region> regions;
    private final BackupLister lister;
    private final RestorePlanner planner;
    private final RestoreEngine engine = new RestoreEngine(RestoreSettings.defaults());
    private final Ledger ledger;
    private final Path scratch;
    private final boolean restoring;

    /** Chains that were restored, or refused with reason, with the state of all their objects. */
    private final Set<String> proven = new HashSet<>();

    private int restores;
    private int refusals;
    private int boots;

    /**
     * @param readers of the regions, in the same order
     * @param scratch a directory for restored clusters
     * @param restoring whether anything is restored; else only what is listed is looked at
     */
    Restorability(
            List<Region> regions,
            List<BackupReader> readers,
            Identity identity,
            Ledger ledger,
            Path scratch,
            boolean restoring) {
        this.regions = List.copyOf(regions);
        this.lister = new BackupLister(readers);
        this.planner = new RestorePlanner(lister, identity, GzipCodec.best());
        this.ledger = ledger;
        this.scratch = scratch;
        this.restoring = restoring;
    }

    int restores() {
        return restores;
    }

    /** Backups that were refused since the month had damaged every copy of something in them. */
    int refusals() {
        return refusals;
    }

    int boots() {
        return boots;
    }

    BackupListing listing() {
        return lister.list(Source.CLUSTER);
    }

    /**
     * One line for each backup that is listed and does not restore.
     *
     * @param boots asked for each that was restored anew, whether it is to be booted too
     */
    List<Violation> violations(BackupListing listing, BooleanSupplier boots)
            throws InterruptedException, IOException, SQLException {
        Map<BackupLabel, ListedBackup> byLabel = new TreeMap<>();
        listing.backups().forEach(backup -> byLabel.put(backup.layout().label(), backup));
        List<Violation> violations = new ArrayList<>();
        for (ListedBackup backup : listing.backups()) {
            if (backup.commit().kind() != BackupKind.LOG) {
                violations.addAll(violations(backup, byLabel, boots));
            }
        }
        return violations;
    }

    private List<Violation> violations(
            ListedBackup backup, Map<BackupLabel, ListedBackup> all, BooleanSupplier boot)
            throws InterruptedException, IOException, SQLException {
        BackupLabel label = backup.layout().label();
        Optional<List<TableDigest>> contents = ledger.contents(backup.commit().attempt());
        if (contents.isEmpty()) {
            return List.of(Invariant.AUTHENTIC.violated(label + " is listed and was never taken"));
        }
        List<CommitObject> chain = new ArrayList<>(List.of(backup.commit()));
        while (chain.getLast().parent().isPresent()) {
            BackupLabel parent = chain.getLast().parent().get();
            Optional<CommitObject> link =
                    Optional.ofNullable(all.get(parent))
                            .flatMap(listed -> attempt(listed, chain.getLast().parentAttempt()));
            if (link.isEmpty()) {
                return List.of(
                        Invariant.CHAIN.violated(
                                label + " is listed without " + parent + ", which it needs"));
            }
            chain.add(link.get());
        }
        String state = state(chain);
        boolean boots = boot.getAsBoolean();
        if (!restoring || proven.contains(state) && !boots) {
            return List.of();
        }
        boolean beyondRepair = chain.stream().anyMatch(this::isBeyondRepair);
        Path directory = scratch.resolve(label.value());
        try {
            RestorePlan plan =
                    planner.plan(
                            RestoreRequest.of(
                                    Source.CLUSTER,
                                    new BackupSelection.Labelled(label),
                                    directory));
            engine.restore(plan, RestoreProgress.NONE);
            restores++;
            proven.add(state);
            // Where only the second of two attempts can be read, that is restored.
            return boots
                    ? booted(plan, ledger.contents(plan.commit().attempt()).orElseThrow())
                    : List.of();
        } catch (CairnException e) {
            if (beyondRepair) {
                refusals++;
                proven.add(state);
                return List.of();
            }
            return List.of(
                    Invariant.RESTORES.violated(
                            label + " does not restore: " + e.messageWithHint()));
        } finally {
            Folders.delete(directory);
        }
    }

    private List<Violation> booted(RestorePlan plan, List<TableDigest> contents)
            throws SQLException {
        List<String> differences = Source.differences(contents, plan.directory());
        boots++;
        return differences.stream()
                .map(difference ->
                        Invariant.RESTORES.violated(
                                plan.commit().label() + " came back wrong: " + difference))
                .toList();
    }

    /** The attempt that is wanted: that of the name, or one that came second. */
    private Optional<CommitObject> attempt(ListedBackup listed, Optional<AttemptId> wanted) {
        if (wanted.isEmpty()) {
            return Optional.of(listed.commit());
        }
        return Stream.concat(
                        listed.attempts().stream()
                                .filter(commit -> commit.attempt().equals(wanted.get())),
                        regions.stream()
                                .flatMap(region ->
                                        commit(region, listed.layout().secondCommit(wanted.get()))
                                                .stream()))
                .findFirst();
    }

    private static Optional<CommitObject> commit(Region region, ObjectKey key) {
        try {
            return region.bucket()
                    .bytes(key.value())
                    .map(json -> CommitObject.fromJson(json, key.value()));
        } catch (CairnException _) {
            return Optional.empty();
        }
    }

    /** The same for the same bytes, as long as each copy is whole: another one proves no more. */
    private String state(List<CommitObject> chain) {
        List<List<String>> copies =
                regions.stream()
                        .map(region -> chain.stream().flatMap(link -> copy(link, region)).toList())
                        .filter(copy -> copy.stream().anyMatch(object -> !object.equals(MISSING)))
                        .distinct()
                        .toList();
        return copies.stream().map(copy -> String.join(",", copy)).collect(Collectors.joining(";"));
    }

    /** The digests of one copy's objects, without their versions, which a repair changes. */
    private static Stream<String> copy(CommitObject commit, Region region) {
        return Stream.of(names(commit), opening(commit), volumes(commit), wraps(commit, region))
                .flatMap(keys -> keys)
                .map(key ->
                        region.bucket()
                                .state(key)
                                .map(state -> state.substring(state.indexOf('"')))
                                .orElse(MISSING));
    }

    private static Stream<String> volumes(CommitObject commit) {
        return commit.archives().stream()
                .flatMap(archive -> archive.volumes().stream())
                .map(volume -> volume.object().key().value());
    }

    /** What its commit object may be called. */
    private static Stream<String> names(CommitObject commit) {
        return Stream.of(
                commit.layout().commit().value(),
                commit.layout().secondCommit(commit.attempt()).value());
    }

    /** What a copy cannot be opened without, besides commit object and key. */
    private static Stream<String> opening(CommitObject commit) {
        return Stream.of(
                commit.layout().signature(commit.attempt()).value(),
                commit.manifest().key().value(),
                commit.index().key().value());
    }

    /** Of the key, those that are there. */
    private static Stream<String> wraps(CommitObject commit, Region region) {
        String prefix = commit.layout().wrapsPrefix(commit.attempt());
        return region.bucket().keys().stream().filter(key -> key.startsWith(prefix));
    }

    /**
     * Whether the month itself has left no way to restore it: no copy opens, or something is wrong
     * in all of them.
     */
    private boolean isBeyondRepair(CommitObject commit) {
        return regions.stream().noneMatch(region -> opens(commit, region))
                || volumes(commit)
                        .anyMatch(key ->
                                regions.stream()
                                        .noneMatch(region ->
                                                region.bucket().bytes(key).isPresent()
                                                        && isIntact(region, key)));
    }

    private boolean opens(CommitObject commit, Region region) {
        return names(commit)
                        .anyMatch(key ->
                                isIntact(region, key)
                                        && commit(region, new ObjectKey(key))
                                                .filter(commit::equals)
                                                .isPresent())
                && wraps(commit, region).anyMatch(key -> isIntact(region, key))
                && opening(commit).allMatch(key -> isIntact(region, key))
                && volumes(commit)
                        .allMatch(key ->
                                ledger.damage(region.name(), key)
                                        .filter(how -> how == Ledger.Damage.LOST)
                                        .isEmpty());
    }

    private boolean isIntact(Region region, String key) {
        return ledger.damage(region.name(), key).isEmpty();
    }
}
