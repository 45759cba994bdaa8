package io.cairn.catalog.rebuild;

import io.cairn.events.WalArchived;
import io.cairn.model.Lsn;
import io.cairn.model.Tier;
import io.cairn.model.Timeline;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.StoredWal;
import io.cairn.model.wal.WalLayout;
import io.cairn.model.wal.WalMetadata;
import io.cairn.model.wal.WalSegment;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * What WAL a store holds of a cluster, by listing, as the events that would have told it. Of each
 * timeline one object is asked for its time, the one that ends last.
 *
 * <p>The last segment before a fork does not say in its name where it ends, and is left out: the
 * next timeline begins with a copy of it.
 */
final class WalListing {

    private static final Logger LOG = Logger.getLogger(WalListing.class);

    private final ObjectStore store;
    private final ClusterRoot root;
    private final Tier tier;
    private final SegmentSize size;

    /**
     * @param commit of any of the cluster's backups
     */
    WalListing(ObjectStore store, CommitObject commit) {
        this.store = store;
        this.root = commit.layout().root();
        this.tier = commit.tier();
        this.size = SegmentSize.of(commit);
    }

    /** One timeline's WAL, or what diverged from it. */
    private record Folder(Timeline timeline, Optional<String> divergence)
            implements Comparable<Folder> {

        @Override
        public int compareTo(Folder other) {
            return Comparator.comparing(Folder::timeline)
                    .thenComparing(folder -> folder.divergence().orElse(""))
                    .compare(this, other);
        }
    }

    private record Stored(LsnRange range, ObjectInfo info) {}

    /** Objects without a hole in between. */
    private record Run(Lsn start, Stored last, Instant storedAt) {

        static Run of(Stored first) {
            return new Run(first.range().start(), first, first.info().lastModified());
        }

        Lsn end() {
            return last.range().end();
        }

        Run and(Stored next) {
            boolean further = next.range().end().compareTo(end()) >= 0;
            Instant time = next.info().lastModified();
            return new Run(start, further ? next : last, time.isAfter(storedAt) ? time : storedAt);
        }
    }

    /**
     * @param misplaced is told of objects whose names make no sense for this cluster
     * @throws CairnException one of the {@code STORE_…} codes
     */
    List<WalArchived> events(Consumer<Unreadable> misplaced) {
        Map<Folder, List<Stored>> folders = new TreeMap<>();
        WalLayout layout = new WalLayout(root);
        for (String prefix : List.of(layout.walPrefix(), layout.piecesPrefix())) {
            try (Stream<ObjectInfo> listed = store.list(prefix)) {
                listed.forEach(info -> {
                    try {
                        add(info, folders);
                    } catch (CairnException e) {
                        misplaced.accept(new Unreadable(store.name(), info.key(), e));
                    }
                });
            }
        }
        List<WalArchived> events = new ArrayList<>();
        folders.forEach((folder, objects) -> {
            List<Run> runs = runs(objects);
            for (Run run : runs) {
                boolean newest = run == runs.getLast();
                events.add(event(folder, run, newest ? sentAt(run) : Optional.empty()));
            }
        });
        return events;
    }

    private void add(ObjectInfo info, Map<Folder, List<Stored>> folders) {
        StoredWal.of(info.key())
                .ifPresent(wal ->
                        range(wal)
                                .ifPresent(range ->
                                        folders.computeIfAbsent(
                                                        new Folder(
                                                                wal.timeline(), wal.divergence()),
                                                        _ -> new ArrayList<>())
                                                .add(new Stored(range, info))));
    }

    private Optional<LsnRange> range(StoredWal wal) {
        return switch (wal) {
            case StoredWal.Segment segment ->
                    Optional.of(WalSegment.parse(segment.name(), size).range());
            case StoredWal.Piece piece -> Optional.of(piece.range());
            case StoredWal.Partial _, StoredWal.History _ -> Optional.empty();
        };
    }

    private static List<Run> runs(List<Stored> objects) {
        List<Run> runs = new ArrayList<>();
        objects.stream()
                .sorted(Comparator.comparing(object -> object.range().start()))
                .forEach(object -> {
                    boolean apart =
                            runs.isEmpty()
                                    || runs.getLast().end().compareTo(object.range().start()) < 0;
                    runs.add(apart ? Run.of(object) : runs.removeLast().and(object));
                });
        return runs;
    }

    private WalArchived event(Folder folder, Run run, Optional<Instant> recoverableUntil) {
        return new WalArchived(
                root.cluster(),
                tier,
                root.systemIdentifier(),
                folder.timeline(),
                folder.divergence(),
                store.name(),
                run.start(),
                run.end(),
                recoverableUntil,
                run.storedAt());
    }

    private Optional<Instant> sentAt(Run run) {
        try {
            return store.head(run.last().info().key())
                    .flatMap(info -> WalMetadata.sentAt(info.metadata()));
        } catch (CairnException e) {
            if (e.code() != ErrorCode.STORE_ACCESS_DENIED) {
                throw e;
            }
            LOG.warnf(
                    "Up to when WAL of %s in store '%s' is recoverable is known when its stream tells again: %s",
                    root.cluster(), store.name(), e.messageWithHint());
            return Optional.empty();
        }
    }
}
