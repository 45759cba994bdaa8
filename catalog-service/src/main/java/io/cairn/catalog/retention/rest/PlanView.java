package io.cairn.catalog.retention.rest;

import io.cairn.catalog.retention.Decision;
import io.cairn.catalog.retention.History.PastBackup;
import io.cairn.catalog.retention.Proposal;
import io.cairn.catalog.retention.Reason;
import io.cairn.catalog.retention.Retention;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * What a clean-up would do.
 *
 * @param plan its digest; an expiration names it
 * @param lives of the cluster: more than one if it was created anew under its name
 */
public record PlanView(String cluster, String plan, List<Life> lives) {

    /**
     * @param backups oldest first
     * @param wal from where on it is kept, by timeline
     */
    public record Life(
            String systemIdentifier,
            String tier,
            List<Backup> backups,
            List<Wal> wal,
            Removed removed,
            long totalBytes) {}

    /**
     * @param bytes stored, in all stores together
     * @param reasons why it is kept
     * @param lockedUntil the latest end of a lock that keeps it
     */
    public record Backup(
            String label,
            String kind,
            Instant completedAt,
            List<String> copies,
            long bytes,
            @Schema(enumeration = {"keep", "expire"}) String decision,
            List<String> reasons,
            Optional<Instant> lockedUntil) {}

    /**
     * @param to absent: all that there is from there on
     */
    public record Wal(int timeline, String from, Optional<String> to) {}

    /**
     * @param bytes of backups and WAL, in all stores together
     * @param orphans attempts that were given up
     */
    public record Removed(int backups, long walObjects, long walBytes, long bytes, int orphans) {}

    static PlanView of(ClusterName cluster, List<Proposal> proposals) {
        return new PlanView(
                cluster.value(),
                Retention.digest(proposals).hex(),
                proposals.stream().map(PlanView::life).toList());
    }

    private static Life life(Proposal proposal) {
        return new Life(
                proposal.plan().root().systemIdentifier().toString(),
                proposal.plan().tier().id(),
                proposal.backups().stream().map(backup -> backup(backup, proposal)).toList(),
                proposal.plan().wal().stream()
                        .flatMap(kept ->
                                kept.wanted().stream()
                                        .map(range ->
                                                new Wal(
                                                        kept.timeline().id(),
                                                        range.from().toString(),
                                                        range.to().map(Object::toString))))
                        .toList(),
                new Removed(
                        proposal.plan().expired().size(),
                        proposal.wal().objects(),
                        proposal.wal().bytes(),
                        proposal.removedBytes(),
                        proposal.orphans().size()),
                proposal.totalBytes());
    }

    private static Backup backup(PastBackup backup, Proposal proposal) {
        List<Reason> reasons =
                proposal.plan().decisions().get(backup.label()) instanceof Decision.Keep keep
                        ? keep.reasons()
                        : List.of();
        return new Backup(
                backup.label().value(),
                backup.kind().id(),
                backup.completedAt(),
                new TreeSet<>(backup.copies().keySet()).stream().map(StoreName::value).toList(),
                proposal.bytes().getOrDefault(backup.label(), 0L),
                reasons.isEmpty() ? "expire" : "keep",
                reasons.stream().map(Reason::text).toList(),
                reasons.stream()
                        .flatMap(reason ->
                                reason instanceof Reason.Locked locked
                                        ? Optional.of(locked.until()).stream()
                                        : Optional.<Instant>empty().stream())
                        .max(Instant::compareTo));
    }
}
