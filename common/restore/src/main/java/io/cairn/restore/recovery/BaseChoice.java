package io.cairn.restore.recovery;

import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.restore.wal.WalPath;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Which backup a recovery begins with: the newest that ended before the target. */
final class BaseChoice {

    private final RecoveryRequest request;
    private final List<CommitObject> onPath;
    private final WalPath path;

    /**
     * @param backups in any order
     */
    BaseChoice(RecoveryRequest request, List<CommitObject> backups, WalPath path) {
        this.request = request;
        this.path = path;
        this.onPath =
                backups.stream()
                        .filter(backup -> path.passes(backup.timeline(), backup.stopLsn()))
                        .sorted(Comparator.comparing(CommitObject::stopLsn))
                        .toList();
    }

    /** By where they end. */
    List<CommitObject> onPath() {
        return onPath;
    }

    /**
     * @param location where the target lies, if it had to be looked for
     */
    CommitObject base(Optional<PointLocation> location) {
        RecoveryTarget target =
                location.<RecoveryTarget>map(found -> new RecoveryTarget.Lsn(found.record()))
                        .orElse(request.target());
        return newestBefore(target)
                .orElseThrow(() ->
                        onPath.isEmpty()
                                ? new CairnException(
                                        ErrorCode.RECOVERY_TARGET_UNREACHABLE,
                                        "no backup of cluster "
                                                + request.cluster()
                                                + " lies on the way to timeline "
                                                + path.timeline(),
                                        "name another timeline with --target-timeline, see: cairn"
                                                + " list")
                                : beforeFirst(onPath.getFirst()));
    }

    private CairnException beforeFirst(CommitObject first) {
        return new CairnException(
                ErrorCode.RECOVERY_TARGET_UNREACHABLE,
                request.target()
                        + " is before the end of the first backup that can be begun with, "
                        + first.label(),
                "the earliest that can be recovered is "
                        + describe(first)
                        + ": --target-lsn "
                        + first.stopLsn()
                        + ", or --target-immediate");
    }

    static String describe(CommitObject backup) {
        return "the end of " + backup.label() + ", " + backup.completedAt();
    }

    /**
     * A backup is consistent at its stop LSN, which it reached before it was completed: for a time
     * between the two, the backup before it is right in any case.
     */
    private Optional<CommitObject> newestBefore(RecoveryTarget target) {
        return onPath.reversed().stream()
                .filter(backup ->
                        switch (target) {
                            case RecoveryTarget.Time(var time) ->
                                    !backup.completedAt().isAfter(time);
                            case RecoveryTarget.Lsn(var position) ->
                                    backup.stopLsn().compareTo(position) <= 0;
                            case RecoveryTarget.Latest _,
                                    RecoveryTarget.Immediate _,
                                    RecoveryTarget.Xid _,
                                    RecoveryTarget.Name _ ->
                                    true;
                        })
                .findFirst();
    }

    /** The first backup that ends behind a hole, from which one can begin again. */
    Optional<CommitObject> firstBehind(io.cairn.model.Lsn position) {
        return onPath.stream()
                .filter(backup -> backup.startLsn().compareTo(position) >= 0)
                .findFirst();
    }
}
