package io.cairn.bench.month;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.archive.key.Identity;
import io.cairn.bench.Folders;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.server.PostgresBinaries;
import io.cairn.restore.backup.BackupLister;
import io.cairn.restore.backup.BackupListing;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.backup.ListedBackup;
import io.cairn.restore.backup.StoredBackup;
import io.cairn.restore.compare.TableDigest;
import io.cairn.restore.compare.TableDigests;
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

    private final List<Region> regions;
    private final BackupLister lister;
    private final RestorePlanner planner;
    private final RestoreEngine engine = new RestoreEngine(RestoreSettings.defaults());
    private final Ledger ledger;
    private final Path scratch;

    /** Chains that were restored, with the state of all their objects. */
    private final Set<String> proven = new HashSet<>();

    private int restores;
    private int refusals;
    private int boots;

    /**
     * @param readers of the regions, in the same order
     * @param scratch a directory for restored clusters
     */
    Restorability(
            List<Region> regions,
            List<BackupReader> readers,
            Identity identity,
            Ledger ledger,
            Path scratch) {
        this.regions = List.copyOf(regions);
        this.lister = new BackupLister(readers);
        this.planner = new RestorePlanner(lister, identity, GzipCodec.best());
        this.ledger = ledger;
        this.scratch = scratch;
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
    List<String> violations(BackupListing listing, BooleanSupplier boots)
            throws InterruptedException, IOException, SQLException {
        Map<BackupLabel, ListedBackup> byLabel = new TreeMap<>();
        listing.backups().forEach(backup -> byLabel.put(backup.layout().label(), backup));
        List<String> violations = new ArrayList<>();
        for (ListedBackup backup : listing.backups()) {
            if (backup.commit().kind() != BackupKind.LOG) {
                violations.addAll(violations(backup, byLabel, boots));
            }
        }
        return violations;
    }

    private List<String> violations(
            ListedBackup backup, Map<BackupLabel, ListedBackup> all, BooleanSupplier boot)
            throws InterruptedException, IOException, SQLException {
        BackupLabel label = backup.layout().label();
        Optional<List<TableDigest>> contents = ledger.contents(backup.commit().attempt());
        if (contents.isEmpty()) {
            return List.of(label + " is listed and was never taken");
        }
        List<ListedBackup> chain = new ArrayList<>();
        for (Optional<BackupLabel> next = Optional.of(label); next.isPresent(); ) {
            ListedBackup link = all.get(next.get());
            if (link == null) {
                return List.of(label + " is listed without " + next.get() + ", which it needs");
            }
            chain.add(link);
            next = link.commit().parent();
        }
        String state = state(chain);
        boolean boots = boot.getAsBoolean();
        if (proven.contains(state) && !boots) {
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
            return boots ? booted(plan, contents.get()) : List.of();
        } catch (CairnException e) {
            if (beyondRepair) {
                refusals++;
                return List.of();
            }
            return List.of(label + " does not restore: " + e.messageWithHint());
        } finally {
            Folders.delete(directory);
        }
    }

    private List<String> booted(RestorePlan plan, List<TableDigest> contents) throws SQLException {
        try (LocalServer server =
                LocalServer.on(PostgresBinaries.find(Source.MAJOR), plan.directory())
                        .privateSocket()
                        .start()) {
            boots++;
            return TableDigests.differences(
                            contents, TableDigests.ofCluster(server::connect, Source.DATABASE))
                    .stream()
                    .map(difference -> plan.commit().label() + " came back wrong: " + difference)
                    .toList();
        }
    }

    private String state(List<ListedBackup> chain) {
        return chain.stream()
                .flatMap(backup ->
                        keys(backup.commit())
                                .flatMap(key ->
                                        regions.stream()
                                                .map(region ->
                                                        region.bucket()
                                                                .state(key)
                                                                .orElse("missing"))))
                .collect(Collectors.joining(","));
    }

    private static Stream<String> keys(CommitObject commit) {
        return Stream.concat(opening(commit), volumes(commit));
    }

    private static Stream<String> volumes(CommitObject commit) {
        return commit.archives().stream()
                .flatMap(archive -> archive.volumes().stream())
                .map(volume -> volume.object().key().value());
    }

    /** What a copy cannot be opened without. */
    private static Stream<String> opening(CommitObject commit) {
        return Stream.concat(
                Stream.of(
                        commit.layout().commit().value(),
                        commit.layout().signature(commit.attempt()).value()),
                Stream.of(commit.key(), commit.manifest(), commit.index())
                        .map(StoredObject::key)
                        .map(Object::toString));
    }

    /**
     * Whether the month itself has left no way to restore it: no copy opens, or something is wrong
     * in all of them.
     */
    private boolean isBeyondRepair(ListedBackup backup) {
        CommitObject commit = backup.commit();
        List<Region> copies =
                regions.stream()
                        .filter(region ->
                                backup.copies().stream()
                                        .map(StoredBackup::store)
                                        .anyMatch(region.name()::equals))
                        .toList();
        return copies.stream().noneMatch(region -> opens(commit, region))
                || volumes(commit)
                        .anyMatch(key ->
                                copies.stream()
                                        .allMatch(region ->
                                                ledger.damage(region.name(), key).isPresent()));
    }

    private boolean opens(CommitObject commit, Region region) {
        return opening(commit).allMatch(key -> ledger.damage(region.name(), key).isEmpty())
                && volumes(commit)
                        .allMatch(key ->
                                ledger.damage(region.name(), key)
                                        .filter(how -> how == Ledger.Damage.LOST)
                                        .isEmpty());
    }
}
