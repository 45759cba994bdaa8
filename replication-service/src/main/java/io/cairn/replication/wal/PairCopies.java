package io.cairn.replication.wal;

import io.cairn.events.EventEnvelope;
import io.cairn.events.WalArchived;
import io.cairn.events.WalGapDetected;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.replication.copy.Patience;
import io.cairn.replication.lag.LagTracker;
import io.cairn.replication.reconcile.RecordedCopies;
import io.cairn.replication.route.Copy;
import io.cairn.replication.route.Route;
import io.cairn.replication.route.StorePair;
import io.cairn.service.events.EventPublisher;
import io.cairn.storage.ClusterRoots;
import io.cairn.storage.ObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;

/**
 * Keeps a cluster's WAL the same in two stores: when an event tells of new WAL, else now and then,
 * and all of it at the start and from time to time. While a store is away it waits, without an end,
 * and the lag grows.
 *
 * <p>What is then known to lie in the other store as well is told, so that everybody knows what can
 * be recovered from there.
 *
 * <p>{@link #run} is for one thread, {@link #stored} and {@link #changed} for any.
 */
final class PairCopies implements Runnable {

    private static final Logger LOG = Logger.getLogger(PairCopies.class);

    /** Of one cluster: timelines and stores that something new is told of at once. */
    private static final int NEWS_MAX = 1000;

    private final StorePair pair;
    private final RootCopies.Ways ways;
    private final Patience patience;
    private final Duration every;
    private final Duration compareEvery;
    private final Telling telling;
    private final Map<ClusterRoot, RootCopies> roots = new LinkedHashMap<>();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition woken = lock.newCondition();
    private final StoredEnds ends = new StoredEnds();
    private final Map<StoredEnds.Place, News> news = new LinkedHashMap<>();
    private boolean changed;

    private Instant compareAt = Instant.MIN;
    private boolean compareDue;
    private boolean rootsKnown;

    /** Whom to tell what has become of copies. */
    record Telling(EventPublisher events, LagTracker lag, InstantSource clock) {}

    private record News(WalArchived wal, EventEnvelope<?> event) {}

    PairCopies(
            StorePair pair,
            RootCopies.Ways ways,
            Patience patience,
            WalCopySettings settings,
            Telling telling) {
        this(pair, ways, patience, settings.every(), settings.compareEvery(), telling);
    }

    PairCopies(
            StorePair pair,
            RootCopies.Ways ways,
            Patience patience,
            Duration every,
            Duration compareEvery,
            Telling telling) {
        this.pair = pair;
        this.ways = ways;
        this.patience = patience;
        this.every = every;
        this.compareEvery = compareEvery;
        this.telling = telling;
    }

    StorePair pair() {
        return pair;
    }

