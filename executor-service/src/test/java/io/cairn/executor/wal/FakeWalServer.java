package io.cairn.executor.wal;

import io.cairn.model.Lsn;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.postgres.wal.ReplicationSlot;
import io.cairn.postgres.wal.TimelineHistory;
import io.cairn.postgres.wal.WalMessage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A primary in memory: WAL whose bytes follow from timeline and position, slots, promotion, loss of
 * WAL, a state that is set back. Thread-safe.
 */
final class FakeWalServer implements WalSource {

    static final SegmentSize SIZE = new SegmentSize(1 << 20);
    static final String STREAMING = "cairn_shop";
    static final String RETAINED = "cairn_shop_retained";

    private static final int MESSAGE_BYTES = 48 << 10;

    private SystemIdentifier system = new SystemIdentifier(7312345678901234567L);
    private final Map<Integer, Long> seeds = new HashMap<>(Map.of(1, 11L));
    private final TreeMap<Integer, Lsn> forks = new TreeMap<>();
    private int timeline = 1;
    private Lsn oldest;
    private boolean synchronous;
    private Lsn end;
    private final Map<String, Lsn> slots = new HashMap<>();
    private final Set<String> lost = ConcurrentHashMap.newKeySet();
    private @Nullable Stream streaming;
    private Optional<CairnException> refuses = Optional.empty();
    private int messageBytes = MESSAGE_BYTES;
    private int connections;
    private Lsn acknowledged = new Lsn(0);
    private final List<Instant> statuses = new ArrayList<>();

    /** Its WAL begins with segment 3. */
    FakeWalServer() {
        oldest = new Lsn(3L * SIZE.bytes());
        end = oldest.plus(100);
    }

    // What tests do

    synchronized void write(long bytes) {
        end = end.plus(bytes);
        notifyAll();
    }

    synchronized Lsn end() {
        return end;
    }

    synchronized Lsn acknowledged() {
        return acknowledged;
    }

    synchronized List<Instant> statuses() {
        return List.copyOf(statuses);
    }

    synchronized int connections() {
        return connections;
    }

    synchronized Optional<Lsn> slot(String name) {
        return Optional.ofNullable(slots.get(name));
    }

    /** What the server says of who commits wait for. */
    synchronized void waitForStream(boolean waits) {
        synchronous = waits;
    }

    synchronized boolean isStreaming() {
        return streaming != null;
    }

    /** Goes on on the next timeline, which leaves this one at its end. */
    synchronized void promote() {
        promote(end);
    }

    synchronized void promote(Lsn fork) {
        forks.put(timeline, fork);
        timeline++;
        seeds.put(timeline, 1000L + timeline);
        end = fork.compareTo(end) < 0 ? fork : end;
        notifyAll();
    }

    /** The WAL before the segment at {@code to} is gone, and slots that need it are lost. */
    synchronized void remove(Lsn to) {
        oldest = SIZE.startOf(to);
        slots.forEach((name, restart) -> {
            if (restart.compareTo(oldest) < 0) {
                lost.add(name);
            }
        });
    }

    synchronized void dropSlots() {
        slots.clear();
        lost.clear();
    }

    /** Comes back as it was when its WAL ended at {@code at}, and writes something else. */
    synchronized void setBack(Lsn at) {
        cut();
        otherFrom = Optional.of(at);
        end = at;
        slots.replaceAll((name, restart) -> restart.compareTo(at) > 0 ? SIZE.startOf(at) : restart);
    }

    private Optional<Lsn> otherFrom = Optional.empty();

    synchronized void becomeAnotherSystem() {
        cut();
        system = new SystemIdentifier(system.bits() + 1);
        slots.clear();
    }

    synchronized SystemIdentifier system() {
        return system;
    }

    /** Ends all sessions. */
    synchronized void cut() {
        Stream current = streaming;
        if (current != null) {
            current.aborted = true;
        }
        streaming = null;
        notifyAll();
    }

    synchronized void refuse(Optional<ErrorCode> code) {
        refuses = code.map(it -> new CairnException(it, "the server says no", "it is a fake"));
    }

    synchronized void sendAtOnce(int bytes) {
        messageBytes = bytes;
    }

    /** Somebody else streams. */
    synchronized void occupySlot() {
        streaming = new Stream(new Timeline(1), end);
    }

    synchronized void freeSlot() {
        streaming = null;
    }

    synchronized byte[] wal(Timeline of, LsnRange range) {
        byte[] bytes = new byte[(int) range.bytes()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = at(of, range.start().plus(i));
        }
        return bytes;
    }

    private byte at(Timeline of, Lsn position) {
        int writer = of.id();
        for (Map.Entry<Integer, Lsn> fork : forks.entrySet()) {
            if (fork.getKey() < of.id() && position.compareTo(fork.getValue()) < 0) {
                writer = fork.getKey();
                break;
            }
        }
        long seed = seeds.get(writer);
        if (otherFrom.filter(from -> position.compareTo(from) >= 0).isPresent()) {
            seed += 99;
        }
        long mixed = (position.bits() / 16 + seed) * 0x9E3779B97F4A7C15L;
        return (byte) (mixed >>> 56);
    }

    // What a cluster does

    @Override
    public List<WalConnection> connectToStandbys(String applicationName) {
        return List.of();
    }

    @Override
    public synchronized WalConnection connect(String applicationName) {
        refuses.ifPresent(e -> {
            throw e;
        });
        connections++;
        return new Connection();
    }

    private final class Connection implements WalConnection {

        private @Nullable Stream own;

        @Override
        public SystemIdentifier systemIdentifier() {
            return system();
        }

