package io.cairn.executor.wal;

import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.StoredWal;
import io.cairn.model.wal.WalSegment;
import io.cairn.postgres.wal.WalMessage;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * One stream of one timeline, from the first byte of a segment on, into one store.
 *
 * <pre>
 * server → reader → segment in progress ─┬─ full ──────────→ segment ─┐
 *                                        └─ due (time, size, ├→ encode → PUT → durable position → status
 *                                           or any: synchronous) piece ─┘        (flush = durable)
 * </pre>
 *
 * <p>The reader is the caller of {@link #run}. Every object has a thread of its own, which also
 * cuts the next piece when it is done: while one PUT is on its way, what comes waits for the next,
 * together. A status is sent when the durable position moves, and every second whatever happens: a
 * slow store costs memory up to its bound and then makes the server wait, never the connection.
 *
 * <p>What is in the store already is compared with what comes before anything new is stored. Where
 * it differs, or something differs later under a name that is taken, the session goes on in a
 * folder of its own ({@link WalUploads}).
 */
final class WalSession {

    private static final Duration LOOK = Duration.ofMillis(250);
    private static final Duration STATUS_EVERY = Duration.ofSeconds(1);

    /** What the protocol has for a position that there is nothing to say of. */
    private static final Lsn UNKNOWN = new Lsn(0);

    private final WalTarget target;
    private final WalSettings settings;
    private final SegmentSize size;
    private final StreamStart start;
    private final WalWriter writer;
    private final WalStream stream;
    private final SessionListener listener;
    private final boolean givesUpStore;
    private final BooleanSupplier left;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Semaphore segments;
    private final SegmentAssembler assembler;
    private final DurablePosition durable;
    private final SendTimes times;
    private final WalUploads uploads;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile boolean draining;
    private volatile Lsn received;
    private boolean cutsNoMore;
    private boolean ended;
    private boolean statusDue;
    private boolean askedToFlush;
    private long oldestUncut;
    private volatile Optional<StoredWal.Piece> unchecked;

    /** How a session ended that was not broken off. */
    sealed interface End {

        /** Everything up to {@code at} is stored; the WAL goes on on timeline {@code next}. */
        record TimelineEnded(Timeline next, Lsn at) implements End {}

        /** It was told to, and has stored what it had. */
        record Drained() implements End {}
    }

    /**
     * @param givesUpStore whether it ends when the store takes nothing for {@link
     *     WalSettings#failoverAfter()}, since there is another
     * @param left whether it was decided that this store is not written to any more
     */
    WalSession(
            WalTarget target,
            WalSettings settings,
            SegmentSize size,
            StreamStart start,
            SessionKey key,
            WalWriter writer,
            WalStream stream,
            SessionListener listener,
            boolean givesUpStore,
            BooleanSupplier left) {
        this.left = left;
        this.target = target;
        this.settings = settings;
        this.size = size;
        this.start = start;
        this.writer = writer;
        this.stream = stream;
        this.listener = listener;
        this.givesUpStore = givesUpStore;
        this.segments = new Semaphore(settings.segmentsInMemory(size.bytes()));
        this.assembler =
                new SegmentAssembler(
                        start.from(),
                        size.bytes(),
                        at -> new SegmentBuffer(at, size.bytes(), segments::release));
        this.durable = new DurablePosition(start.from());
        this.times = new SendTimes(start.from());
        this.received = start.from();
        this.uploads = new WalUploads(writer, times, start.folder(), key.id(), new Outcomes());
        this.unchecked = start.newestPiece();
    }

    /**
     * Streams until the timeline ends, {@link #drain} was called, or something breaks.
     *
     * @throws CairnException what ended the stream: the server, the network, or the store
     */
    End run() throws InterruptedException {
        Thread teller = Thread.ofVirtual().name("wal status " + target.cluster()).start(this::tell);
        try {
            if (start.rewound()) {
                uploads.diverge(start.from());
            }
            while (true) {
                throwFailure();
                if (draining) {
                    finish(Optional.empty());
                    return new End.Drained();
                }
                WalMessage message = stream.next(patience());
                switch (message) {
                    case WalMessage.Data data -> take(data);
                    case WalMessage.Keepalive keepalive -> take(keepalive);
                    case WalMessage.Quiet _ -> cutIfDue();
                    case WalMessage.TimelineEnded(var next, var at) -> {
                        requireAllCame(at);
                        finish(Optional.of(at));
                        return new End.TimelineEnded(next, at);
                    }
                }
            }
        } catch (CairnException e) {
            // A stream that was aborted because of a failure tells only that it was aborted.
            throwFailure();
            throw e;
        } finally {
            end(teller);
        }
    }

    /** Up to where everything from the session's start on is in the store. Any thread may ask. */
    Lsn durable() {
        return durable.position();
    }

    private void requireAllCame(Lsn end) {
        if (!received.equals(end)) {
            throw new CairnException(
                    ErrorCode.POSTGRES_PROTOCOL,
                    "the timeline ends at " + end + ", and its WAL came up to " + received,
                    "the stream is begun anew; report this if it comes back");
        }
    }

    /** Lets the session store what it has and end. Any thread may call it. */
    void drain() {
        draining = true;
    }

    private Duration patience() {
        lock.lock();
        try {
            if (assembler.uncut() == 0 || target.policy().synchronous()) {
                return LOOK;
            }
            long left = target.policy().pieceAfter().toNanos() - (System.nanoTime() - oldestUncut);
            return Duration.ofNanos(Math.clamp(left, 0, LOOK.toNanos()));
        } finally {
            lock.unlock();
        }
    }

    // the reader

    private void take(WalMessage.Data data) throws InterruptedException {
        times.saw(data);
        listener.received(data.bytes().remaining());
        ByteBuffer bytes = data.bytes();
        Lsn at = data.start();
        while (bytes.hasRemaining()) {
            awaitBuffer();
            boolean full = append(at, bytes);
            at = assembler.position();
            received = at;
            checkPiece();
            if (full) {
                takeSegment();
            }
        }
        cutIfDue();
    }

    /** The one place where the reader waits for the store. */
    private void awaitBuffer() throws InterruptedException {
        if (!assembler.isBetweenSegments()) {
            return;
        }
        while (!segments.tryAcquire(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
            throwFailure();
        }
    }

    /** Returns whether the segment is full. */
    private boolean append(Lsn at, ByteBuffer bytes) {
        lock.lock();
        try {
            if (assembler.uncut() == 0) {
                oldestUncut = System.nanoTime();
            }
            return assembler.append(at, bytes);
        } finally {
            lock.unlock();
        }
    }

    private void takeSegment() throws InterruptedException {
        SegmentBuffer.Part part;
        lock.lock();
        try {
            if (target.policy().synchronous() && !isBehind() && unchecked.isEmpty()) {
                // Who waits for a commit is not to wait for the whole segment.
                cut();
            }
            part = assembler.takeSegment().orElseThrow();
        } finally {
            lock.unlock();
        }
        WalSegment segment =
                WalSegment.containing(start.folder().timeline(), part.range().start(), size);
        if (part.range().start().compareTo(start.stored()) < 0 && isStored(segment, part)) {
            isDurable(part.range());
            part.buffer().release();
        } else {
            uploads.start(part, false, at -> at.segment(segment));
        }
    }

    /** Whether a segment that was listed is what came; one that differs is a divergence. */
    private boolean isStored(WalSegment segment, SegmentBuffer.Part part)
            throws InterruptedException {
        if (uploads.isDiverged()) {
            return false;
        }
        Optional<Boolean> same =
                writer.holds(
                        uploads.folder().segment(segment),
                        part.array(),
                        part.from(),
                        part.length());
        if (same.isPresent() && !same.get()) {
            uploads.diverge(part.range().start());
        }
        return same.orElse(false);
    }

    private void take(WalMessage.Keepalive keepalive) {
        times.saw(keepalive);
        lock.lock();
        try {
            // A server that shuts down waits until everything is flushed.
            askedToFlush |= keepalive.replyRequested();
        } finally {
            lock.unlock();
        }
        cutIfDue();
    }

    // pieces

    private void cutIfDue() {
        lock.lock();
        try {
            if (!cutsNoMore && assembler.uncut() > 0 && unchecked.isEmpty() && isPieceDue()) {
                cut();
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isPieceDue() {
        if (uploads.pieces() >= settings.pieces()) {
            return false;
        }
        if (askedToFlush) {
            return true;
        }
        return target.policy().synchronous()
                ? !isBehind()
                : System.nanoTime() - oldestUncut >= target.policy().pieceAfter().toNanos()
                        || assembler.uncut() >= target.policy().pieceBytes();
    }

    /** While whole segments are waiting to come, pieces of them would only double the work. */
    private boolean isBehind() {
        return times.isBehind(assembler.position(), size.bytes());
    }

    private void cut() {
        assembler
                .cut()
                .ifPresent(part -> {
                    askedToFlush = false;
                    uploads.start(part, true, at -> at.piece(part.range()));
                });
    }

    /** The newest piece that was stored before is compared as soon as its bytes are there. */
    private void checkPiece() throws InterruptedException {
        StoredWal.Piece piece = unchecked.orElse(null);
        if (piece == null || received.compareTo(piece.range().end()) < 0) {
            return;
        }
        Optional<SegmentBuffer.Part> part = partInProgress(piece.range());
        boolean differs = false;
        if (part.isPresent()) {
            SegmentBuffer.Part bytes = part.get();
            // Without the lock: while the store thinks about it, statuses go on.
            differs =
                    !writer.holds(piece.key(), bytes.array(), bytes.from(), bytes.length())
                            .orElse(true);
            bytes.buffer().release();
        }
        unchecked = Optional.empty();
        if (differs) {
            uploads.diverge(piece.range().start());
        }
    }

    private Optional<SegmentBuffer.Part> partInProgress(LsnRange range) {
        lock.lock();
        try {
            return assembler.part(range);
        } finally {
            lock.unlock();
        }
    }

    /** What the uploads tell, on their threads. */
    private final class Outcomes implements WalUploads.Owner {

        @Override
        public void stored(LsnRange range, long bytes) {
            listener.stored(bytes);
            isDurable(range);
        }

        @Override
        public void done() {
            if (failure.get() == null) {
                cutIfDue();
            }
        }

        @Override
        public void failed(Throwable cause) {
            fail(cause);
        }

        @Override
        public void diverged(Lsn at, String folder) {
            unchecked = Optional.empty();
            listener.diverged(at, folder);
        }
    }

    private void isDurable(LsnRange range) {
        if (durable.stored(range)) {
            lock.lock();
            try {
                statusDue = true;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    // the end

    /**
     * Stores what there is and waits until it is durable.
     *
     * @param fork where the timeline ends; what leads up to it is stored as the segment's part too
     */
    private void finish(Optional<Lsn> fork) throws InterruptedException {
        Optional<SegmentBuffer.Part> rest;
        lock.lock();
        try {
            if (unchecked.isEmpty()) {
                cut();
            }
            cutsNoMore = true;
            rest = fork.isPresent() ? assembler.takeSegment() : Optional.empty();
        } finally {
            lock.unlock();
        }
        if (rest.isPresent()) {
            SegmentBuffer.Part part = rest.get();
            WalSegment segment =
                    WalSegment.containing(start.folder().timeline(), part.range().start(), size);
            uploads.start(part, false, at -> at.partial(segment));
        }
        awaitUploads();
    }

    /** At a timeline's end for as long as it takes, otherwise within the time for draining. */
    private void awaitUploads() throws InterruptedException {
        long drained = 0;
        while (!uploads.isEmpty() && drained < settings.drainTimeout().toNanos()) {
            throwFailure();
            long before = System.nanoTime();
            uploads.await(LOOK);
            drained += draining ? System.nanoTime() - before : 0;
        }
        throwFailure();
        if (!uploads.isEmpty()) {
            throw new CairnException(
                    ErrorCode.STORE_UNAVAILABLE,
                    "store '"
                            + writer.store()
                            + "' did not take the last WAL of "
                            + target.cluster()
                            + " within "
                            + settings.drainTimeout().toSeconds()
                            + " s",
                    "the server keeps it for the next stream");
        }
    }

    private void end(Thread teller) throws InterruptedException {
        lock.lock();
        try {
            cutsNoMore = true;
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        uploads.abandon();
        teller.join();
        lock.lock();
        try {
            assembler.forget();
        } finally {
            lock.unlock();
        }
    }

    private void fail(Throwable cause) {
        if (failure.compareAndSet(null, cause)) {
            stream.abort();
        }
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void throwFailure() {
        switch (failure.get()) {
            case null -> {}
            case CairnException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IllegalStateException(e);
        }
    }

    // what the server and the others are told

    private void tell() {
        long told = System.nanoTime();
        try {
            while (awaitStatus()) {
                Lsn flushed = durable.position();
                report(flushed);
                if (System.nanoTime() - told >= settings.archivedEvery().toNanos()) {
                    told = System.nanoTime();
                    archived(flushed);
                }
                watchStore();
            }
            Lsn last = durable.position();
            if (failure.get() == null) {
                report(last);
            }
            archived(last);
        } catch (CairnException e) {
            // The connection is gone, which the reader is told too.
            fail(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void report(Lsn flushed) {
        Lsn known = flushed.compareTo(start.acknowledged()) < 0 ? UNKNOWN : flushed;
        stream.status(received, known, known);
    }

    /** Returns after a second, or when there is something to tell; false at the end. */
    private boolean awaitStatus() throws InterruptedException {
        lock.lock();
        try {
            long left = STATUS_EVERY.toNanos();
            while (!statusDue && !ended && left > 0) {
                left = changed.awaitNanos(left);
            }
            statusDue = false;
            return !ended && failure.get() == null;
        } finally {
            lock.unlock();
        }
    }

    private void archived(Lsn flushed) {
        if (!flushed.equals(durable.start()) || times.at(flushed).isPresent()) {
            listener.archived(
                    uploads.folder().divergence(),
                    durable.start(),
                    flushed,
                    times.reached(flushed));
        }
    }

    private void watchStore() {
        if (left.getAsBoolean()) {
            leave();
            return;
        }
        if (!givesUpStore || !writer.isSilentFor(settings.failoverAfter())) {
            return;
        }
        fail(
                new CairnException(
                        ErrorCode.STORE_UNAVAILABLE,
                        "store '"
                                + writer.store()
                                + "' has taken no WAL of "
                                + target.cluster()
                                + " for "
                                + settings.failoverAfter().toSeconds()
                                + " s",
                        "the next store of the policy is written to; see what is wrong with this one"));
    }

    /** What is on its way is waited for where the store takes it, and sent again where not. */
    private void leave() {
        if (uploads.isEmpty()) {
            drain();
            return;
        }
        fail(
                new CairnException(
                        ErrorCode.STORE_UNAVAILABLE,
                        "store '" + writer.store() + "' is out of service",
                        "the next store of the policy is written to; see RegionFailedOver for why"));
    }
}
