package io.cairn.restore.thaw;

import io.cairn.model.archival.RetrievalTier;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.storage.ObjectInfo;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/**
 * Thaws what a plan names: asks for everything at once, so that it takes as long as the slowest and
 * not as long as all together, then looks until all of it can be read. Thread-safe.
 */
public final class Thaw {

    /** Requests at once. */
    private static final int AT_ONCE = 16;

    private final InstantSource clock;
    private final Pause pause;

    /**
     * @param pause lets the clock's time pass
     */
    public Thaw(InstantSource clock, Pause pause) {
        this.clock = clock;
        this.pause = pause;
    }

    /** By the system's clock. */
    public static Thaw inRealTime() {
        return new Thaw(InstantSource.system(), Thread::sleep);
    }

    /** Waits. */
    @FunctionalInterface
    public interface Pause {
        void pause(Duration time) throws InterruptedException;
    }

    /**
     * Asks for all that nobody has asked for yet.
     *
     * @param days how long it stays readable, 1 or more
     * @throws CairnException a {@code STORE_…} code of the first that is refused; what was asked
     *     for before goes on
     */
    public void request(ThawPlan plan, RetrievalTier tier, int days) throws InterruptedException {
        inParallel(
                plan.toRequest(),
                object -> {
                    object.store().thaw(object.key(), tier, days);
                    return true;
                });
    }

    /**
     * Waits until all objects of a plan can be read.
     *
     * @param every how often they are looked at: a HEAD for each that was not readable before
     * @param timeout after which it is given up; the thaw itself goes on
     * @throws CairnException {@link ErrorCode#STORE_OBJECT_ARCHIVED} after the time-out; a {@code
     *     STORE_…} code
     */
    public void await(ThawPlan plan, Duration every, Duration timeout, ThawProgress progress)
            throws InterruptedException {
        Instant end = clock.instant().plus(timeout);
        List<ArchivedObject> waiting = plan.objects();
        while (true) {
            waiting = stillArchived(waiting);
            long left = waiting.stream().mapToLong(ArchivedObject::length).sum();
            progress.update(plan.bytes() - left, plan.bytes());
            if (waiting.isEmpty()) {
                return;
            }
            Duration rest = Duration.between(clock.instant(), end);
            if (!rest.isPositive()) {
                throw new CairnException(
                        ErrorCode.STORE_OBJECT_ARCHIVED,
                        waiting.size()
                                + " of "
                                + plan.objects().size()
                                + " objects are not thawed yet, first "
                                + waiting.getFirst().key()
                                + " in store '"
                                + waiting.getFirst().store().name()
                                + "'",
                        "the thaw goes on; run the same restore again later, or with a longer --thaw-timeout");
            }
            pause.pause(rest.compareTo(every) < 0 ? rest : every);
        }
    }

    private static List<ArchivedObject> stillArchived(List<ArchivedObject> objects)
            throws InterruptedException {
        List<Boolean> readable = inParallel(objects, Thaw::isReadable);
        List<ArchivedObject> archived = new ArrayList<>();
        for (int i = 0; i < objects.size(); i++) {
            if (!readable.get(i)) {
                archived.add(objects.get(i));
            }
        }
        return archived;
    }

    private static boolean isReadable(ArchivedObject object) {
        ObjectInfo info =
                object.store()
                        .head(object.key())
                        .orElseThrow(() ->
                                new CairnException(
                                        ErrorCode.STORE_OBJECT_MISSING,
                                        object.key()
                                                + " is not in store '"
                                                + object.store().name()
                                                + "' any more",
                                        "it was deleted while it was thawed; plan the restore again"));
        return info.thaw().readable();
    }

    private static <T> List<T> inParallel(
            List<ArchivedObject> objects, Function<ArchivedObject, T> work)
            throws InterruptedException {
        List<Callable<T>> tasks =
                objects.stream().map(object -> (Callable<T>) () -> work.apply(object)).toList();
        List<T> results = new ArrayList<>();
        try (ExecutorService threads =
                Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().factory())) {
            for (Future<T> done : threads.invokeAll(tasks)) {
                results.add(done.get());
            }
            return results;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof CairnException known
                    ? known
                    : new IllegalStateException(e.getCause());
        }
    }
}
