package io.cairn.restore.recovery;

import io.cairn.model.Lsn;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.WalSegment;
import io.cairn.restore.target.TargetErrors;
import io.cairn.restore.wal.WalSource;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Gives a recovering server its WAL: fetched ahead, several segments at once, shown to it one after
 * another and whole. A segment that cannot be fetched is tried again for a while; then feeding ends
 * with a failure, and the server, which waits for the segment, is none the wiser.
 *
 * <p>While the server starts, and as long as it has enough to replay, one segment is fetched at a
 * time, more if it has less: on a machine of few cores those that fetch for it would keep it from
 * replaying.
 *
 * <p>Thread-safe. Memory: three times a segment for each that is fetched at once.
 */
final class WalFeeder implements AutoCloseable {

    private static final Duration RETRY_FIRST = Duration.ofMillis(200);
    private static final Duration RETRY_MOST = Duration.ofSeconds(15);
    private static final Duration SERVER_POLL = Duration.ofMillis(5);

    /** Of WAL that the server has to replay, so that it never waits for the next segment. */
    private static final long ENOUGH_BYTES = 64L << 20;

    private record Fetched(WalSegment segment, Future<ByteBuffer> bytes) {}

    private final WalSource source;
    private final Optional<LsnRange> wanted;
    private final SegmentSize size;
    private final WalDirectory directory;
    private final RecoverySettings settings;
    private final ExecutorService fetchers;
    private final Deque<Fetched> ahead = new ArrayDeque<>();

    /** Off the heap: files are written from there without a copy, and no collection moves it. */
    private final Arena memory = Arena.ofShared();

    /** Of segments that have been shown. */
    private final Queue<ByteBuffer> spare = new ConcurrentLinkedQueue<>();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private Lsn replayed;
    private Lsn fed;
    private long segments;
    private Lsn nextTurn;
    private int fetching;
    private boolean serverLooks;
    private Thread feeder = Thread.ofVirtual().unstarted(() -> {});

    /**
     * @param wanted from the start of a segment to the end of what is stored; absent if there is
     *     nothing to feed
     * @param consistentAt up to where the server needs all WAL before it tells how far it is
     */
    WalFeeder(
            WalSource source,
            Optional<LsnRange> wanted,
            Lsn consistentAt,
            SegmentSize size,
            WalDirectory directory,
            RecoverySettings settings) {
        this.source = source;
        this.wanted = wanted;
        this.size = size;
        this.directory = directory;
        this.settings = settings;
        this.replayed =
                wanted.map(range -> later(consistentAt, range.start())).orElse(consistentAt);
        this.fed = wanted.map(LsnRange::start).orElse(consistentAt);
        this.nextTurn = fed;
        this.fetchers =
                Executors.newFixedThreadPool(
                        settings.fetchesAtOnce(size.bytes()),
                        Thread.ofPlatform().name("cairn-wal-", 0).daemon().factory());
    }

