package io.cairn.catalog.archive;

import io.cairn.model.AttemptId;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.backup.BackupLayout;
import java.util.List;

/** The copies of backups that were drilled. Blocking; thread-safe. */
public interface DrilledCopies {

    /** A complete copy of a backup of which some copy has passed a restore drill. */
    record DrilledCopy(BackupLayout layout, AttemptId attempt) {}

    /** All of a tier in one store. */
    List<DrilledCopy> of(Tier tier, StoreName store);
}
