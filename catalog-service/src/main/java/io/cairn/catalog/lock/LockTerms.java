package io.cairn.catalog.lock;

import io.cairn.catalog.lock.LockCandidates.Candidate;
import io.cairn.model.BackupLabel;
import io.cairn.model.backup.BackupLayout;
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

    Instant until(BackupLayout backup) {
        Instant own = backup.label().due().plus(retention).plus(chain);
        return Optional.ofNullable(needed.get(backup))
                .map(children -> later(own, children))
                .orElse(own);
    }
}
