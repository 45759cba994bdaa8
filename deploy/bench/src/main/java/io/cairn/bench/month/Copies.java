package io.cairn.bench.month;

import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.replication.copy.BackupCopier;
import io.cairn.replication.copy.BackupCopy;
import io.cairn.replication.lag.LagTracker;
import io.cairn.replication.route.Copy;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What the replication service does: follows what it is told of, compares by listing, and measures
 * how far each copy is behind. A second of its work is a second of the month.
 */
final class Copies {

    private static final int PARALLEL = 4;
    private static final int TRIES = 3;
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private final Map<StoreName, ObjectStore> stores;
    private final SimulatedClock clock;
    private final boolean counted;
    private final LagTracker tracker = new LagTracker();
    private final List<Duration> lags = new ArrayList<>();
    private Duration longest = Duration.ZERO;

    /**
     * @param counted whether what is missing stays so until it is copied
     */
    Copies(Map<StoreName, ObjectStore> stores, SimulatedClock clock, boolean counted) {
        this.stores = stores;
        this.clock = clock;
        this.counted = counted;
    }

    /** One round in every direction; what became of it in a few words. */
    String round() throws InterruptedException {
        Map<String, Integer> outcomes = new TreeMap<>();
        for (ObjectStore source : stores.values()) {
            for (ObjectStore target : stores.values()) {
                if (source != target) {
                    for (String outcome : copy(source, target)) {
                        outcomes.merge(outcome, 1, Integer::sum);
                    }
                }
            }
        }
        return "copied: " + outcomes;
    }

    /**
     * Copies a backup as soon as it is told of, into every other store; what cannot be copied now
     * stays missing.
     *
     * @param measured whether the stores answer, so that its lag counts unless others are missing
     */
    void follow(ObjectKey commit, StoreName from, Instant storedAt, boolean measured)
            throws InterruptedException {
        for (ObjectStore target : stores.values()) {
            if (!target.name().equals(from)) {
                Copy copy = new Copy(Source.CLUSTER, target.name());
                boolean alone = tracker.missing(copy).isEmpty();
                tracker.missing(copy, commit, storedAt);
                if (isCopied(commit, stores.get(from), target)) {
                    if (measured && alone) {
                        lags.add(tracker.lag(copy, clock.instant()));
                    }
                    tracker.settled(copy, commit);
                } else if (!counted) {
                    tracker.settled(copy, commit);
                }
            }
        }
    }

    /** Is told of a backup that it does not copy yet: it is missing in every other store. */
    void hear(ObjectKey commit, StoreName from, Instant storedAt) {
        if (!counted) {
            return;
        }
        for (StoreName target : stores.keySet()) {
            if (!target.equals(from)) {
                tracker.missing(new Copy(Source.CLUSTER, target), commit, storedAt);
            }
        }
    }

    private boolean isCopied(ObjectKey commit, ObjectStore source, ObjectStore target)
            throws InterruptedException {
        for (int number = 1; number <= TRIES; number++) {
            try {
                return timed(commit, source, target) instanceof BackupCopy.Complete;
            } catch (CairnException e) {
                if (e.category() != ErrorCategory.TRANSIENT) {
                    return false;
                }
                clock.pause(PAUSE);
            }
        }
        return false;
    }

    private BackupCopy timed(ObjectKey commit, ObjectStore source, ObjectStore target)
            throws InterruptedException {
        long begin = System.nanoTime();
        try {
            return BackupCopier.into(target, PARALLEL).copy(commit, source);
        } finally {
            clock.advance(Duration.ofNanos(System.nanoTime() - begin));
        }
    }

    private List<String> copy(ObjectStore source, ObjectStore target) throws InterruptedException {
        List<String> outcomes = new ArrayList<>();
        Copy copy = new Copy(Source.CLUSTER, target.name());
        try {
            List<ObjectInfo> commits;
            try (Stream<ObjectInfo> all = source.list(Source.CLUSTER + "/")) {
                commits =
                        all.filter(info -> BackupLayout.ofCommit(info.key()).isPresent())
                                .toList()
                                .reversed();
            }
            for (ObjectInfo commit : commits) {
                if (target.head(commit.key()).isEmpty() && counted) {
                    tracker.missing(copy, commit.key(), commit.lastModified());
                }
                BackupCopy outcome = timed(commit.key(), source, target);
                outcomes.add(outcome.getClass().getSimpleName());
                if (!(outcome instanceof BackupCopy.Refused)) {
                    tracker.settled(copy, commit.key());
                }
            }
        } catch (CairnException e) {
            outcomes.add(e.code().toString());
        }
        return outcomes;
    }

    /** Age of the oldest backup that is known to be missing in a store. */
    Duration lag(StoreName target) {
        Duration lag = tracker.lag(new Copy(Source.CLUSTER, target), clock.instant());
        longest = longest.compareTo(lag) >= 0 ? longest : lag;
        return lag;
    }

    /** The longest that was seen. */
    Duration longest() {
        return longest;
    }

    /** Of the backups that were taken while all stores answered, and nothing else was missing. */
    Duration lagOf99Percent() {
        List<Duration> sorted = lags.stream().sorted().toList();
        return sorted.isEmpty()
                ? Duration.ZERO
                : sorted.get((int) Math.ceil(0.99 * sorted.size()) - 1);
    }
}
