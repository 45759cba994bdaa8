package io.cairn.restore.recovery;

import io.cairn.model.ClusterName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;
import io.cairn.restore.plan.BackupSelection;
import io.cairn.restore.target.TablespaceMapping;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * What somebody wants back.
 *
 * @param base the backup to begin with; {@link BackupSelection.Latest} for the newest before the
 *     target
 * @param timeline whose history is followed; the newest one unless said otherwise
 * @param directory becomes the data directory; empty or not existing
 * @param databases names of those that come back; empty for all
 */
public record RecoveryRequest(
        ClusterName cluster,
        BackupSelection base,
        Optional<SystemIdentifier> systemIdentifier,
        RecoveryTarget target,
        Optional<Timeline> timeline,
        TargetAction action,
        Path directory,
        TablespaceMapping tablespaces,
        Set<String> databases) {

    public RecoveryRequest {
        databases = Set.copyOf(databases);
        directory = directory.toAbsolutePath().normalize();
    }

    public static RecoveryRequest of(ClusterName cluster, RecoveryTarget target, Path directory) {
        return new RecoveryRequest(
                cluster,
                new BackupSelection.Latest(),
                Optional.empty(),
                target,
                Optional.empty(),
                TargetAction.PROMOTE,
                directory,
                TablespaceMapping.NONE,
                Set.of());
    }

    public RecoveryRequest withBase(BackupSelection selection) {
        return new RecoveryRequest(
                cluster,
                selection,
                systemIdentifier,
                target,
                timeline,
                action,
                directory,
                tablespaces,
                databases);
    }

    public RecoveryRequest withSystemIdentifier(SystemIdentifier identifier) {
        return new RecoveryRequest(
                cluster,
                base,
                Optional.of(identifier),
                target,
                timeline,
                action,
                directory,
                tablespaces,
                databases);
    }

    public RecoveryRequest withTimeline(Timeline wanted) {
        return new RecoveryRequest(
                cluster,
                base,
                systemIdentifier,
                target,
                Optional.of(wanted),
                action,
                directory,
                tablespaces,
                databases);
    }

    public RecoveryRequest withAction(TargetAction wanted) {
        return new RecoveryRequest(
                cluster,
                base,
                systemIdentifier,
                target,
                timeline,
                wanted,
                directory,
                tablespaces,
                databases);
    }

    public RecoveryRequest withTablespaces(TablespaceMapping mapping) {
        return new RecoveryRequest(
                cluster,
                base,
                systemIdentifier,
                target,
                timeline,
                action,
                directory,
                mapping,
                databases);
    }

    /** Only some databases, besides what all share; the others are dropped at the target. */
    public RecoveryRequest withDatabases(Set<String> names) {
        return new RecoveryRequest(
                cluster,
                base,
                systemIdentifier,
                target,
                timeline,
                action,
                directory,
                tablespaces,
                names);
    }
}
