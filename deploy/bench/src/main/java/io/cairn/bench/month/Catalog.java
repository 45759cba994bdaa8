package io.cairn.bench.month;

import io.cairn.catalog.backup.CopyLock;
import io.cairn.catalog.hold.LegalHolds;
import io.cairn.catalog.lock.LockCandidates;
import io.cairn.catalog.lock.LockRound;
import io.cairn.catalog.retention.CleanUp;
import io.cairn.catalog.retention.KnownWork;
import io.cairn.catalog.retention.Proposal;
import io.cairn.catalog.retention.Retention;
import io.cairn.catalog.retention.RetentionGuards;
import io.cairn.events.BackupLocked;
import io.cairn.events.CairnEvent;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.policy.RunPolicy;
import io.cairn.model.policy.TierPolicy;
import io.cairn.restore.backup.BackupLister;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.backup.ListedBackup;
import io.cairn.storage.StoreProbe;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** What the catalog service does: locks, holds, and expires. It learns nothing from events. */
final class Catalog {

    private static final int PARALLEL = 4;

    private final Views views;
    private final BackupLister lister;
    private final SimulatedClock clock;
    private final Random random;
    private final Map<String, BackupLocked> locked = new HashMap<>();
    private final Map<BackupLabel, String> held = new LinkedHashMap<>();
    private final LegalHolds holds;
    private TierPolicy policy;
    private CleaningUp cleaningUp = CleaningUp.NONE;

    Catalog(
            Views views,
            List<BackupReader> readers,
            TierPolicy policy,
            SimulatedClock clock,
            Random random) {
        this.views = views;
        this.lister = new BackupLister(readers);
        this.policy = policy;
        this.clock = clock;
        this.random = random;
        LinkedHashMap<ClusterName, List<StoreName>> clusters = new LinkedHashMap<>();
        clusters.put(Source.CLUSTER, policy.run().copies());
        this.holds =
                new LegalHolds(clusters, views.of(Worker.HOLDER)::get, _ -> {}, clock, PARALLEL);
    }

    TierPolicy policy() {
        return policy;
    }

    /** Whether a hold covers it that the month has seen placed. */
    boolean isHeld(BackupLabel label) {
        return held.containsKey(label);
    }

    /** Until when every object of a copy has been called locked. */
    Optional<BackupLocked> lock(CommitObject commit, StoreName store) {
        return Optional.ofNullable(locked.get(commit.attempt() + "/" + store));
    }

    /** Another retention for the tier, half to twice as long. */
    String change() {
        Duration retention = Duration.ofHours(72 + random.nextInt(96));
        policy = keeping(retention, policy.pointInTimeWindow());
        return "the policy keeps backups for " + retention;
    }

    private TierPolicy followed() {
        Duration hour = Duration.ofHours(1);
        if (!views.has(Guard.RETENTION)) {
            return keeping(hour, hour);
        }
        return views.has(Guard.WINDOW_WAL) ? policy : keeping(policy.run().retention(), hour);
    }

    private TierPolicy keeping(Duration retention, Duration window) {
        var run = policy.run();
        return new TierPolicy(
                policy.tier(),
                window,
                new RunPolicy(
                        retention,
                        run.rto(),
                        run.rpo(),
                        run.copies(),
                        run.gzipLevel(),
                        run.volumeBytes()),
                policy.schedules(),
                policy.wal(),
                policy.lock(),
                policy.archive());
    }

    /** Locks what is complete for as long as it is kept. */
    String lock() {
        try {
            LockRound round =
                    new LockRound(
                            List.of(policy),
                            views.of(Worker.LOCKER)::get,
                            this::candidates,
                            _ -> new StoreProbe.Finding.Works(),
                            this::tell,
                            clock,
                            LockRound.Limits.DEFAULT);
            LockRound.Report report = round.run();
            return "%d copies locked, %d stores failed"
                    .formatted(report.locked(), report.failures().size());
        } catch (CairnException e) {
            return "nothing is locked: " + e.code();
        }
    }

