package io.cairn.cli;

import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.restore.backup.BackupLister;
import io.cairn.restore.backup.BackupListing;
import io.cairn.restore.backup.CopyProblem;
import io.cairn.restore.backup.ListedBackup;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How a person names a backup: {@code shop:20261122T020000Z-F}, {@code shop:latest}, or the label
 * alone where only one cluster has it. {@code @ATTEMPT} behind a label means that attempt, where
 * two were committed.
 *
 * @param label absent for the newest
 * @param attempt only with a label
 */
record BackupReference(
        Optional<ClusterName> cluster, Optional<BackupLabel> label, Optional<AttemptId> attempt) {

    static final String LATEST = "latest";

    /** For the help of commands that take one. */
    static final String GRAMMAR =
            "CLUSTER:LABEL, CLUSTER:latest, or a label that one cluster has; with @ATTEMPT behind the label, that attempt of two that were committed.";

    static BackupReference parse(String text) {
        int colon = text.indexOf(':');
        int at = text.indexOf('@', colon + 1);
        String name = text.substring(colon + 1, at < 0 ? text.length() : at);
        Optional<AttemptId> attempt =
                at < 0 ? Optional.empty() : Optional.of(new AttemptId(text.substring(at + 1)));
        Optional<BackupLabel> label =
                name.equals(LATEST) && attempt.isEmpty()
                        ? Optional.empty()
                        : Optional.of(new BackupLabel(name));
        Optional<ClusterName> cluster =
                colon < 0
                        ? Optional.empty()
                        : Optional.of(new ClusterName(text.substring(0, colon)));
        if (cluster.isEmpty() && label.isEmpty()) {
            throw new CairnException(
                    ErrorCode.REQUEST_INVALID,
                    "the latest backup of which cluster?",
                    "write CLUSTER:latest");
        }
        return new BackupReference(cluster, label, attempt);
    }

    /** Whether it is a cluster's name alone; a label has capital letters. */
    static boolean namesCluster(String text) {
        return !text.equals(LATEST) && text.matches("[a-z0-9-]+");
    }

    ListedBackup resolve(BackupLister lister) {
        return cluster.map(name -> resolve(lister, name))
                .orElseGet(() -> {
                    ListedBackup found = resolveByLabel(lister);
                    return attempt.isEmpty()
                            ? found
                            : resolve(lister, found.layout().root().cluster());
                });
    }

    private ListedBackup resolve(BackupLister lister, ClusterName name) {
        if (attempt.isPresent()) {
            return only(lister.find(name, label.orElseThrow(), attempt.get()));
        }
        if (label.isPresent()) {
            return only(lister.find(name, label.get()));
        }
        BackupListing listing = lister.list(name);
        return listing.backups().stream()
                .max(Comparator.comparing(backup -> backup.layout().label()))
                .orElseThrow(() -> none(name, listing.problems()));
    }

    private static CairnException none(ClusterName name, List<CopyProblem> problems) {
        return problems.isEmpty()
                ? new CairnException(
                        ErrorCode.BACKUP_NOT_FOUND,
                        "cluster '" + name + "' has no backup",
                        "take one with: cairn backup " + name + " --type full")
                : CopyProblem.notFound("of cluster " + name, problems);
    }

    private ListedBackup resolveByLabel(BackupLister lister) {
        List<ListedBackup> found = new ArrayList<>();
        List<CopyProblem> problems = new ArrayList<>();
        for (ClusterName name : lister.clusters(problems::add)) {
            BackupListing listing = lister.list(name);
            listing.backups().stream()
                    .filter(backup -> backup.layout().label().equals(label.orElseThrow()))
                    .forEach(found::add);
            problems.addAll(listing.problems());
        }
        if (found.isEmpty()) {
            throw CopyProblem.notFound(label.orElseThrow().value(), problems);
        }
        return only(found);
    }

    private static ListedBackup only(List<ListedBackup> found) {
        if (found.size() > 1) {
            String runs =
                    found.stream()
                            .map(backup ->
                                    backup.commit().run()
                                            + " (system "
                                            + backup.layout().root().systemIdentifier()
                                            + ")")
                            .collect(Collectors.joining(", "));
            throw new CairnException(
                    ErrorCode.REQUEST_INVALID,
                    "several backups have this label: " + runs,
                    "write CLUSTER:LABEL");
        }
        return found.getFirst();
    }
}
