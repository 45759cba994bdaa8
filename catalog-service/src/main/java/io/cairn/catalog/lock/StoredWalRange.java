package io.cairn.catalog.lock;

import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.Timeline;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.StoredWal;
import io.cairn.model.wal.WalFolder;
import io.cairn.model.wal.WalLayout;
import io.cairn.model.wal.WalMetadata;
import io.cairn.model.wal.WalSegment;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A range of a cluster's WAL as it lies in one store: segments, also those before a fork and those
 * of a divergence, and where no segment is, pieces.
 *
 * @param objects without the keys that open them
 * @param covered what they hold of the range, from low to high
 */
public record StoredWalRange(List<ObjectKey> objects, List<LsnRange> covered) {

    public StoredWalRange {
        objects = List.copyOf(objects);
        covered = List.copyOf(covered);
    }

    /** Whether no byte of {@code range} is missing. */
    public boolean covers(LsnRange range) {
        return LsnRange.coveredFrom(range.start(), covered).compareTo(range.end()) >= 0;
    }

    /** Takes listings from where the range begins to where it ends, whatever lies besides. */
    public static StoredWalRange find(
            ObjectStore store,
            ClusterRoot root,
            SegmentSize size,
            Collection<Timeline> timelines,
            LsnRange range) {
        Search search = new Search(store, new WalLayout(root), size, range);
        timelines.forEach(search::segments);
        if (!search.found().covers(range)) {
            List<LsnRange> bySegments = search.found().covered();
            timelines.forEach(timeline -> search.pieces(timeline, bySegments));
        }
        return search.found();
    }

    /**
     * Every wrap of the keys that open what was found. An object that does not tell its key is
     * taken to need every key of a session that began before its range ends.
     *
     * @param wal as HEAD tells of it
     * @param end of the range
     */
    public static List<ObjectKey> keys(
            ObjectStore store, ClusterRoot root, Collection<ObjectInfo> wal, Lsn end) {
        if (wal.isEmpty()) {
            return List.of();
        }
        Set<String> ids =
                wal.stream()
                        .flatMap(info -> WalMetadata.keyId(info.metadata()).stream())
                        .collect(Collectors.toSet());
        boolean allTell =
                wal.stream().allMatch(info -> WalMetadata.keyId(info.metadata()).isPresent());
        WalLayout layout = new WalLayout(root);
        try (Stream<ObjectInfo> listed = store.list(layout.keysPrefix())) {
            return listed.map(ObjectInfo::key)
                    .filter(layout::isWrappedKey)
                    .filter(key -> {
                        Session session = Session.of(key);
                        return allTell
                                ? ids.contains(session.id())
                                : session.start().compareTo(end) < 0;
                    })
                    .toList();
        }
    }

    /** The history files of timelines, those that are there. */
    static List<ObjectKey> histories(
            ObjectStore store, ClusterRoot root, Collection<Timeline> timelines) {
        WalLayout layout = new WalLayout(root);
        return timelines.stream()
                // The first has none.
                .filter(timeline -> timeline.id() > 1)
                .map(layout::history)
                .filter(key ->
                        store.first(key.value(), Optional.empty()).filter(key::equals).isPresent())
                .toList();
    }

    /** What the name of a stream session's key says. */
    private record Session(Lsn start, String id) {

        private static final Pattern NAME =
                Pattern.compile(".*/([0-9A-F]{16})-([0-9a-f]{32})(\\.[0-9a-f]+)?\\.cms");

        static Session of(ObjectKey key) {
            Matcher matcher = NAME.matcher(key.value());
            if (!matcher.matches()) {
                throw new IllegalArgumentException(key + " is no key of a stream session");
            }
            return new Session(
                    new Lsn(Long.parseUnsignedLong(matcher.group(1), 16)), matcher.group(2));
        }
    }

    /** Where the timelines' folders are looked through. */
    private static final class Search {

        private final ObjectStore store;
        private final WalLayout layout;
        private final SegmentSize size;
        private final LsnRange range;
        private final Set<ObjectKey> objects = new TreeSet<>();
        private final List<LsnRange> ranges = new ArrayList<>();

        Search(ObjectStore store, WalLayout layout, SegmentSize size, LsnRange range) {
            this.store = store;
            this.layout = layout;
            this.size = size;
            this.range = range;
        }

        StoredWalRange found() {
            return new StoredWalRange(List.copyOf(objects), LsnRange.merged(ranges));
        }

        void segments(Timeline timeline) {
            WalSegment first = WalSegment.containing(timeline, range.start(), size);
            WalSegment last = WalSegment.containing(timeline, range.end().plus(-1), size);
            for (WalFolder folder : folders(timeline, layout.walPrefix())) {
                String prefix = folder.walPrefix();
                // Every name goes on behind the segment's.
                list(prefix, first.name(), prefix + last.name() + "~", this::addSegment);
            }
        }

        private void addSegment(StoredWal wal) {
            switch (wal) {
                case StoredWal.Segment segment -> add(segment.key(), segment.name());
                // It ends at the fork, and this timeline with it.
                case StoredWal.Partial partial -> add(partial.key(), partial.name());
                case StoredWal.History _, StoredWal.Piece _ -> {}
            }
        }

        private void add(ObjectKey key, String name) {
            objects.add(key);
            ranges.add(WalSegment.parse(name, size).range());
        }

        /** A piece lies within one segment, so none that begins before the first matters. */
        void pieces(Timeline timeline, List<LsnRange> bySegments) {
            Lsn first = WalSegment.containing(timeline, range.start(), size).start();
            for (WalFolder folder : folders(timeline, layout.piecesPrefix())) {
                String prefix = folder.piecesPrefix();
                String end = prefix + hex(range.end());
                list(
                        prefix,
                        hex(first),
                        end,
                        wal -> {
                            if (wal instanceof StoredWal.Piece piece
                                    && piece.range().end().compareTo(range.start()) > 0
                                    && !isWithin(piece.range(), bySegments)) {
                                objects.add(piece.key());
                                ranges.add(piece.range());
                            }
                        });
            }
        }

        private static boolean isWithin(LsnRange piece, List<LsnRange> ranges) {
            return LsnRange.coveredFrom(piece.start(), ranges).compareTo(piece.end()) >= 0;
        }

        private void list(String prefix, String after, String before, Consumer<StoredWal> add) {
            try (Stream<ObjectInfo> listed =
                    store.list(prefix, Optional.of(new ObjectKey(prefix + after)))) {
                listed.map(ObjectInfo::key)
                        .takeWhile(key -> key.value().compareTo(before) < 0)
                        .forEach(key -> StoredWal.of(key).ifPresent(add));
            }
        }

        /** The timeline's own folder, and those of its divergences. */
        private List<WalFolder> folders(Timeline timeline, String above) {
            WalFolder own = WalFolder.of(layout, timeline);
            List<WalFolder> folders = new ArrayList<>(List.of(own));
            String diverged = above + timeline.hex() + "~";
            Optional<ObjectKey> found = store.first(diverged, Optional.empty());
            while (found.isPresent()) {
                String folder = found.get().value().substring(diverged.length()).split("/", 2)[0];
                StoredWal.of(found.get())
                        .flatMap(StoredWal::divergence)
                        .ifPresent(id -> folders.add(own.diverged(id)));
                found = store.first(diverged, Optional.of(new ObjectKey(diverged + folder + "/~")));
            }
            return folders;
        }

        private static String hex(Lsn position) {
            return "%016X".formatted(position.bits());
        }
    }
}
