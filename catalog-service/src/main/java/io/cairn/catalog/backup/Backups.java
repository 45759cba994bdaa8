package io.cairn.catalog.backup;

import io.cairn.catalog.paging.Page;
import io.cairn.catalog.paging.PageRequest;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The backups in the record. Blocking; thread-safe. */
public interface Backups {

    /** Newest first. */
    Page<CataloguedBackup> find(BackupFilter filter, PageRequest page);

    /** The backups of that label; of one cluster, or of every cluster that has one. */
    List<CataloguedBackup> named(BackupLabel label, Optional<ClusterName> cluster);

    /** What was found out about a backup's copies, oldest first. */
    List<BackupRecord> history(Backup backup);

    /** The runs that have a backup. */
    Set<RunId> known();
}
