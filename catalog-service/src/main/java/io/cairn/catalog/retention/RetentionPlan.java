package io.cairn.catalog.retention;

import io.cairn.model.BackupLabel;
import io.cairn.model.Json;
import io.cairn.model.Lsn;
import io.cairn.model.Sha256;
import io.cairn.model.Tier;
import io.cairn.model.Timeline;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.policy.TierPolicy;
import io.cairn.model.record.ExpiredWal;
import io.cairn.model.record.ExpiredWal.Kept;
import io.cairn.model.record.ExpiredWal.Wanted;
import io.cairn.model.wal.LsnRange;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What becomes of one life of a cluster.
 *
 * @param at when it was made
 * @param policy digest of what it follows, see {@link #digest(TierPolicy)}
 * @param decisions on every backup
 * @param wal of every timeline what is needed of what is stored
 * @param storedUntil the end of what is stored of each timeline: what comes later is not its
 *     concern
 */
public record RetentionPlan(
        ClusterRoot root,
        Tier tier,
        Instant at,
        Sha256 policy,
        SortedMap<BackupLabel, Decision> decisions,
        List<Kept> wal,
        SortedMap<Timeline, Lsn> storedUntil) {

    public RetentionPlan {
        decisions = Collections.unmodifiableSortedMap(new TreeMap<>(decisions));
        wal = List.copyOf(wal);
        storedUntil = Collections.unmodifiableSortedMap(new TreeMap<>(storedUntil));
    }

    /** What of a policy retention follows. */
    private record Followed(
            Tier tier, Duration retention, Duration pointInTimeWindow, List<String> copies) {}

    /** The same for policies under which the same is kept. */
    public static Sha256 digest(TierPolicy policy) {
        return Sha256.of(
                Json.write(
                        new Followed(
                                policy.tier(),
                                policy.run().retention(),
                                policy.pointInTimeWindow(),
                                policy.run().copies().stream().map(Object::toString).toList())));
    }

    /** Oldest first. */
    public List<BackupLabel> expired() {
        return decisions.entrySet().stream()
                .filter(entry -> entry.getValue() instanceof Decision.Expire)
                .map(Map.Entry::getKey)
                .toList();
    }

    public boolean keeps(BackupLabel label) {
        return decisions.get(label) instanceof Decision.Keep;
    }

    /** Whether an object with these bytes of a timeline's WAL stays. */
    public boolean wants(Timeline timeline, LsnRange range) {
        return record(at, policy).wants(timeline, range);
    }

    /** What every store is told before any loses WAL. What was not stored yet is wanted. */
    public ExpiredWal record(Instant recordedAt, Sha256 plan) {
        List<Kept> kept = new ArrayList<>();
        for (Kept timeline : wal) {
            List<Wanted> wanted = new ArrayList<>(timeline.wanted());
            wanted.add(
                    new Wanted(
                            storedUntil.getOrDefault(timeline.timeline(), new Lsn(0)),
                            Optional.empty()));
            kept.add(new Kept(timeline.timeline(), WantedWal.merged(wanted)));
        }
        return new ExpiredWal(recordedAt, plan, kept);
    }

    private record Substance(
            String root, Sha256 policy, List<BackupLabel> expired, List<Kept> wal) {}

    /** What it removes, not when it was made nor why the rest is kept. */
    public Sha256 digest() {
        return Sha256.of(Json.write(new Substance(root.prefix(), policy, expired(), wal)));
    }
}