    private List<LockCandidates.Candidate> candidates(Tier tier) {
        List<LockCandidates.Candidate> candidates = new ArrayList<>();
        for (ListedBackup backup : lister.list(Source.CLUSTER).backups()) {
            Map<StoreName, Optional<CopyLock>> copies = new HashMap<>();
            backup.copies()
                    .forEach(copy ->
                            copies.put(
                                    copy.store(),
                                    lock(backup.commit(), copy.store())
                                            .map(lock -> new CopyLock(lock.mode(), lock.until()))));
            candidates.add(
                    new LockCandidates.Candidate(
                            backup.layout(),
                            backup.commit().attempt(),
                            backup.commit().parent(),
                            copies));
        }
        return candidates;
    }

    private void tell(CairnEvent event) {
        if (event instanceof BackupLocked lock) {
            locked.put(lock.attempt() + "/" + lock.store(), lock);
        }
    }

    /** Places a hold on any backup, or releases one. */
    String hold() {
        try {
            if (!held.isEmpty() && random.nextBoolean()) {
                BackupLabel label = held.keySet().iterator().next();
                holds.release(held.get(label), "the case is closed", "month");
                held.remove(label);
                holds.round();
                return "the hold on " + label + " is released";
            }
            List<ListedBackup> all = lister.list(Source.CLUSTER).backups();
            if (all.isEmpty()) {
                return "nothing to hold";
            }
            BackupLabel label = all.get(random.nextInt(all.size())).layout().label();
            String id = "%016x%016x".formatted(random.nextLong(), random.nextLong());
            holds.place(Optional.of(Source.CLUSTER), label, id, "a case", "month");
            held.put(label, id);
            holds.round();
            return label + " is held";
        } catch (CairnException e) {
            return "a hold: " + e.code();
        }
    }

    /** How the last clean-up came about. */
    enum CleaningUp {
        NONE,
        BY_ITSELF,
        CONFIRMED
    }

    /** What there was since this was asked for the last time. */
    CleaningUp lastCleanUp() {
        CleaningUp last = cleaningUp;
        cleaningUp = CleaningUp.NONE;
        return last;
    }

    /** The weekly clean-up; what is held is confirmed now and then, and in a script always. */
    String cleanUp() {
        return cleanUp(clock);
    }

    /** By a process whose clock is a month ahead. */
    String cleanUpTooEarly() {
        return cleanUp(() -> clock.instant().plus(Duration.ofDays(30)));
    }

    private String cleanUp(InstantSource time) {
        Retention retention =
                new Retention(
                        views.of(Worker.RETENTION).values(),
                        KnownWork.NONE,
                        guards(),
                        time,
                        _ -> {});
        TierPolicy followed = followed();
        cleaningUp = CleaningUp.BY_ITSELF;
        try {
            List<CleanUp> done = retention.cleanUp(Source.CLUSTER, followed);
            boolean waits = done.stream().anyMatch(CleanUp.Held.class::isInstance);
            if (waits && (views.lackOne() || random.nextBoolean())) {
                List<Proposal> shown = retention.propose(Source.CLUSTER, followed);
                cleaningUp = CleaningUp.CONFIRMED;
                done = retention.expire(Source.CLUSTER, followed, Retention.digest(shown));
            }
            return "cleaned up: " + done.stream().map(Catalog::describe).toList();
        } catch (CairnException e) {
            return "no clean-up: " + e.messageWithHint();
        }
    }

    private RetentionGuards guards() {
        RetentionGuards all = RetentionGuards.DEFAULT;
        return new RetentionGuards(
                views.has(Guard.SHARE) ? all.share() : 1,
                views.has(Guard.CLOCK) ? all.clockSkew() : Duration.ofDays(365),
                all.orphanAge(),
                all.pieceAge());
    }

    private static String describe(CleanUp done) {
        return switch (done) {
            case CleanUp.Applied applied ->
                    "expired %d, deleted %d objects, retained %d"
                            .formatted(
                                    applied.expired().size(),
                                    applied.objects(),
                                    applied.retained().size());
            case CleanUp.Held held -> "held for its " + held.why();
        };
    }
}
