package io.cairn.restore.wal;

import io.cairn.model.Lsn;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.WalSegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongConsumer;

/**
 * Looks for one restore point, or for the end of one transaction, in stored WAL. Reads several
 * segments at once. For one thread.
 *
 * <p>Memory: three times a segment for each that is read at once.
 */
public final class PointSearch implements AutoCloseable {

    private static final int THREADS_MAX = 4;
    private static final long MEMORY_BYTES = 256L << 20;
    private static final int COPIES = 3;

    /** Names that are remembered to be shown. */
    private static final int NAMES_MAX = 1000;

    /** What is looked for. */
    public sealed interface Wanted {

        record RestorePoint(String name) implements Wanted {}

        /**
         * @param xid without its epoch
         */
        record TransactionEnd(long xid) implements Wanted {}
    }

    private final WalSource source;
    private final SegmentSize size;
    private final int majorVersion;
    private final Wanted wanted;
    private final LongConsumer progress;
    private final int threads;
    private final ExecutorService readers;
    private final SequencedSet<String> names = new LinkedHashSet<>();
    private long bytesRead;

    /**
     * @param majorVersion of the server that wrote the WAL
     * @param progress is told how many bytes of WAL have been read
     */
    public PointSearch(
            WalSource source,
            SegmentSize size,
            int majorVersion,
            Wanted wanted,
            LongConsumer progress) {
        this.source = source;
        this.size = size;
        this.majorVersion = majorVersion;
        this.wanted = wanted;
        this.progress = progress;
        this.threads = Math.clamp(MEMORY_BYTES / (COPIES * (long) size.bytes()), 1, THREADS_MAX);
        this.readers =
                Executors.newFixedThreadPool(
                        threads, Thread.ofPlatform().name("cairn-search-", 0).daemon().factory());
    }

    /**
     * Where the records begin that are looked for, in order.
     *
     * @param range stored without a hole, from the start of a segment on
     * @throws CairnException why a segment cannot be read
     */
    public List<Lsn> in(LsnRange range) {
        List<Lsn> found = new ArrayList<>();
        RecordScanner scanner = new RecordScanner(majorVersion, listener(found));
        Deque<Future<byte[]>> ahead = new ArrayDeque<>();
        long last = size.numberOf(range.end().plus(-1));
        long next = size.numberOf(range.start());
        Lsn at = range.start();
        try {
            while (next <= last || !ahead.isEmpty()) {
                while (next <= last && ahead.size() <= threads) {
                    WalSegment segment = source.path().file(next++);
                    ahead.add(readers.submit(() -> source.segment(segment, range.end())));
                }
                byte[] bytes = await(ahead.removeFirst());
                int length = (int) Math.min(size.bytes(), range.end().minus(at));
                scanner.scan(at, bytes, length);
                at = at.plus(size.bytes());
                bytesRead += length;
                progress.accept(bytesRead);
            }
        } finally {
            ahead.forEach(future -> future.cancel(true));
        }
        return List.copyOf(found);
    }

    private RecordScanner.Listener listener(List<Lsn> found) {
        return new RecordScanner.Listener() {
            @Override
            public void restorePoint(String name, Lsn record) {
                if (names.size() < NAMES_MAX) {
                    names.add(name);
                }
                if (wanted instanceof Wanted.RestorePoint(String it) && it.equals(name)) {
                    found.add(record);
                }
            }

            @Override
            public void transactionEnd(long xid, Lsn record) {
                if (wanted instanceof Wanted.TransactionEnd(long it) && it == xid) {
                    found.add(record);
                }
            }
        };
    }

    private static byte[] await(Future<byte[]> bytes) {
        try {
            return bytes.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause
                    ? cause
                    : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CairnException(
                    ErrorCode.RUN_DRAINED, "interrupted while reading WAL", "run it again", e);
        }
    }

    /** The names of the restore points that were passed, as far as they are remembered. */
    public SequencedSet<String> names() {
        return names;
    }

    @Override
    public void close() {
        readers.shutdownNow();
        readers.close();
    }
}
