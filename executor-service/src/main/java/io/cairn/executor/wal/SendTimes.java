package io.cairn.executor.wal;

import io.cairn.model.Lsn;
import io.cairn.postgres.wal.WalMessage;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Which moment a position stands for: the send time of the newest message before which the server
 * had no WAL beyond that position. What was committed until then is in the WAL up to there.
 *
 * <p>A message of a server that is still sending older WAL stands for the end of all that the
 * server had, so a stream that is behind claims nothing.
 *
 * <p>Thread-safe. Memory: {@value #MARKS} moments; when there are more, the newest ones are told
 * apart less finely, never too early.
 */
final class SendTimes {

    static final int MARKS = 4096;

    private record Mark(Lsn end, Instant sentAt) {}

    private final Deque<Mark> marks = new ArrayDeque<>();
    private Lsn serverEnd;
    private Optional<Instant> latest = Optional.empty();

    SendTimes(Lsn start) {
        this.serverEnd = start;
    }

    synchronized void saw(WalMessage.Data data) {
        raise(data.end());
        raise(data.serverEnd());
        mark(data.sentAt());
    }

    synchronized void saw(WalMessage.Keepalive keepalive) {
        raise(keepalive.sentEnd());
        if (keepalive.caughtUp()) {
            mark(keepalive.sentAt());
        }
    }

    private void raise(Lsn end) {
        if (end.compareTo(serverEnd) > 0) {
            serverEnd = end;
        }
    }

    private void mark(Instant sentAt) {
        Mark last = marks.peekLast();
        if (last != null && (last.end().equals(serverEnd) || marks.size() == MARKS)) {
            marks.removeLast();
        }
        marks.addLast(new Mark(serverEnd, sentAt));
    }

    /** The moment that {@code position} stands for; empty while that is not known. */
    synchronized Optional<Instant> at(Lsn position) {
        Optional<Instant> found = latest;
        for (Mark mark : marks) {
            if (mark.end().compareTo(position) > 0) {
                break;
            }
            found = Optional.of(mark.sentAt());
        }
        return found;
    }

    /** The same, forgetting what lies before: later questions are for this position or later. */
    synchronized Optional<Instant> reached(Lsn position) {
        while (marks.size() > 1 && marks.peekFirst().end().compareTo(position) <= 0) {
            latest = Optional.of(marks.removeFirst().sentAt());
        }
        return at(position);
    }

    /** Whether the server has that much WAL, or more, that has not come yet. */
    synchronized boolean isBehind(Lsn position, long bytes) {
        return serverEnd.minus(position) >= bytes;
    }
}
