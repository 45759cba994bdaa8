package io.cairn.local;

import io.cairn.model.Tier;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The executors: one that serves every tier, and as many more for one tier as {@code scale} asks
 * for. Thread-safe; one {@code scale} at a time, and {@link #stop} breaks it off.
 */
final class Executors {

    /** The most executors of a tier on one machine. */
    static final int LIMIT = 8;

    /** How long executors may take to end the runs they have begun. */
    static final Duration DRAIN = Duration.ofMinutes(10);

    private final Starter starter;
    private final Consumer<String> ended;
    private final RunningService first;
    private final Map<Tier, List<RunningService>> added = new EnumMap<>(Tier.class);
    private final Set<RunningService> draining = new HashSet<>();
    private @Nullable Thread scaler;
    private boolean stopping;

    private Executors(Starter starter, Consumer<String> ended) throws Exception {
        this.starter = starter;
        this.ended = ended;
        this.first = starter.start("executor", "oltp,content,queue,olap");
        for (Tier tier : Tier.values()) {
            added.put(tier, new ArrayList<>());
        }
    }

    /**
     * Starts the first.
     *
     * @param ended is told the name of an added executor that ended although nobody stopped it
     */
    static Executors start(Starter starter, Consumer<String> ended) throws Exception {
        return new Executors(starter, ended);
    }

    RunningService first() {
        return first;
    }

    /**
     * {@code oltp=3}: makes it three executors of the tier that run, counting the one that serves
     * all. Returns when those that were added are ready and those that were removed have ended.
     */
    void scale(String request, Consumer<String> answer) {
        String[] parts = request.split("=", 2);
        Tier tier = Tier.parse(parts[0]);
        int wanted = count(parts);
        begin();
        try {
            while (running(tier) < wanted) {
                answer.accept(add(tier) + " takes runs of " + tier);
            }
            remove(surplus(tier, wanted), answer);
        } catch (InterruptedException e) {
            // This thread is the client's own: nobody asks for its interrupt any more.
            throw stops();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e.getMessage(), e);
        } finally {
            end();
        }
        int now = running(tier);
        answer.accept(tier + ": " + now + (now == 1 ? " executor" : " executors"));
    }

    private static int count(String[] parts) {
        try {
            int count = Integer.parseInt(parts.length == 2 ? parts[1] : "");
            if (count >= 1 && count <= LIMIT) {
                return count;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new CairnException(
                ErrorCode.REQUEST_INVALID,
                "how many executors? '" + String.join("=", parts) + "'",
                "write TIER=N with 1 to " + LIMIT + ", for example oltp=3");
    }

    private synchronized void begin() {
        if (stopping) {
            throw stops();
        }
        if (scaler != null) {
            throw new CairnException(
                    ErrorCode.REQUEST_INVALID,
                    "executors are being added or removed already",
                    "try again when that has ended");
        }
        scaler = Thread.currentThread();
    }

    private static CairnException stops() {
        return new CairnException(
                ErrorCode.REQUEST_INVALID,
                "the platform is stopping",
                "start it again with deploy/local/up");
    }

    private synchronized void end() {
        scaler = null;
        notifyAll();
    }

    private synchronized int running(Tier tier) {
        int more = (int) of(tier).stream().filter(Executors::isAlive).count();
        return more + (isAlive(first) ? 1 : 0);
    }

    private static boolean isAlive(RunningService executor) {
        return executor.process().isAlive();
    }

    private List<RunningService> of(Tier tier) {
        return added.getOrDefault(tier, List.of());
    }

    private String add(Tier tier) throws Exception {
        String name = freeName(tier);
        RunningService executor = starter.start(name, tier.id());
        synchronized (this) {
            of(tier).add(executor);
        }
        executor.process()
                .onExit(() -> {
                    if (endedByItself(tier, executor)) {
                        ended.accept(name);
                    }
                });
        return name;
    }

    private synchronized String freeName(Tier tier) {
        List<String> taken = of(tier).stream().map(executor -> executor.process().name()).toList();
        int number = 2;
        while (taken.contains("executor-" + tier + "-" + number)) {
            number++;
        }
        return "executor-" + tier + "-" + number;
    }

    private synchronized boolean endedByItself(Tier tier, RunningService executor) {
        return of(tier).remove(executor) && !stopping;
    }

    /** Takes those out that are too many, the newest first. */
    private synchronized List<RunningService> surplus(Tier tier, int wanted) {
        List<RunningService> surplus = new ArrayList<>();
        while (running(tier) > wanted && !of(tier).isEmpty()) {
            surplus.add(of(tier).removeLast());
        }
        draining.addAll(surplus);
        return surplus;
    }

    private void remove(List<RunningService> surplus, Consumer<String> answer)
            throws InterruptedException {
        surplus.forEach(executor ->
                answer.accept(executor.process().name() + " ends the runs it has begun …"));
        end(
                surplus,
                DRAIN,
                executor -> {
                    synchronized (this) {
                        draining.remove(executor);
                    }
                    answer.accept(executor.process().name() + " has ended");
                });
    }

    /** Asks all to end at once and waits for one after the other. */
    private static void end(
            List<RunningService> executors, Duration patience, Consumer<RunningService> ended)
            throws InterruptedException {
        long until = System.nanoTime() + patience.toNanos();
        executors.forEach(executor -> executor.process().askToEnd());
        for (RunningService executor : executors) {
            executor.process().stop(Duration.ofNanos(Math.max(0, until - System.nanoTime())));
            ended.accept(executor);
        }
    }

    /** Ends all of them, and a {@code scale} that is under way. */
    void stop(Duration patience) throws InterruptedException {
        end(last(patience), patience, executor -> {});
    }

    private synchronized List<RunningService> last(Duration patience) throws InterruptedException {
        stopping = true;
        long until = System.nanoTime() + patience.toNanos();
        if (scaler != null) {
            scaler.interrupt();
        }
        while (scaler != null && System.nanoTime() < until) {
            TimeUnit.NANOSECONDS.timedWait(this, until - System.nanoTime());
        }
        List<RunningService> all = new ArrayList<>(draining);
        added.values().forEach(all::addAll);
        all.add(first);
        return all;
    }

    /** Starts one executor and returns when it is ready. */
    @FunctionalInterface
    interface Starter {
        RunningService start(String name, String tiers) throws Exception;
    }
}
