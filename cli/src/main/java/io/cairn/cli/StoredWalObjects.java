package io.cairn.cli;

import io.cairn.model.Lsn;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.StoredWal;
import io.cairn.model.wal.WalLayout;
import io.cairn.model.wal.WalSegment;
import io.cairn.restore.wal.WalObject;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** One store's objects that hold a cluster's WAL, by listing. */
final class StoredWalObjects {

    /** History files have no place in the WAL; it bounds how much of one is read. */
    private static final LsnRange HISTORY = new LsnRange(new Lsn(0), new Lsn(1));

    private StoredWalObjects() {}

    /**
     * @param object its range is a whole segment's for the last segment before a fork
     */
    record Entry(StoredWal wal, WalObject object) {

        /** The folder it lies in: {@code 00000001}, {@code 00000001~<key id>}. */
        String folder() {
            return wal.timeline().hex() + wal.divergence().map("~"::concat).orElse("");
        }

        /** How it goes on in the WAL; history files do not. */
        boolean isContinuous() {
            return switch (wal) {
                case StoredWal.Segment _, StoredWal.Piece _ -> true;
                case StoredWal.Partial _, StoredWal.History _ -> false;
            };
        }
    }

    /** In the order of their keys. */
    static List<Entry> list(ObjectStore store, ClusterRoot root, SegmentSize size) {
        WalLayout layout = new WalLayout(root);
        List<Entry> found = new ArrayList<>();
        for (String prefix : List.of(layout.walPrefix(), layout.piecesPrefix())) {
            try (Stream<ObjectInfo> listed = store.list(prefix)) {
                listed.forEach(info ->
                        StoredWal.of(info.key())
                                .ifPresent(wal -> found.add(entry(wal, info, store, size))));
            }
        }
        return List.copyOf(found);
    }

    private static Entry entry(
            StoredWal wal, ObjectInfo info, ObjectStore store, SegmentSize size) {
        LsnRange range =
                switch (wal) {
                    case StoredWal.Segment segment ->
                            WalSegment.parse(segment.name(), size).range();
                    case StoredWal.Partial partial ->
                            WalSegment.parse(partial.name(), size).range();
                    case StoredWal.Piece piece -> piece.range();
                    case StoredWal.History _ -> HISTORY;
                };
        return new Entry(
                wal,
                new WalObject(wal.key(), wal.timeline(), range, info.length(), List.of(store)));
    }

    /** What lies one behind the other without a hole, from low to high. */
    static List<LsnRange> merged(List<LsnRange> ranges) {
        List<LsnRange> merged = new ArrayList<>();
        ranges.stream()
                .sorted((one, other) -> one.start().compareTo(other.start()))
                .forEach(next -> {
                    if (!merged.isEmpty() && next.start().compareTo(merged.getLast().end()) <= 0) {
                        LsnRange last = merged.removeLast();
                        boolean longer = next.end().compareTo(last.end()) > 0;
                        merged.add(longer ? new LsnRange(last.start(), next.end()) : last);
                    } else {
                        merged.add(next);
                    }
                });
        return List.copyOf(merged);
    }

    /** What is missing between ranges that are {@link #merged}. */
    static List<LsnRange> gaps(List<LsnRange> merged) {
        List<LsnRange> gaps = new ArrayList<>();
        for (int i = 1; i < merged.size(); i++) {
            gaps.add(new LsnRange(merged.get(i - 1).end(), merged.get(i).start()));
        }
        return List.copyOf(gaps);
    }
}
