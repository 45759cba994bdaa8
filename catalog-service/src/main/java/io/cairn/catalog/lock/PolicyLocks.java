package io.cairn.catalog.lock;

import io.cairn.catalog.backup.CopyLock;
import io.cairn.catalog.lock.LockCandidates.Candidate;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.ObjectLockMode;
import io.cairn.model.policy.TierPolicy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the lock round would lock under a policy that is not followed yet. Asks no store, so that it
 * does not know which of them would refuse. Blocking; thread-safe.
 */
@ApplicationScoped
public class PolicyLocks {

    private static final Comparator<PlannedLock> OLDEST_FIRST =
            Comparator.comparing((PlannedLock lock) -> lock.backup().label())
                    .thenComparing(lock -> lock.backup().toString())
                    .thenComparing(lock -> lock.store().value());

    private final LockCandidates candidates;
    private final LockSettings settings;
    private final InstantSource clock;

    @Inject
    PolicyLocks(LockCandidates candidates, LockSettings settings, InstantSource clock) {
        this.candidates = candidates;
        this.settings = settings;
        this.clock = clock;
    }

    /**
     * The lock of a complete copy.
     *
     * @param now that it has, as it was read back; absent if it has run out
     * @param then that it would have: never less than it has
     */
    public record PlannedLock(
            BackupLayout backup, StoreName store, Optional<CopyLock> now, CopyLock then) {}

    /**
     * The copies of a cluster that are locked, or would be.
     *
     * @throws CairnException {@link ErrorCode#CONFIG_INVALID} if S3 knows no locks that long
     */
    public List<PlannedLock> of(ClusterName cluster, TierPolicy policy) {
        LockTerms.requirePossible(policy, settings.chain());
        List<Candidate> all = candidates.of(policy.tier());
        LockTerms terms = new LockTerms(all, policy.run().retention(), settings.chain());
        Instant at = clock.instant();
        List<PlannedLock> locks = new ArrayList<>();
        for (Candidate backup : all) {
            if (!backup.layout().root().cluster().equals(cluster)) {
                continue;
            }
            Optional<CopyLock> wanted =
                    policy.lock().flatMap(mode -> terms.lock(backup.layout(), mode, at));
            backup.copies()
                    .forEach((store, present) -> {
                        Optional<CopyLock> now = present.filter(lock -> lock.until().isAfter(at));
                        Optional<CopyLock> asked =
                                wanted.filter(_ -> policy.run().copies().contains(store));
                        extended(now, asked)
                                .map(then -> new PlannedLock(backup.layout(), store, now, then))
                                .ifPresent(locks::add);
                    });
        }
        locks.sort(OLDEST_FIRST);
        return List.copyOf(locks);
    }

    private static Optional<CopyLock> extended(Optional<CopyLock> now, Optional<CopyLock> asked) {
        Optional<Instant> until =
                Stream.concat(now.stream(), asked.stream())
                        .map(CopyLock::until)
                        .max(Comparator.naturalOrder());
        Optional<ObjectLockMode> mode =
                Stream.concat(now.stream(), asked.stream())
                        .map(CopyLock::mode)
                        .max(Comparator.naturalOrder());
        return mode.flatMap(strongest -> until.map(end -> new CopyLock(strongest, end)));
    }
}
