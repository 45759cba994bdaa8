package io.cairn.catalog.lock;

import io.cairn.catalog.backup.CopyLock;
import io.cairn.catalog.lock.LockCandidates.Candidate;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.TierPolicy;
import io.cairn.storage.Retention;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
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
     * The copies of a tier's clusters that are locked, or would be, by cluster; oldest first.
     *
     * @throws CairnException {@link ErrorCode#CONFIG_INVALID} if S3 knows no locks that long
     */
    public Map<ClusterName, List<PlannedLock>> of(TierPolicy policy) {
        LockTerms.requirePossible(policy, settings.chain());
        List<Candidate> all = candidates.of(policy.tier());
        LockTerms terms = new LockTerms(all, policy.run().retention(), settings.chain());
        Instant at = clock.instant();
        return all.stream()
                .flatMap(backup -> locks(backup, policy, terms, at))
                .sorted(OLDEST_FIRST)
                .collect(Collectors.groupingBy(lock -> lock.backup().root().cluster()));
    }

    private static Stream<PlannedLock> locks(
            Candidate backup, TierPolicy policy, LockTerms terms, Instant at) {
        Optional<CopyLock> wanted =
                policy.lock().flatMap(mode -> terms.lock(backup.layout(), mode, at));
        return backup.copies().entrySet().stream()
                .flatMap(copy -> {
                    StoreName store = copy.getKey();
                    Optional<CopyLock> now =
                            copy.getValue().filter(lock -> lock.until().isAfter(at));
                    Optional<CopyLock> asked =
                            wanted.filter(_ -> policy.run().copies().contains(store));
                    return Stream.of(now, asked)
                            .flatMap(Optional::stream)
                            .map(CopyLock::retention)
                            .reduce(Retention::and)
                            .map(then ->
                                    new PlannedLock(backup.layout(), store, now, CopyLock.of(then)))
                            .stream();
                });
    }
}
