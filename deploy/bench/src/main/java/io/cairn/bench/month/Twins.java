package io.cairn.bench.month;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.archive.key.Identity;
import io.cairn.bench.Folders;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupKind;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.restore.backup.BackupLister;
import io.cairn.restore.backup.BackupReader;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Backups that were committed under one label in a split view. Each is there, and restores by its
 * name: while the view is split, and when the copies have been merged.
 */
final class Twins {

    private final List<Region> regions;
    private final RestorePlanner planner;
    private final Ledger ledger;
    private final Path directory;
    private final Map<AttemptId, Twin> twins = new LinkedHashMap<>();

    /**
     * @param names of its commit object in the regions when it was restored last
     */
    private record Twin(CommitObject commit, String names) {}

    /**
     * @param readers of the regions
     * @param directory for restored clusters
     */
    Twins(
            List<Region> regions,
            List<BackupReader> readers,
            Identity identity,
            Ledger ledger,
            Path directory) {
        this.regions = List.copyOf(regions);
        this.planner = new RestorePlanner(new BackupLister(readers), identity, GzipCodec.best());
        this.ledger = ledger;
        this.directory = directory;
    }

    /** Both were committed. */
    void know(CommitObject one, CommitObject other) {
        twins.put(one.attempt(), new Twin(one, ""));
        twins.put(other.attempt(), new Twin(other, ""));
    }

    List<Violation> violations() throws InterruptedException, IOException, SQLException {
        twins.values().removeIf(twin -> isExpired(twin.commit()));
        List<Violation> violations = new ArrayList<>();
        for (Twin twin : List.copyOf(twins.values())) {
            if (isDamaged(twin.commit())) {
                continue;
            }
            String names = names(twin.commit());
            if (names.isEmpty()) {
                violations.add(
                        Invariant.BOTH.violated(
                                "attempt %s at %s is in no region any more"
                                        .formatted(
                                                twin.commit().attempt(), twin.commit().label())));
                twins.remove(twin.commit().attempt());
            } else if (!names.equals(twin.names())) {
                restore(twin.commit()).ifPresent(violations::add);
                twins.put(twin.commit().attempt(), new Twin(twin.commit(), names));
            }
        }
        return violations;
    }

    private boolean isExpired(CommitObject commit) {
        return regions.stream().flatMap(Region::expired).anyMatch(commit.label().value()::equals);
    }

    private boolean isDamaged(CommitObject commit) {
        return ledger.anyDamage(key ->
                key.contains("/" + commit.label() + "/")
                        || commit.kind() == BackupKind.INCREMENTAL && key.contains("/backups/"));
    }

    /** Where its commit object lies, and how it is called there. */
    private String names(CommitObject commit) {
        StringBuilder names = new StringBuilder();
        for (Region region : regions) {
            for (String key :
                    List.of(
                            commit.layout().commit().value(),
                            commit.layout().secondCommit(commit.attempt()).value())) {
                if (region.bucket()
                        .bytes(key)
                        .map(json -> CommitObject.fromJson(json, key).attempt())
                        .filter(commit.attempt()::equals)
                        .isPresent()) {
                    names.append(region).append('/').append(key).append(' ');
                }
            }
        }
        return names.toString();
    }

    private Optional<Violation> restore(CommitObject commit)
            throws InterruptedException, IOException, SQLException {
        String name = commit.label() + "@" + commit.attempt();
        try {
            RestorePlan plan =
                    planner.plan(
                            RestoreRequest.of(
                                    Source.CLUSTER,
                                    new BackupSelection.Attempt(commit.label(), commit.attempt()),
                                    directory));
            new RestoreEngine(RestoreSettings.defaults()).restore(plan, RestoreProgress.NONE);
            return booted(name, commit);
        } catch (CairnException e) {
            return Optional.of(
                    Invariant.BOTH.violated(name + " does not restore: " + e.messageWithHint()));
        } finally {
            Folders.delete(directory);
        }
    }

    private Optional<Violation> booted(String name, CommitObject commit) throws SQLException {
        return Source.differences(ledger.contents(commit.attempt()).orElseThrow(), directory)
                .stream()
                .map(difference ->
                        Invariant.BOTH.violated(name + " came back wrong: " + difference))
                .findFirst();
    }
}
