package io.cairn.local;

import io.cairn.model.Tier;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The executors: one that serves every tier, and as many more for one tier as {@code scale} asks
 * for. Not thread-safe; the control socket serves one command at a time.
 */
final class Executors {

    /** The most executors of a tier on one machine. */
    static final int LIMIT = 8;

    /** How long an executor may take to end the runs it has begun. */
    static final Duration DRAIN = Duration.ofMinutes(10);

    private final Path sources;
    private final StateFolder state;
    private final Ports ports;
    private final Map<String, String> environment;
    private final Map<Tier, Deque<RunningService>> added = new EnumMap<>(Tier.class);
    private final RunningService first;

    private Executors(Path sources, StateFolder state, Ports ports, Map<String, String> environment)
            throws Exception {
        this.sources = sources;
        this.state = state;
        this.ports = ports;
        this.environment = environment;
        this.first = startOne("executor", "oltp,content,queue,olap");
    }

    static Executors start(
            Path sources, StateFolder state, Ports ports, Map<String, String> environment)
            throws Exception {
        return new Executors(sources, state, ports, environment);
    }

    RunningService first() {
        return first;
    }

    /** {@code oltp=3}: makes it three executors of the tier, counting the one that serves all. */
    void scale(String request, Consumer<String> answer) {
        String[] parts = request.split("=", 2);
        Tier tier = Tier.parse(parts[0]);
        int wanted = count(parts);
        Deque<RunningService> more = added.computeIfAbsent(tier, t -> new ArrayDeque<>());
        try {
            while (more.size() + 1 < wanted) {
                String name = "executor-" + tier + "-" + (more.size() + 2);
                more.addLast(startOne(name, tier.id()));
                answer.accept(name + " takes runs of " + tier);
            }
            while (more.size() + 1 > wanted) {
                RunningService last = more.removeLast();
                answer.accept(last.process().name() + " ends the runs it has begun …");
                stopOne(last);
                answer.accept(last.process().name() + " has ended");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
        answer.accept(tier + ": " + wanted + (wanted == 1 ? " executor" : " executors"));
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

    private RunningService startOne(String name, String tiers) throws Exception {
        Map<String, String> all = new HashMap<>(environment);
        all.put("CAIRN_TIERS", tiers);
        return RunningService.start(
                Service.EXECUTOR,
                name,
                ports.of(name, Service.EXECUTOR.preferredPort()),
                sources,
                state,
                all);
    }

    private void stopOne(RunningService executor) throws InterruptedException {
        executor.process().stop(DRAIN);
        RunningParts.forget(state, executor.process().name());
    }

    void stop(Duration patience) throws InterruptedException {
        for (Deque<RunningService> more : added.values()) {
            for (RunningService executor : more) {
                executor.process().stop(patience);
            }
        }
        first.process().stop(patience);
    }
}
