package io.cairn.cli;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.archive.key.Identity;
import io.cairn.cli.StoredWalObjects.Entry;
import io.cairn.model.Lsn;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.StoredWal;
import io.cairn.postgres.wal.TimelineHistory;
import io.cairn.restore.InParallel;
import io.cairn.restore.wal.WalReader;
import io.cairn.storage.ObjectStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What reading all WAL of a cluster in one store has shown.
 *
 * @param bytesRead of WAL
 * @param errors in words, none if all is well
 */
record WalVerification(long objects, long bytesRead, List<String> errors) {

    private static final int THREADS_MAX = 32;

    private static final String OTHER_COPY =
            "use another store's copy; otherwise recover to a point before it";

    /** Stored bytes, plain bytes, and those of the decoder. */
    private static final int COPIES_IN_MEMORY = 3;

    WalVerification {
        errors = List.copyOf(errors);
    }

    /** Told how far it is, in stored bytes. */
    interface Listener {

        void read(long done, long total);
    }

    /**
     * What one object holds.
     *
     * @param range absent where it has no place in the WAL, or could not be read
     * @param history of a history file
     */
    private record Content(
            Entry entry,
            long bytes,
            Optional<LsnRange> range,
            Optional<TimelineHistory> history,
            Optional<CairnException> error) {}

    /**
     * @throws CairnException of category TRANSIENT if the store goes away meanwhile, {@link
     *     ErrorCode#KEY_CANNOT_DECRYPT} if the identity opens none of it; what was not read is not
     *     proven
     */
    static WalVerification of(
            WalRoots.Root root, ObjectStore store, Identity identity, Listener listener)
            throws InterruptedException {
        List<Entry> entries = StoredWalObjects.list(store, root.root(), root.size());
        WalReader reader = new WalReader(root.root(), List.of(store), identity, GzipCodec.best());
        List<Content> contents = read(entries, reader, threads(entries), listener);
        List<String> errors = new ArrayList<>();
        requireAnyOpens(contents);
        contents.forEach(content ->
                content.error().map(CairnException::messageWithHint).ifPresent(errors::add));
        errors.addAll(missing(contents));
        return new WalVerification(
                contents.size(), contents.stream().mapToLong(Content::bytes).sum(), errors);
    }

    /** Somebody else's key says nothing about what is stored. */
    private static void requireAnyOpens(List<Content> contents) {
        boolean none =
                contents.stream()
                        .allMatch(content ->
                                content.error()
                                        .filter(e -> e.code() == ErrorCode.KEY_CANNOT_DECRYPT)
                                        .isPresent());
        if (none) {
            contents.stream()
                    .flatMap(content -> content.error().stream())
                    .findFirst()
                    .ifPresent(e -> {
                        throw e;
                    });
        }
    }

    private static int threads(List<Entry> entries) {
        long largest =
                entries.stream().mapToLong(entry -> entry.object().range().bytes()).max().orElse(1);
        long atOnce =
                Runtime.getRuntime().maxMemory() / 2 / (COPIES_IN_MEMORY * largest + (1L << 20));
        return Math.clamp(
                atOnce, 1, Math.min(THREADS_MAX, 2 * Runtime.getRuntime().availableProcessors()));
    }

    private static List<Content> read(
            List<Entry> entries, WalReader reader, int threads, Listener listener)
            throws InterruptedException {
        long total = entries.stream().mapToLong(entry -> entry.object().length()).sum();
        AtomicLong done = new AtomicLong();
        return InParallel.all(
                threads,
                entries,
                entry -> {
                    Content content = read(entry, reader);
                    listener.read(done.addAndGet(entry.object().length()), total);
                    return content;
                });
    }

    private static Content read(Entry entry, WalReader reader) {
        try {
            return switch (entry.wal()) {
                case StoredWal.History history -> {
                    TimelineHistory parsed = reader.history(history.timeline(), entry.object());
                    yield new Content(
                            entry, 0, Optional.empty(), Optional.of(parsed), Optional.empty());
                }
                case StoredWal.Segment _, StoredWal.Piece _ ->
                        content(entry, reader.read(entry.object()).length, true);
                case StoredWal.Partial _ ->
                        content(entry, reader.read(entry.object()).length, false);
            };
        } catch (CairnException e) {
            if (e.category() == ErrorCategory.TRANSIENT) {
                throw e;
            }
            return failed(entry, e);
        }
    }

    /**
     * @param whole whether the name says how many bytes there are
     */
    private static Content content(Entry entry, long bytes, boolean whole) {
        LsnRange named = entry.object().range();
        boolean right = whole ? bytes == named.bytes() : bytes > 0 && bytes <= named.bytes();
        if (!right) {
            return failed(
                    entry,
                    new CairnException(
                            ErrorCode.ARCHIVE_INCOMPLETE,
                            "%s holds %d bytes of WAL, its name says %d"
                                    .formatted(entry.object().key(), bytes, named.bytes()),
                            OTHER_COPY));
        }
        LsnRange range = new LsnRange(named.start(), named.start().plus(bytes));
        return new Content(entry, bytes, Optional.of(range), Optional.empty(), Optional.empty());
    }

    private static Content failed(Entry entry, CairnException error) {
        return new Content(entry, 0, Optional.empty(), Optional.empty(), Optional.of(error));
    }

    /** What cannot be read is missing as well, unless something else holds the same bytes. */
    private static List<String> missing(List<Content> contents) {
        Map<String, List<LsnRange>> folders = new TreeMap<>();
        contents.forEach(content ->
                content.range()
                        .ifPresent(range ->
                                folders.computeIfAbsent(
                                                content.entry().folder(), _ -> new ArrayList<>())
                                        .add(range)));
        List<String> errors = new ArrayList<>();
        folders.replaceAll((_, ranges) -> StoredWalObjects.merged(ranges));
        folders.forEach((folder, ranges) ->
                StoredWalObjects.gaps(ranges)
                        .forEach(gap ->
                                errors.add(
                                        "timeline %s: WAL from %s to %s is missing"
                                                .formatted(folder, gap.start(), gap.end()))));
        contents.forEach(content ->
                content.history()
                        .flatMap(history -> notJoined(history, folders))
                        .ifPresent(errors::add));
        return errors;
    }

    /**
     * A timeline's WAL begins with a copy of what its first segment has of the one before; that
     * must be stored up to there.
     */
    private static Optional<String> notJoined(
            TimelineHistory history, Map<String, List<LsnRange>> folders) {
        List<LsnRange> own = folders.getOrDefault(history.timeline().hex(), List.of());
        if (own.isEmpty() || history.forks().isEmpty()) {
            return Optional.empty();
        }
        TimelineHistory.Fork fork = history.forks().getLast();
        Lsn needed =
                own.getFirst().start().compareTo(fork.switchPoint()) < 0
                        ? own.getFirst().start()
                        : fork.switchPoint();
        List<LsnRange> before = folders.getOrDefault(fork.timeline().hex(), List.of());
        boolean joined =
                before.isEmpty()
                        || before.stream()
                                .anyMatch(range ->
                                        range.start().compareTo(needed) <= 0
                                                && range.end().compareTo(needed) >= 0);
        return joined
                ? Optional.empty()
                : Optional.of(
                        "timeline %s is not stored up to %s, where timeline %s begins"
                                .formatted(fork.timeline(), needed, history.timeline()));
    }
}