    /** One of the stores has more WAL. Never waits. */
    void stored(WalArchived wal, EventEnvelope<?> event) {
        lock.lock();
        try {
            ends.see(wal);
            if (!ends.covers(pair.other(wal.store()), wal) && news.size() < NEWS_MAX) {
                news.put(StoredEnds.Place.of(wal), new News(wal, event));
                woken.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Something else happened to the cluster's WAL. Never waits. */
    void changed() {
        lock.lock();
        try {
            changed = true;
            woken.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void run() {
        try {
            once(List.of(), true);
            while (true) {
                List<News> taken = new ArrayList<>();
                boolean look = await(taken);
                once(taken, look);
            }
        } catch (InterruptedException e) {
            // This process was told to stop.
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Waits for news, or until it is time to look.
     *
     * @return whether the stores are to be looked at; what is told of a store that already has all
     *     the WAL is only the time up to which it is recoverable
     */
    private boolean await(List<News> taken) throws InterruptedException {
        lock.lock();
        try {
            long left = every.toNanos();
            while (news.isEmpty() && !changed && left > 0) {
                left = woken.awaitNanos(left);
            }
            boolean look =
                    changed
                            || news.isEmpty()
                            || news.values().stream()
                                    .anyMatch(one ->
                                            !ends.holds(pair.other(one.wal().store()), one.wal()));
            taken.addAll(news.values());
            news.clear();
            changed = false;
            return look;
        } finally {
            lock.unlock();
        }
    }

    private void once(List<News> taken, boolean look) throws InterruptedException {
        try {
            if (look) {
                rootsKnown =
                        !taken.isEmpty()
                                && taken.stream()
                                        .allMatch(one -> roots.containsKey(root(one.wal())));
                Instant now = telling.clock().instant();
                if (!now.isBefore(compareAt)) {
                    compareDue = true;
                    compareAt = now.plus(compareEvery);
                }
                patience.untilDone("Comparing the " + pair, this::copy);
            }
            tell(taken);
        } catch (RuntimeException | Error e) {
            // Without this thread nothing would look any more, not even for what is missing.
            LOG.errorf(e, "The %s could not be compared; the next round tries again", pair);
        }
    }

    private static ClusterRoot root(WalArchived wal) {
        return new ClusterRoot(wal.cluster(), wal.systemIdentifier());
    }

    /**
     * Compares everything, once, and copies what one of the stores lacks.
     *
     * @throws CairnException a {@code STORE_…} code, if one of them cannot be used now
     */
    void compareAll() throws InterruptedException {
        compareDue = true;
        copy();
    }

    private boolean copy() throws InterruptedException {
        try {
            findRoots();
            for (RootCopies root : roots.values()) {
                root.run();
            }
            markers(false);
            return true;
        } catch (CairnException e) {
            markers(roots.isEmpty() || !roots.values().stream().allMatch(RootCopies::isCompared));
            roots.values().forEach(RootCopies::measure);
            throw e;
        } finally {
            tellRefusals();
        }
    }

    private void findRoots() {
        if (rootsKnown && !compareDue) {
            return;
        }
        for (RootCopies.Way way : List.of(ways.first(), ways.second())) {
            ObjectStore store = way.store();
            for (ClusterRoot root : ClusterRoots.of(pair.cluster(), store)) {
                roots.computeIfAbsent(
                        root,
                        _ -> new RootCopies(pair, root, ways, telling.lag(), telling.clock()));
            }
        }
        rootsKnown = true;
        if (compareDue) {
            roots.values().forEach(RootCopies::restart);
            compareDue = false;
        }
    }

    /** As long as nothing could be compared, everything since the start may be missing. */
    private void markers(boolean missing) {
        ObjectKey anything = new ObjectKey(pair.cluster() + "/wal");
        for (Route route : pair.routes()) {
            Copy copy = route.copy();
            if (!missing) {
                telling.lag().settled(copy, anything);
            } else if (!isThere(route.target())) {
                telling.lag().missing(copy, anything, since(route));
            }
        }
    }

    /** Of the store that is away, what the other one knows; else it counts from now on. */
    private Instant since(Route route) {
        Instant now = telling.clock().instant();
        ObjectStore source = store(route.source());
        RecordedCopies recorded = new RecordedCopies(source, route.target());
        try {
            return ClusterRoots.of(pair.cluster(), source).stream()
                    .flatMap(root -> recorded.oldestWal(root, now).stream())
                    .min(Comparator.naturalOrder())
                    .orElse(now);
        } catch (CairnException e) {
            LOG.debugf("%s: %s", e.code(), e.messageWithHint());
            return now;
        }
    }

    private ObjectStore store(StoreName name) {
        return ways.first().store().name().equals(name)
                ? ways.first().store()
                : ways.second().store();
    }

    private boolean isThere(StoreName name) {
        try {
            store(name).list(pair.cluster() + "/", Optional.empty(), 1);
            return true;
        } catch (CairnException e) {
            LOG.debugf("%s: %s", e.code(), e.messageWithHint());
            return false;
        }
    }

    private void tellRefusals() {
        for (RootCopies root : roots.values()) {
            for (WalGapDetected refusal : root.refusals()) {
                try {
                    telling.events().publish(refusal);
                } catch (CairnException e) {
                    // Log, metric and lag tell of it; so does the next comparison of everything.
                    LOG.warnf("%s: %s", e.code(), e.messageWithHint());
                    return;
                }
            }
        }
    }

    /** All that was stored before the news came is in the other store as well by now. */
    private void tell(List<News> taken) {
        for (News one : taken) {
            WalArchived wal = one.wal();
            StoreName target = pair.other(wal.store());
            RootCopies root = roots.get(root(wal));
            if (root == null || root.hasHole(target, wal.timeline(), wal.divergence())) {
                continue;
            }
            WalArchived copied =
                    new WalArchived(
                            wal.cluster(),
                            wal.tier(),
                            wal.systemIdentifier(),
                            wal.timeline(),
                            wal.divergence(),
                            target,
                            wal.start(),
                            wal.end(),
                            wal.recoverableUntil(),
                            telling.clock().instant());
            try {
                telling.events().publish(copied, Optional.of(one.event()));
            } catch (CairnException e) {
                // The next event of the stream tells more.
                LOG.warnf("%s: %s", e.code(), e.messageWithHint());
                return;
            }
            lock.lock();
            try {
                ends.see(copied);
            } finally {
                lock.unlock();
            }
        }
    }
}
