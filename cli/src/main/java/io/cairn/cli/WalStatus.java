package io.cairn.cli;

import io.cairn.cli.StoredWalObjects.Entry;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.WalMetadata;
import io.cairn.restore.wal.WalObject;
import io.cairn.storage.ObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * One cluster's WAL in one store.
 *
 * @param newest the last stored position of the newest timeline; absent without any WAL
 * @param lag from the newest position's send time to now
 */
record WalStatus(
        ClusterName cluster,
        SystemIdentifier systemIdentifier,
        StoreName store,
        List<Folder> timelines,
        Optional<Newest> newest,
        Optional<Duration> lag,
        long objects,
        long bytesStored) {

    /**
     * One timeline's WAL.
     *
     * @param divergence of the folder it lies in, where it is not the timeline's own; recovery does
     *     not follow it
     */
    record Folder(
            Timeline timeline, Optional<String> divergence, List<Span> ranges, List<Span> gaps) {

        String name() {
            return timeline + divergence.map(id -> "~" + id.substring(0, 8)).orElse("");
        }
    }

    /** WAL that is there, or that is missing. */
    record Span(Lsn start, Lsn end, long bytes) {

        static Span of(LsnRange range) {
            return new Span(range.start(), range.end(), range.bytes());
        }
    }

    /**
     * @param sentAt everything that the server had sent by then is stored, as the object says
     */
    record Newest(Timeline timeline, Lsn lsn, Optional<Instant> sentAt) {}

    static WalStatus of(WalRoots.Root root, ObjectStore store, Instant now) {
        List<Entry> entries = StoredWalObjects.list(store, root.root(), root.size());
        TreeMap<String, List<Entry>> byFolder =
                entries.stream()
                        .filter(Entry::isContinuous)
                        .collect(
                                Collectors.groupingBy(
                                        Entry::folder, TreeMap::new, Collectors.toList()));
        List<Folder> folders = new ArrayList<>();
        byFolder.values().forEach(there -> folders.add(folder(there)));
        Optional<Newest> newest =
                folders.stream()
                        .filter(folder -> folder.divergence().isEmpty())
                        .reduce((_, later) -> later)
                        .map(folder -> newest(folder, entries, store));
        return new WalStatus(
                root.root().cluster(),
                root.root().systemIdentifier(),
                store.name(),
                folders,
                newest,
                newest.flatMap(Newest::sentAt)
                        .map(sent -> notNegative(Duration.between(sent, now))),
                entries.size(),
                entries.stream().mapToLong(entry -> entry.object().length()).sum());
    }

    private static Folder folder(List<Entry> entries) {
        List<LsnRange> merged =
                StoredWalObjects.merged(
                        entries.stream().map(entry -> entry.object().range()).toList());
        return new Folder(
                entries.getFirst().wal().timeline(),
                entries.getFirst().wal().divergence(),
                merged.stream().map(Span::of).toList(),
                StoredWalObjects.gaps(merged).stream().map(Span::of).toList());
    }

    private static Newest newest(Folder folder, List<Entry> entries, ObjectStore store) {
        Lsn end = folder.ranges().getLast().end();
        Optional<Instant> sentAt =
                entries.stream()
                        .filter(Entry::isContinuous)
                        .filter(entry -> entry.wal().divergence().isEmpty())
                        .map(Entry::object)
                        .filter(object -> object.timeline().equals(folder.timeline()))
                        .filter(object -> object.range().end().equals(end))
                        .flatMap(object -> sentAt(object, store).stream())
                        .max(Comparator.naturalOrder());
        return new Newest(folder.timeline(), end, sentAt);
    }

    static Optional<Instant> sentAt(WalObject object, ObjectStore store) {
        return store.head(object.key()).flatMap(info -> WalMetadata.sentAt(info.metadata()));
    }

    /** Clocks of two machines may disagree. */
    private static Duration notNegative(Duration duration) {
        return duration.isNegative() ? Duration.ZERO : duration;
    }
}
