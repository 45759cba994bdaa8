package io.cairn.catalog.retention;

import io.cairn.catalog.retention.CleanUp.Applied;
import io.cairn.catalog.retention.CleanUp.Held;
import io.cairn.catalog.retention.Proposals.Prepared;
import io.cairn.catalog.retention.StoredObjects.Placed;
import io.cairn.events.BackupExpired;
import io.cairn.events.CairnEvent;
import io.cairn.events.RetentionHeld;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Json;
import io.cairn.model.ObjectKey;
import io.cairn.model.RunId;
import io.cairn.model.Sha256;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.TierPolicy;
import io.cairn.model.record.Tombstone;
import io.cairn.storage.ObjectStore;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Expires what a cluster's policy does not keep, in every store or in none: while one of them does
 * not answer, nothing is removed. Whatever interrupts it is finished by the next clean-up.
 * Blocking; one clean-up of a cluster at a time.
 */
public final class Retention {

    private final Proposals proposals;
    private final RetentionGuards guards;
    private final CleanUpGuard guard;
    private final InstantSource clock;
    private final Consumer<CairnEvent> events;

    /**
     * @param stores every store there is
     * @param events is told what was done, before it can be forgotten
     */
    public Retention(
            Collection<ObjectStore> stores,
            KnownWork work,
            RetentionGuards guards,
            InstantSource clock,
            Consumer<CairnEvent> events) {
        this.proposals = new Proposals(List.copyOf(stores), work, guards.orphanAge(), clock);
        this.guards = guards;
        this.guard = new CleanUpGuard(guards, clock);
        this.clock = clock;
        this.events = events;
    }

    /**
     * What a clean-up would do, by the cluster's lives.
     *
     * @throws CairnException one of the {@code STORE_…} codes; {@link ErrorCode#COMMIT_INVALID} and
     *     others if something that decides cannot be read
     */
    public List<Proposal> propose(ClusterName cluster, TierPolicy policy) {
        return proposals.of(cluster, policy).stream().map(Prepared::proposal).toList();
    }

    /** What a plan of several lives is confirmed by. */
    public static Sha256 digest(Collection<Proposal> proposals) {
        return Sha256.of(
                Json.write(proposals.stream().map(each -> each.digest().hex()).sorted().toList()));
    }

    /**
     * Removes what the plans say, unless a guard holds them; what is held is told.
     *
     * @throws CairnException as {@link #propose}
     */
    public List<CleanUp> cleanUp(ClusterName cluster, TierPolicy policy) {
        return proposals.of(cluster, policy).stream()
                .map(prepared -> apply(prepared, policy, true))
                .toList();
    }

    /**
     * Removes what was shown and confirmed.
     *
     * @param confirmed digest of what was shown
     * @throws CairnException {@link ErrorCode#PLAN_CHANGED} if it is another plan by now; as {@link
     *     #propose}
     */
    public List<CleanUp> expire(ClusterName cluster, TierPolicy policy, Sha256 confirmed) {
        return expire(cluster, policy, confirmed, false);
    }

    /**
     * Removes what was shown and confirmed.
     *
     * @param guarded whether what a clean-up would not do unasked is held all the same
     * @throws CairnException as {@link #expire(ClusterName, TierPolicy, Sha256)}
     */
    public List<CleanUp> expire(
            ClusterName cluster, TierPolicy policy, Sha256 confirmed, boolean guarded) {
        List<Prepared> prepared = proposals.of(cluster, policy);
        Sha256 now = digest(prepared.stream().map(Prepared::proposal).toList());
        if (!now.equals(confirmed)) {
            throw new CairnException(
                    ErrorCode.PLAN_CHANGED,
                    "what would expire of " + cluster + " is no longer what was shown",
                    "look at it again with: cairn expire " + cluster);
        }
        return prepared.stream().map(one -> apply(one, policy, guarded)).toList();
    }

