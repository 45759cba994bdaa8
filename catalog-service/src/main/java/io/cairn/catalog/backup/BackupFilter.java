package io.cairn.catalog.backup;

import io.cairn.model.ClusterName;
import io.cairn.model.Tier;
import java.util.Optional;

/** Which backups are wanted. */
public record BackupFilter(
        Optional<ClusterName> cluster, Optional<Tier> tier, Optional<BackupState> state) {}
