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
import io.cairn.model.wal.WalLayout;
import io.cairn.postgres.wal.TimelineHistory;
import io.cairn.restore.contents.PartFailure;
import io.cairn.restore.wal.WalInventory;
import io.cairn.restore.wal.WalObject;
import io.cairn.restore.wal.WalPath;
import io.cairn.restore.wal.WalReader;
import io.cairn.storage.ObjectStore;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * The WAL that a log backup stands for, in one store: it is what a recovery needs, and lies among
 * the cluster's other WAL. For one thread.
 */
final class LoggedWal {

    private static final String OTHER_COPY =
            "see which WAL is there with: cairn wal status; recover to a point before it, or from another store";

    private final ObjectStore store;
    private final CommitObject commit;
    private final ClusterRoot root;
    private final WalReader reader;
    private final Set<ObjectKey> read = new HashSet<>();
    private long bytesRead;

    LoggedWal(ObjectStore store, CommitObject commit, Identity identity, GzipCodec codec) {
        this.store = store;
        this.commit = commit;
        this.root = commit.layout().root();
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
        if (commit.startLsn().compareTo(commit.stopLsn()) >= 0) {
            return;
        }
        LsnRange range = new LsnRange(commit.startLsn(), commit.stopLsn());
        TimelineHistory history = history();
        WalPath path =
                WalPath.along(
                        history,
                        WalInventory.listFrom(
                                root,
                                new SegmentSize(Math.toIntExact(commit.walSegmentBytes())),
                                List.of(store),
                                history,
                                range.start()));
        List<WalPath.Part> parts =
                path.parts(range).orElseThrow(() -> missing(path.storedFrom(range.start())));
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
            long length = reader.read(object).length;
            long needed = part.range().end().minus(object.range().start());
            if (length < needed) {
                throw new CairnException(
                        ErrorCode.ARCHIVE_INCOMPLETE,
                        "%s holds %d bytes of WAL instead of %d"
                                .formatted(object.key(), length, needed),
                        OTHER_COPY);
            }
            bytesRead += object.length();
            return length;
        } catch (CairnException e) {
            throw new FailedPart(new PartFailure(object.key(), e));
        }
    }

    private FailedPart missing(Lsn reached) {
        return new FailedPart(
                new PartFailure(
                        commit.layout().commit(),
                        new CairnException(
                                ErrorCode.ARCHIVE_INCOMPLETE,
                                "the WAL of %s, %s to %s, is stored in '%s' only up to %s"
                                        .formatted(
                                                commit.run(),
                                                commit.startLsn(),
                                                commit.stopLsn(),
                                                store.name(),
                                                reached),
                                OTHER_COPY)));
    }
}