    private CleanUp apply(Prepared prepared, TierPolicy policy, boolean guarded) {
        Proposal proposal = prepared.proposal();
        StoredObjects objects = prepared.objects();
        Optional<Held> clockHeld = guard.clock(prepared);
        if (clockHeld.isPresent()) {
            return tell(clockHeld.get());
        }
        Removal removal = new Removal(objects);
        WalRemoval wal = new WalRemoval(prepared, guards, removal);
        Set<BackupLabel> expired = new TreeSet<>(finish(prepared, removal));
        proposal.orphans().forEach(removal::orphan);
        Optional<Held> held = guarded ? guard.unasked(proposal, objects) : Optional.empty();
        if (held.isPresent()) {
            wal.coveredPieces(policy);
            return tell(held.get());
        }
        follow(proposal.plan().policy(), objects, removal);
        expired.addAll(backups(prepared, removal));
        wal.unwanted().ifPresent(events);
        wal.keys();
        wal.coveredPieces(policy);
        return new Applied(
                proposal,
                List.copyOf(expired),
                removal.deleted(),
                removal.bytes(),
                removal.retained());
    }

    private Held tell(Held held) {
        Proposal proposal = held.proposal();
        ClusterRoot root = proposal.plan().root();
        events.accept(
                new RetentionHeld(
                        root.cluster(),
                        root.systemIdentifier(),
                        proposal.digest(),
                        held.why(),
                        proposal.plan().expired().size(),
                        proposal.removedBytes(),
                        held.message(),
                        held.hint(),
                        clock.instant().truncatedTo(ChronoUnit.SECONDS)));
        return held;
    }

    private void follow(Sha256 policy, StoredObjects objects, Removal removal) {
        Optional<FollowedPolicy> last = FollowedPolicy.last(objects);
        FollowedPolicy followed =
                last.filter(before -> before.policy().equals(policy))
                        .orElseGet(() -> FollowedPolicy.from(clock.instant(), policy, last));
        ObjectKey key = followed.key(objects.root());
        if (!objects.names().stream().allMatch(store -> objects.has(store, key))) {
            removal.record(key, followed.toJson());
        }
    }

    /** Newest first, so that no backup is left without what it builds on. */
    private List<BackupLabel> backups(Prepared prepared, Removal removal) {
        RetentionPlan plan = prepared.proposal().plan();
        Sha256 digest = plan.digest();
        List<BackupLabel> newestFirst = plan.expired().reversed();
        for (BackupLabel label : newestFirst) {
            Tombstone tombstone =
                    new Tombstone(
                            label,
                            prepared.now(),
                            "older than its retention, and nothing needs it",
                            digest);
            removal.record(tombstone.key(plan.root()), tombstone.toJson());
            expired(tombstone, prepared.objects());
        }
        remove(newestFirst, prepared, removal);
        return plan.expired();
    }

    /**
     * All but what somebody began to read before its tombstone was there: whoever begins later
     * finds that. The next clean-up finishes it.
     */
    private static void remove(List<BackupLabel> newestFirst, Prepared prepared, Removal removal) {
        if (!newestFirst.isEmpty()) {
            Leases leases = Leases.lookAgain(prepared.objects(), prepared.now());
            newestFirst.stream()
                    .filter(label -> leases.on(label).isEmpty())
                    .forEach(removal::backup);
        }
    }

    /** Told before anything is deleted: as long as something remains it is told again. */
    private void expired(Tombstone tombstone, StoredObjects objects) {
        ClusterRoot root = objects.root();
        events.accept(
                new BackupExpired(
                        new RunId(root.cluster(), tombstone.label()),
                        root.systemIdentifier(),
                        tombstone.expiredAt(),
                        tombstone.plan(),
                        objects.names().stream().sorted().toList()));
    }

    /** What an earlier clean-up had begun with. */
    private List<BackupLabel> finish(Prepared prepared, Removal removal) {
        StoredObjects objects = prepared.objects();
        List<BackupLabel> newestFirst = prepared.proposal().unfinished().reversed();
        for (BackupLabel label : newestFirst) {
            ObjectKey key = Tombstone.key(objects.root(), label);
            Placed placed = objects.all(key.value()).findFirst().orElseThrow();
            byte[] json = objects.store(placed.store()).read(key, Tombstone.BYTES_MAX);
            Tombstone tombstone =
                    Tombstone.fromJson(json, key + " in store '" + placed.store() + "'");
            removal.record(key, json);
            expired(tombstone, objects);
        }
        remove(newestFirst, prepared, removal);
        return newestFirst;
    }
}
