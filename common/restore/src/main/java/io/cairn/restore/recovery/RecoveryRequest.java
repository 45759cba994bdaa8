package io.cairn.restore.recovery;

import io.cairn.model.ClusterName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;
import io.cairn.restore.plan.BackupSelection;
import io.cairn.restore.target.TablespaceMapping;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What somebody wants back.
 *
 * @param base the backup to begin with; {@link BackupSelection.Latest} for the newest before the
 *     target
 * @param timeline whose history is followed; the newest one unless said otherwise
 * @param directory becomes the data directory; empty or not existing
 */
public record RecoveryRequest(
        ClusterName cluster,
        BackupSelection base,
        Optional<SystemIdentifier> systemIdentifier,
        RecoveryTarget target,
        Optional<Timeline> timeline,
        TargetAction action,
        Path directory,
        TablespaceMapping tablespaces) {

    public RecoveryRequest {
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
                TablespaceMapping.NONE);
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
                tablespaces);
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
                tablespaces);
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
                tablespaces);
    }

    public RecoveryRequest withAction(TargetAction wanted) {
        return new RecoveryRequest(
                cluster, base, systemIdentifier, target, timeline, wanted, directory, tablespaces);
    }

    public RecoveryRequest withTablespaces(TablespaceMapping mapping) {
        return new RecoveryRequest(
                cluster, base, systemIdentifier, target, timeline, action, directory, mapping);
    }
}
