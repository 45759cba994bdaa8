package io.cairn.restore.plan;

import io.cairn.model.ClusterName;
import io.cairn.model.SystemIdentifier;
import io.cairn.restore.target.TablespaceMapping;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * What somebody wants restored.
 *
 * @param systemIdentifier needed only where the cluster was created anew under its name, and both
 *     have the label
 * @param recovers whether WAL is replayed afterwards, so that the backup need not carry its own
 * @param databases names of those that come back; empty for all
 * @param walBytes of disk that WAL takes at most while it is replayed
 * @param directory becomes the data directory; empty or not existing
 */
public record RestoreRequest(
        ClusterName cluster,
        BackupSelection selection,
        Optional<SystemIdentifier> systemIdentifier,
        boolean recovers,
        Set<String> databases,
        long walBytes,
        Path directory,
        TablespaceMapping tablespaces) {

    public RestoreRequest {
        directory = directory.toAbsolutePath().normalize();
        databases = Set.copyOf(databases);
    }

    public static RestoreRequest of(
            ClusterName cluster, BackupSelection selection, Path directory) {
        return new RestoreRequest(
                cluster,
                selection,
                Optional.empty(),
                false,
                Set.of(),
                0,
                directory,
                TablespaceMapping.NONE);
    }

    public RestoreRequest withTablespaces(TablespaceMapping mapping) {
        return new RestoreRequest(
                cluster,
                selection,
                systemIdentifier,
                recovers,
                databases,
                walBytes,
                directory,
                mapping);
    }

    public RestoreRequest withSystemIdentifier(SystemIdentifier identifier) {
        return new RestoreRequest(
                cluster,
                selection,
                Optional.of(identifier),
                recovers,
                databases,
                walBytes,
                directory,
                tablespaces);
    }

    public RestoreRequest forRecovery() {
        return forRecovery(0);
    }

    public RestoreRequest forRecovery(long bytesOfWal) {
        return new RestoreRequest(
                cluster,
                selection,
                systemIdentifier,
                true,
                databases,
                bytesOfWal,
                directory,
                tablespaces);
    }

    /** Only some databases; the others are dropped when the cluster has been recovered. */
    public RestoreRequest withDatabases(Set<String> names) {
        return new RestoreRequest(
                cluster,
                selection,
                systemIdentifier,
                recovers,
                names,
                walBytes,
                directory,
                tablespaces);
    }
}
