package io.cairn.catalog.lock;

import io.cairn.catalog.backup.CopyLock;
import io.cairn.catalog.lock.LockCandidates.Candidate;
import io.cairn.model.BackupLabel;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.ObjectLockMode;
import io.cairn.model.policy.TierPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Until when each backup has to be locked: for its retention and the longest time that a chain may
 * go on after it, counted from its due time; and for as long as any backup is kept that builds on
 * it.
 */
final class LockTerms {

    private final Duration retention;
    private final Duration chain;
    private final Map<BackupLayout, Instant> needed = new HashMap<>();

    /**
     * @param chain the longest time from a full backup to the last one that builds on it
     */
    LockTerms(Collection<Candidate> candidates, Duration retention, Duration chain) {
        this.retention = retention;
        this.chain = chain;
        Map<BackupLayout, BackupLabel> parents = new HashMap<>();
        candidates.forEach(candidate ->
                candidate.parent().ifPresent(parent -> parents.put(candidate.layout(), parent)));
        parents.keySet().forEach(child -> need(child, parents));
    }

    /**
     * @throws CairnException {@link ErrorCode#CONFIG_INVALID} if locks of the policy would be
     *     longer than S3 knows
     */
    static void requirePossible(TierPolicy policy, Duration chain) {
        Duration length = policy.run().retention().plus(chain);
        if (policy.lock().isPresent() && length.compareTo(TierPolicy.LOCK_MAX) > 0) {
            throw new CairnException(
                    ErrorCode.CONFIG_INVALID,
                    "backups of tier %s would be locked for %d days, which is longer than S3 knows"
                            .formatted(policy.tier(), length.toDays()),
                    "keep them for less, or without a lock; a lock lasts at most %d days"
                            .formatted(TierPolicy.LOCK_MAX.toDays()));
        }
    }

    private void need(BackupLayout child, Map<BackupLayout, BackupLabel> parents) {
        Instant kept = child.label().due().plus(retention);
        Set<BackupLayout> seen = new HashSet<>();
        Optional<BackupLayout> parent = parent(child, parents);
        while (parent.isPresent() && seen.add(parent.get())) {
            needed.merge(parent.get(), kept, LockTerms::later);
            parent = parent(parent.get(), parents);
        }
    }

    private static Optional<BackupLayout> parent(
            BackupLayout child, Map<BackupLayout, BackupLabel> parents) {
        return Optional.ofNullable(parents.get(child))
                .map(label -> new BackupLayout(child.root(), label));
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    /** What every complete copy has to be locked with; absent if that has run out. */
    Optional<CopyLock> lock(BackupLayout backup, ObjectLockMode mode, Instant now) {
        return Optional.of(new CopyLock(mode, until(backup)))
                .filter(lock -> lock.until().isAfter(now));
    }

    private Instant until(BackupLayout backup) {
        Instant own = backup.label().due().plus(retention).plus(chain);
        return Optional.ofNullable(needed.get(backup))
                .map(children -> later(own, children))
                .orElse(own);
    }
}
