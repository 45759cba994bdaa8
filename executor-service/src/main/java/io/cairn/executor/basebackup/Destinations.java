package io.cairn.executor.basebackup;

import io.cairn.events.region.Regions;
import io.cairn.executor.publish.Commits;
import io.cairn.executor.publish.CommittedBackup;
import io.cairn.model.StoreName;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.service.region.ObservedStore;
import io.cairn.storage.ObjectStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * The stores of a run's policy. The run writes to the first of them that is in service; one that
 * takes nothing for the limit is left for the next. Whether the run's backup is there already, all
 * of them are asked: it may have been taken while another one was written to. For one thread.
 */
final class Destinations {

    private static final Logger LOG = Logger.getLogger(Destinations.class);

    /** How long a store that is not written to may take to answer. */
    private static final Duration OTHERS = Duration.ofSeconds(10);

    private final List<StoreName> copies;
    private final Map<StoreName, ObjectStore> stores;
    private final Supplier<Regions> regions;
    private final Set<StoreName> left = new HashSet<>();
    private ObjectStore current;
    private long epoch;

    /**
     * @param copies the policy's stores in their order, at least one
     * @param limit how long one may take nothing while there is another
     */
    Destinations(
            List<ObjectStore> copies, Supplier<Regions> regions, Duration limit, RunClock clock) {
        this.copies = copies.stream().map(ObjectStore::name).toList();
        this.stores =
                copies.stream()
                        .collect(
                                Collectors.toMap(
                                        ObjectStore::name,
                                        store ->
                                                copies.size() == 1
                                                        ? store
                                                        : new PatientStore(
                                                                store, limit, regions, clock)));
        this.regions = regions;
        this.current = copies.getFirst();
        choose();
    }

    /** Of a policy with one store. */
    static Destinations only(ObjectStore store, RunClock clock) {
        return new Destinations(List.of(store), () -> Regions.NONE, Duration.ofDays(1), clock);
    }

    /** The store that is written to. */
    ObjectStore current() {
        return current;
    }

    /** Epoch of what was known when that was chosen. */
    long epoch() {
        return epoch;
    }

    /** Before an attempt: the first store in service that was not left, or the first again. */
    void choose() {
        Regions known = regions.get();
        if (left.size() == copies.size()) {
            left.clear();
        }
        StoreName chosen =
                known.order(copies).stream()
                        .filter(store -> !left.contains(store))
                        .findFirst()
                        .orElseThrow();
        current = stores.get(chosen);
        epoch = known.epoch();
    }

    /** Whether an attempt that failed so goes on in another store, which is chosen then. */
    boolean leave(CairnException failure) {
        if (!ObservedStore.isOfStore(failure)) {
            return false;
        }
        left.add(current.name());
        if (left.size() == copies.size()) {
            return false;
        }
        StoreName before = current.name();
        choose();
        LOG.warnf(
                "Store '%s' is left for '%s': %s: %s",
                before, current.name(), failure.code(), failure.getMessage());
        return true;
    }

    /**
     * Looks for a backup in all stores but those that were left. Who is not written to need not
     * answer.
     *
     * @throws CairnException if the one that is written to does not
     */
    Optional<CommittedBackup> find(Function<Commits, Optional<CommittedBackup>> look) {
        List<FutureTask<Optional<CommittedBackup>>> others = new ArrayList<>();
        for (ObjectStore store : stores.values()) {
            if (store != current && !left.contains(store.name())) {
                others.add(begin(store, look));
            }
        }
        try {
            Optional<CommittedBackup> here = look.apply(new Commits(current));
            if (here.isPresent()) {
                return here;
            }
            for (FutureTask<Optional<CommittedBackup>> other : others) {
                Optional<CommittedBackup> found = get(other);
                if (found.isPresent()) {
                    return found;
                }
            }
            return Optional.empty();
        } catch (ExecutionException e) {
            throw CairnException.bug("looking for a backup fails with " + e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CairnException(
                    ErrorCode.RUN_DRAINED,
                    "the executor was stopped while it looked for the backup",
                    "the run is repeated",
                    e);
        } finally {
            others.forEach(other -> other.cancel(true));
        }
    }

    private static Optional<CommittedBackup> get(FutureTask<Optional<CommittedBackup>> other)
            throws InterruptedException, ExecutionException {
        try {
            return other.get(OTHERS.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException _) {
            return Optional.empty();
        }
    }

    private FutureTask<Optional<CommittedBackup>> begin(
            ObjectStore store, Function<Commits, Optional<CommittedBackup>> look) {
        FutureTask<Optional<CommittedBackup>> task =
                new FutureTask<>(() ->
                        ask(store, asked -> look.apply(new Commits(asked)), Optional.empty()));
        Thread.ofVirtual().name("look into " + store.name()).start(task);
        return task;
    }

    /** What all stores that answer hold under some prefixes. */
    long count(List<String> prefixes) {
        long count = 0;
        for (ObjectStore store : stores.values()) {
            if (store == current) {
                count += count(store, prefixes);
            } else if (!left.contains(store.name())) {
                count += ask(store, asked -> count(asked, prefixes), 0L);
            }
        }
        return count;
    }

    private static long count(ObjectStore store, List<String> prefixes) {
        long count = 0;
        for (String prefix : prefixes) {
            try (var objects = store.list(prefix)) {
                count += objects.count();
            }
        }
        return count;
    }

    /** A store that does not answer holds nothing that anybody could use now. */
    private <T> T ask(ObjectStore store, Function<ObjectStore, T> question, T otherwise) {
        try {
            return store instanceof PatientStore patient
                    ? patient.once(question)
                    : question.apply(store);
        } catch (CairnException e) {
            if (!ObservedStore.isOfStore(e)) {
                throw e;
            }
            LOG.debugf("%s: %s", e.code(), e.getMessage());
            return otherwise;
        }
    }
}