    private static Lsn later(Lsn one, Lsn other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    /**
     * Begins.
     *
     * @param mayPublish whether the server looks for WAL; until then segments are fetched, and kept
     *     in memory
     */
    void start(BooleanSupplier mayPublish) {
        feeder =
                Thread.ofVirtual()
                        .name("cairn-wal-feeder")
                        .start(() -> {
                            try {
                                if (wanted.isPresent()) {
                                    feed(wanted.get(), mayPublish);
                                }
                                ended.complete(null);
                            } catch (InterruptedException | RuntimeException | Error e) {
                                ended.completeExceptionally(e);
                            }
                        });
    }

    private void awaitServer(BooleanSupplier mayPublish) throws InterruptedException {
        while (!mayPublish.getAsBoolean()) {
            Thread.sleep(SERVER_POLL);
        }
        lock.lock();
        try {
            serverLooks = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void feed(LsnRange range, BooleanSupplier mayPublish) throws InterruptedException {
        long last = size.numberOf(range.end().plus(-1));
        long next = size.numberOf(range.start());
        while (next <= last || !ahead.isEmpty()) {
            while (next <= last && ahead.size() <= settings.fetchesAtOnce(size.bytes())) {
                WalSegment segment = source.path().file(next++);
                ahead.add(new Fetched(segment, fetchers.submit(() -> fetch(segment, range.end()))));
            }
            Fetched fetched = ahead.removeFirst();
            ByteBuffer bytes = await(fetched.bytes());
            awaitRoom(fetched.segment());
            awaitServer(mayPublish);
            directory.place(fetched.segment().name(), bytes);
            spare.add(bytes);
            shown(fetched.segment(), range.end());
        }
    }

    private ByteBuffer fetch(WalSegment segment, Lsn end) throws InterruptedException {
        awaitTurn(segment);
        try {
            ByteBuffer bytes =
                    Objects.requireNonNullElseGet(
                            spare.poll(), () -> memory.allocate(size.bytes()).asByteBuffer());
            fetch(segment, end, bytes);
            return bytes;
        } finally {
            yieldTurn();
        }
    }

    /** In the order of the WAL: what is needed first never waits for what is needed later. */
    private void awaitTurn(WalSegment segment) throws InterruptedException {
        lock.lock();
        try {
            while (segment.start().compareTo(nextTurn) > 0 || fetching >= fetchesNow()) {
                changed.await();
            }
            fetching++;
            nextTurn = segment.end();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The fewer, the more the server has to replay. */
    private int fetchesNow() {
        long missing = serverLooks ? ENOUGH_BYTES - Math.max(0, fed.minus(replayed)) : 0;
        int most = settings.fetchesAtOnce(size.bytes());
        return Math.clamp(Math.ceilDiv(most * missing, ENOUGH_BYTES), 1, most);
    }

    private void yieldTurn() {
        lock.lock();
        try {
            fetching--;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void fetch(WalSegment segment, Lsn end, ByteBuffer bytes) throws InterruptedException {
        Duration pause = RETRY_FIRST;
        long deadline = System.nanoTime() + settings.fetchTimeout().toNanos();
        while (true) {
            try {
                source.read(segment, end, bytes);
                return;
            } catch (CairnException e) {
                if (e.category() != ErrorCategory.TRANSIENT || System.nanoTime() > deadline) {
                    throw e;
                }
                Thread.sleep(pause);
                pause =
                        pause.multipliedBy(2).compareTo(RETRY_MOST) < 0
                                ? pause.multipliedBy(2)
                                : RETRY_MOST;
            }
        }
    }

    private static ByteBuffer await(Future<ByteBuffer> bytes) throws InterruptedException {
        try {
            return bytes.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause
                    ? cause
                    : new IllegalStateException(e.getCause());
        }
    }

    private void awaitRoom(WalSegment segment) throws InterruptedException {
        lock.lock();
        try {
            // One segment always fits.
            long room = Math.max(size.bytes(), settings.aheadBytes());
            while (segment.end().minus(replayed) > room
                    && segment.start().compareTo(replayed) > 0) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    private void shown(WalSegment segment, Lsn end) {
        lock.lock();
        try {
            fed = segment.end().compareTo(end) < 0 ? segment.end() : end;
            segments++;
        } finally {
            lock.unlock();
        }
    }

    /** The server has replayed everything before {@code position}. */
    void replayed(Lsn position) {
        lock.lock();
        try {
            replayed = later(replayed, position);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Up to where the server has WAL. */
    Lsn fed() {
        lock.lock();
        try {
            return fed;
        } finally {
            lock.unlock();
        }
    }

    long segments() {
        lock.lock();
        try {
            return segments;
        } finally {
            lock.unlock();
        }
    }

    boolean isComplete() {
        return ended.isDone() && !ended.isCompletedExceptionally();
    }

    /** Why it gave up, if it did. */
    Optional<CairnException> failure() {
        if (!ended.isCompletedExceptionally()) {
            return Optional.empty();
        }
        Throwable cause = ended.exceptionNow();
        return Optional.of(
                cause instanceof CairnException known
                        ? known
                        : new CairnException(
                                ErrorCode.INTERNAL,
                                "feeding WAL ended with " + cause,
                                "this is a defect in Cairn; please report it with the log",
                                cause));
    }

    /** Stops feeding; nothing is written any more. */
    @Override
    public void close() {
        feeder.interrupt();
        fetchers.shutdownNow();
        try {
            fetchers.close();
            feeder.join();
            memory.close();
            directory.clean();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw TargetErrors.of(directory.directory(), e);
        }
    }
}
