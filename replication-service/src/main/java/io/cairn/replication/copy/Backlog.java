package io.cairn.replication.copy;

import io.cairn.model.RunId;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Hints that wait for a transfer, the most urgent first. Bounded: the least urgent goes when there
 * is no room.
 */
final class Backlog {

    private final int limit;
    private final TreeSet<Hint> waiting = new TreeSet<>(Hint.NEWEST_BACKUP_FIRST);

    Backlog(int limit) {
        this.limit = limit;
    }

    /** Adds a hint; yields the one that had to go for it, which may be itself. */
    synchronized Optional<Hint> add(Hint hint) {
        waiting.add(hint);
        notifyAll();
        return waiting.size() > limit ? Optional.ofNullable(waiting.pollLast()) : Optional.empty();
    }

    /** The most urgent hint; waits for one. */
    synchronized Hint take() throws InterruptedException {
        while (waiting.isEmpty()) {
            wait();
        }
        return waiting.removeFirst();
    }

    /** Takes out all hints of a run, which are of no use any more. */
    synchronized List<Hint> remove(RunId run) {
        List<Hint> removed = waiting.stream().filter(hint -> hint.run().equals(run)).toList();
        removed.forEach(waiting::remove);
        return removed;
    }

    synchronized int size() {
        return waiting.size();
    }
}
