package io.cairn.restore.plan;

import io.cairn.model.ClusterName;
import io.cairn.model.SystemIdentifier;
import io.cairn.restore.target.TablespaceMapping;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What somebody wants restored.
 *
 * @param systemIdentifier needed only where the cluster was created anew under its name, and both
 *     have the label
 * @param recovers whether WAL is replayed afterwards, so that the backup need not carry its own
 * @param directory becomes the data directory; empty or not existing
 */
public record RestoreRequest(
        ClusterName cluster,
        BackupSelection selection,
        Optional<SystemIdentifier> systemIdentifier,
        boolean recovers,
        Path directory,
        TablespaceMapping tablespaces) {

    public RestoreRequest {
        directory = directory.toAbsolutePath().normalize();
    }

    public static RestoreRequest of(
            ClusterName cluster, BackupSelection selection, Path directory) {
        return new RestoreRequest(
                cluster, selection, Optional.empty(), false, directory, TablespaceMapping.NONE);
    }

    public RestoreRequest withTablespaces(TablespaceMapping mapping) {
        return new RestoreRequest(
                cluster, selection, systemIdentifier, recovers, directory, mapping);
    }

    public RestoreRequest withSystemIdentifier(SystemIdentifier identifier) {
        return new RestoreRequest(
                cluster, selection, Optional.of(identifier), recovers, directory, tablespaces);
    }

    public RestoreRequest forRecovery() {
        return new RestoreRequest(
                cluster, selection, systemIdentifier, true, directory, tablespaces);
    }
}
