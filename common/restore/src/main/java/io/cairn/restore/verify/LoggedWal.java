package io.cairn.restore.verify;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.archive.key.Identity;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.Timeline;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.StoredWal;
import io.cairn.model.wal.WalLayout;
import io.cairn.postgres.wal.TimelineHistory;
import io.cairn.restore.contents.PartFailure;
import io.cairn.restore.wal.WalInventory;
import io.cairn.restore.wal.WalObject;
import io.cairn.restore.wal.WalPages;
import io.cairn.restore.wal.WalPath;
import io.cairn.restore.wal.WalReader;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The WAL that a log backup stands for, in one store: it is what a recovery needs, and lies among
 * the cluster's other WAL. For one thread.
 */
final class LoggedWal {

    private static final String OTHER_COPY =
            "see which WAL is there with: cairn wal status; recover to a point before it, or from another store";

    private static final int WRAPPED_BYTES_MAX = 1 << 20;
    private static final Pattern SESSION = Pattern.compile("([0-9A-F]{8})/([0-9A-F]{16})-.*");

    private final ObjectStore store;
    private final CommitObject commit;
    private final ClusterRoot root;
    private final SegmentSize size;
    private final WalReader reader;
    private final WalPages pages;
    private final Set<ObjectKey> read = new HashSet<>();
    private long bytesRead;

    LoggedWal(ObjectStore store, CommitObject commit, Identity identity, GzipCodec codec) {
        this.store = store;
        this.commit = commit;
        this.root = commit.layout().root();
        this.size = SegmentSize.of(commit);
        this.pages = new WalPages(commit.systemIdentifier());
        this.reader = new WalReader(root, List.of(store), identity, codec);
    }

    /**
     * Reads every object that holds a part of it.
     *
     * @param progress told how many bytes of WAL have been read so far
     * @throws FailedPart naming the object that cannot be read, or the commit object where a byte
     *     is missing
     */
    void verify(LongConsumer progress) throws FailedPart {
        if (commit.startLsn().compareTo(commit.stopLsn()) < 0) {
            verify(new LsnRange(commit.startLsn(), commit.stopLsn()), progress);
        }
    }

    /** The same for another range, on the way to the backup's timeline. */
    void verify(LsnRange range, LongConsumer progress) throws FailedPart {
        TimelineHistory history = history();
        WalPath path =
                WalPath.along(
                        history,
                        WalInventory.listFrom(root, size, List.of(store), history, range.start()));
        List<WalPath.Part> parts = path.parts(range).orElseThrow(() -> missing(range, path));
        sessionKeys(range);
        long plain = 0;
        for (WalPath.Part part : parts) {
            if (read.add(part.object().key())) {
                plain += read(part);
                progress.accept(plain);
            }
        }
    }

    long objects() {
        return read.size();
    }

    /** Stored bytes. */
    long bytesRead() {
        return bytesRead;
    }

    /** That one wrap opens does not say that all are as they were written. */
    private void sessionKeys(LsnRange range) throws FailedPart {
        for (ObjectKey key : keysOf(range)) {
            try {
                StoredBytes.read(store, key, WRAPPED_BYTES_MAX);
            } catch (CairnException e) {
                throw new FailedPart(new PartFailure(key, e));
            }
        }
    }

    /** The wraps of the sessions that may have stored the range, by where they begin. */
    private List<ObjectKey> keysOf(LsnRange range) throws FailedPart {
        String prefix = new WalLayout(root).keysPrefix();
        Map<String, NavigableMap<Lsn, List<ObjectKey>>> timelines = new TreeMap<>();
        try (Stream<ObjectInfo> listed = store.list(prefix)) {
            listed.map(ObjectInfo::key)
                    .forEach(key -> {
                        Matcher name = SESSION.matcher(key.value().substring(prefix.length()));
                        if (name.matches()) {
                            timelines
                                    .computeIfAbsent(name.group(1), _ -> new TreeMap<>())
                                    .computeIfAbsent(
                                            new Lsn(Long.parseUnsignedLong(name.group(2), 16)),
                                            _ -> new ArrayList<>())
                                    .add(key);
                        }
                    });
        } catch (CairnException e) {
            throw new FailedPart(new PartFailure(commit.layout().commit(), e));
        }
        List<ObjectKey> keys = new ArrayList<>();
        for (NavigableMap<Lsn, List<ObjectKey>> sessions : timelines.values()) {
            Lsn first = sessions.floorKey(range.start());
            sessions.tailMap(first == null ? range.start() : first, true)
                    .headMap(range.end(), false)
                    .values()
                    .forEach(keys::addAll);
        }
        return keys;
    }

    private TimelineHistory history() throws FailedPart {
        Timeline timeline = commit.timeline();
        if (timeline.id() == 1) {
            return TimelineHistory.parse(timeline, new byte[0]);
        }
        ObjectKey key = new WalLayout(root).history(timeline);
        try {
            long length =
                    store.head(key)
                            .orElseThrow(() ->
                                    new CairnException(
                                            ErrorCode.STORE_OBJECT_MISSING,
                                            key + " is missing in store '" + store.name() + "'",
                                            OTHER_COPY))
                            .length();
            WalObject file =
                    new WalObject(key, timeline, WalObject.NOWHERE, length, List.of(store));
            read.add(key);
            bytesRead += length;
            return reader.history(timeline, file);
        } catch (CairnException e) {
            throw new FailedPart(new PartFailure(key, e));
        }
    }

    private long read(WalPath.Part part) throws FailedPart {
        WalObject object = part.object();
        try {
            byte[] bytes = reader.read(object);
            long length = bytes.length;
            long needed = part.range().end().minus(object.range().start());
            pages.requirePlace(bytes, object.range().start(), size, object.key());
            if (length < needed) {
                throw new CairnException(
                        ErrorCode.ARCHIVE_INCOMPLETE,
                        "%s holds %d bytes of WAL instead of %d"
                                .formatted(object.key(), length, needed),
                        OTHER_COPY);
            }
            OptionalLong named = named(object);
            if (named.isPresent() && length != named.getAsLong()) {
                throw new CairnException(
                        ErrorCode.ARCHIVE_CORRUPT,
                        "%s holds %d bytes of WAL instead of the %d of its name"
                                .formatted(object.key(), length, named.getAsLong()),
                        OTHER_COPY);
            }
            bytesRead += object.length();
            return length;
        } catch (CairnException e) {
            throw new FailedPart(new PartFailure(object.key(), e));
        }
    }

    /** What its name says is in it, of which a path may need a part only. */
    private OptionalLong named(WalObject object) {
        return switch (StoredWal.of(object.key()).orElseThrow()) {
            case StoredWal.Piece piece -> OptionalLong.of(piece.range().bytes());
            case StoredWal.Segment _ -> OptionalLong.of(size.bytes());
            case StoredWal.Partial _, StoredWal.History _ -> OptionalLong.empty();
        };
    }

    private FailedPart missing(LsnRange range, WalPath path) {
        return new FailedPart(
                new PartFailure(
                        commit.layout().commit(),
                        new CairnException(
                                ErrorCode.ARCHIVE_INCOMPLETE,
                                "the WAL of %s, %s to %s, is stored in '%s' only up to %s"
                                        .formatted(
                                                commit.run(),
                                                range.start(),
                                                range.end(),
                                                store.name(),
                                                path.storedFrom(range.start())),
                                OTHER_COPY)));
    }
}