        @Override
        public SegmentSize segmentSize() {
            return SIZE;
        }

        @Override
        public Timeline timeline() {
            synchronized (FakeWalServer.this) {
                return new Timeline(timeline);
            }
        }

        @Override
        public TimelineHistory history(Timeline of) {
            synchronized (FakeWalServer.this) {
                StringBuilder text = new StringBuilder();
                forks.headMap(of.id())
                        .forEach((id, fork) ->
                                text.append(id).append('\t').append(fork).append("\tfake\n"));
                return TimelineHistory.parse(
                        of, text.toString().getBytes(StandardCharsets.US_ASCII));
            }
        }

        @Override
        public Lsn flushed() {
            return end();
        }

        @Override
        public ReplicationSlot ensureSlot(String name) {
            synchronized (FakeWalServer.this) {
                if (lost.remove(name)) {
                    slots.remove(name);
                }
                Lsn restart = slots.computeIfAbsent(name, ignored -> reserved());
                return new ReplicationSlot(
                        name,
                        Optional.of(restart),
                        Optional.of(new Timeline(timeline)),
                        name.equals(STREAMING) && streaming != null
                                ? Optional.of(17)
                                : Optional.empty(),
                        Optional.of(ReplicationSlot.WalStatus.RESERVED),
                        Optional.empty());
            }
        }

        @Override
        public boolean isSynchronous(String applicationName) {
            synchronized (FakeWalServer.this) {
                return applicationName.equals(STREAMING) && synchronous;
            }
        }

        @Override
        public void advance(String slot, Lsn to) {
            synchronized (FakeWalServer.this) {
                slots.merge(slot, to, (a, b) -> a.compareTo(b) > 0 ? a : b);
            }
        }

        @Override
        public WalStream stream(String slot, Timeline of, Lsn start) {
            synchronized (FakeWalServer.this) {
                if (streaming != null) {
                    throw error(ErrorCode.POSTGRES_SLOT_ACTIVE, "slot is active");
                }
                if (start.compareTo(end) > 0) {
                    throw error(ErrorCode.POSTGRES_ERROR, start + " is ahead of " + end);
                }
                Lsn fork = forks.get(of.id());
                if (fork != null && start.compareTo(fork) > 0) {
                    throw error(ErrorCode.POSTGRES_TIMELINE_DIVERGED, "past the fork");
                }
                Stream begun = new Stream(of, start);
                streaming = begun;
                own = begun;
                return begun;
            }
        }

        @Override
        public void abort() {
            synchronized (FakeWalServer.this) {
                Stream mine = own;
                if (mine != null) {
                    mine.abort();
                }
            }
        }

        @Override
        public void close() {
            abort();
        }
    }

    /** As RESERVE_WAL: from the last checkpoint on, here the oldest there is. */
    private Lsn reserved() {
        return oldest;
    }

    private static CairnException error(ErrorCode code, String message) {
        return new CairnException(code, message, "it is a fake");
    }

    private final class Stream implements WalStream {

        private final Timeline of;
        private Lsn position;
        private boolean aborted;
        private boolean over;

        Stream(Timeline of, Lsn start) {
            this.of = of;
            this.position = start;
        }

        @Override
        public WalMessage next(Duration limit) {
            synchronized (FakeWalServer.this) {
                long deadline = System.nanoTime() + limit.toNanos();
                while (true) {
                    if (aborted || over) {
                        throw error(ErrorCode.POSTGRES_CONNECTION_LOST, "the session is gone");
                    }
                    if (position.compareTo(oldest) < 0) {
                        throw error(ErrorCode.POSTGRES_WAL_REMOVED, position + " was removed");
                    }
                    Optional<Lsn> fork = Optional.ofNullable(forks.get(of.id()));
                    Lsn until = fork.orElse(end);
                    if (position.compareTo(until) < 0) {
                        return data(until);
                    }
                    if (fork.isPresent()) {
                        over = true;
                        return new WalMessage.TimelineEnded(new Timeline(of.id() + 1), fork.get());
                    }
                    long left = deadline - System.nanoTime();
                    if (left <= 0) {
                        return new WalMessage.Keepalive(end, Instant.now(), true, false);
                    }
                    await(left);
                }
            }
        }

        private void await(long nanos) {
            try {
                FakeWalServer.this.wait(nanos / 1_000_000, (int) (nanos % 1_000_000));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw error(ErrorCode.POSTGRES_CONNECTION_LOST, "interrupted");
            }
        }

        private WalMessage data(Lsn until) {
            int length = (int) Math.min(messageBytes, until.minus(position));
            LsnRange range = new LsnRange(position, position.plus(length));
            position = range.end();
            return new WalMessage.Data(
                    range.start(),
                    range.end(),
                    until,
                    Instant.now(),
                    ByteBuffer.wrap(wal(of, range)));
        }

        @Override
        public void status(Lsn written, Lsn flushed, Lsn applied) {
            synchronized (FakeWalServer.this) {
                if (aborted) {
                    throw error(ErrorCode.POSTGRES_CONNECTION_LOST, "the session is gone");
                }
                if (!over) {
                    if (flushed.bits() != 0) {
                        acknowledged = flushed;
                        slots.put(STREAMING, flushed);
                    }
                    statuses.add(Instant.now());
                    FakeWalServer.this.notifyAll();
                }
            }
        }

        @Override
        public void abort() {
            synchronized (FakeWalServer.this) {
                aborted = true;
                if (streaming == this) {
                    streaming = null;
                }
                FakeWalServer.this.notifyAll();
            }
        }
    }
}
