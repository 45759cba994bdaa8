package io.cairn.catalog.retention;

import io.cairn.catalog.retention.CleanUp.Held;
import io.cairn.catalog.retention.Proposals.Prepared;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Json;
import io.cairn.model.ObjectKey;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/** What keeps a clean-up from being carried out, or from being carried out unasked. */
final class CleanUpGuard {

    private final RetentionGuards guards;
    private final InstantSource clock;

    CleanUpGuard(RetentionGuards guards, InstantSource clock) {
        this.guards = guards;
        this.clock = clock;
    }

    /**
     * How old things are is told by this clock, and when they were written by the stores': both
     * must agree. Asked by writing, since nothing else shows a store's clock as it is now.
     */
    Optional<Held> clock(Prepared prepared) {
        StoredObjects objects = prepared.objects();
        ClusterRoot root = objects.root();
        for (ObjectStore store : objects.stores()) {
            ObjectKey key =
                    new ObjectKey(root.recordsPrefix() + "clocks/" + UUID.randomUUID() + ".json");
            Instant before = clock.instant();
            store.putIfAbsent(key, ObjectBody.of(Json.write(Map.of("at", before))));
            Instant written = store.head(key).map(ObjectInfo::lastModified).orElse(Instant.EPOCH);
            Duration apart = Duration.between(written, before).abs();
            if (apart.compareTo(guards.clockSkew()) > 0) {
                return Optional.of(
                        new Held(
                                prepared.proposal(),
                                "clock",
                                "nothing of %s expires: this clock and that of store '%s' are %s apart"
                                        .formatted(root.cluster(), store.name(), apart),
                                "set the clocks right; at most "
                                        + guards.clockSkew()
                                        + " is accepted"));
            }
        }
        return Optional.empty();
    }

    /** What waits to be confirmed: much at once, and what a changed policy brings. */
    Optional<Held> unasked(Proposal proposal, StoredObjects objects) {
        if (!proposal.removesSomething()) {
            return Optional.empty();
        }
        ClusterName cluster = proposal.plan().root().cluster();
        String hint =
                "look at it with: cairn expire %s; carry it out with: cairn expire %s --confirm"
                        .formatted(cluster, cluster);
        boolean changed =
                FollowedPolicy.last(objects)
                        .filter(last -> !last.policy().equals(proposal.plan().policy()))
                        .isPresent();
        if (changed) {
            return Optional.of(
                    new Held(
                            proposal,
                            "policy",
                            "the policy of %s has changed, and %d backups of %s would expire"
                                    .formatted(
                                            proposal.plan().tier(),
                                            proposal.plan().expired().size(),
                                            cluster),
                            hint));
        }
        return exceedsShare(proposal)
                ? Optional.of(
                        new Held(
                                proposal,
                                "share",
                                "%d of %d backups and %d of %d bytes of %s would be removed at once"
                                        .formatted(
                                                proposal.plan().expired().size(),
                                                proposal.plan().decisions().size(),
                                                proposal.removedBytes(),
                                                proposal.totalBytes(),
                                                cluster),
                                hint))
                : Optional.empty();
    }

    /** More than the share, and more than what a day brings. */
    private boolean exceedsShare(Proposal proposal) {
        int removed = proposal.plan().expired().size();
        long ofDay = ofADay(proposal, _ -> 1);
        long bytesOfDay = ofADay(proposal, label -> proposal.bytes().getOrDefault(label, 0L));
        return removed > Math.max(ofDay, guards.share() * proposal.plan().decisions().size())
                || proposal.removedBytes()
                        > Math.max(bytesOfDay, guards.share() * proposal.totalBytes());
    }

    private static long ofADay(Proposal proposal, ToLongFunction<BackupLabel> amount) {
        return proposal.plan().decisions().keySet().stream()
                .collect(
                        Collectors.groupingBy(
                                label -> label.due().truncatedTo(ChronoUnit.DAYS),
                                Collectors.summingLong(amount)))
                .values()
                .stream()
                .max(Long::compare)
                .orElse(0L);
    }
}
