package io.cairn.restore.backup;

import java.util.List;

/**
 * The backups of a cluster.
 *
 * @param backups oldest first
 * @param problems stores, and backups without a usable copy, that could not be read; the listing
 *     lacks them
 */
public record BackupListing(List<ListedBackup> backups, List<CopyProblem> problems) {

    public BackupListing {
        backups = List.copyOf(backups);
        problems = List.copyOf(problems);
    }
}
