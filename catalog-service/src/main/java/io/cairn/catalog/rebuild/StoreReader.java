package io.cairn.catalog.rebuild;

import io.cairn.catalog.projection.Projection;
import io.cairn.events.CairnEvent;
import io.cairn.events.EventObject;
import io.cairn.events.WalArchived;
import io.cairn.model.ObjectKey;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.StoredParts;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Reads what a store holds. One object that cannot be understood does not hide the others; a store
 * that does not answer ends the reading, since half a bucket must not pass for a whole one.
 */
final class StoreReader {

    /** An object with one of these is there, but is not what its key says. */
    private static final Set<ErrorCode> NOT_UNDERSTOOD =
            EnumSet.of(
                    ErrorCode.COMMIT_INVALID,
                    ErrorCode.FORMAT_UNSUPPORTED,
                    ErrorCode.EVENT_UNREADABLE);

    private final ObjectStore store;
    private final Parallel parallel;
    private final RebuildProgress progress;
    private final List<Unreadable> unreadable = Collections.synchronizedList(new ArrayList<>());

    StoreReader(ObjectStore store, Parallel parallel, RebuildProgress progress) {
        this.store = store;
        this.parallel = parallel;
        this.progress = progress;
    }

    /**
     * @throws CairnException one of the {@code STORE_…} codes
     */
    StoreContents read() {
        BucketWalk walk = new BucketWalk(store);
        List<ObjectInfo> commits = new ArrayList<>();
        List<ObjectInfo> records = new ArrayList<>();
        for (ClusterRoot root : walk.roots()) {
            commits.addAll(walk.commits(root));
            store.list(root.recordsPrefix()).filter(StoreReader::isHistory).forEach(records::add);
        }
        progress.found(commits.size() + records.size());
        List<StoredBackup> backups = each(commits, this::backup);
        List<CairnEvent> events = each(records, this::event);
        return new StoreContents(store.name(), backups, events, wal(backups), unreadable);
    }

    /** Without a backup in the store nothing could be recovered with its WAL. */
    private List<WalArchived> wal(List<StoredBackup> backups) {
        Map<ClusterRoot, CommitObject> roots = new LinkedHashMap<>();
        backups.forEach(backup -> roots.put(backup.commit().layout().root(), backup.commit()));
        return parallel
                .map(
                        List.copyOf(roots.values()),
                        commit -> new WalListing(store, commit).events(unreadable::add))
                .stream()
                .flatMap(List::stream)
                .toList();
    }

    /** Other records, holds and tombstones, tell nothing of what was found out about a copy. */
    private static boolean isHistory(ObjectInfo object) {
        String[] parts = object.key().value().split("/");
        return parts.length > 4
                && (parts[3].equals(EventObject.VERIFICATIONS)
                        || parts[3].equals(EventObject.COPIES)
                        || parts[3].equals(EventObject.LOCKS));
    }

    private <T> List<T> each(List<ObjectInfo> objects, Function<ObjectInfo, T> read) {
        return parallel
                .map(objects, object -> understood(object.key(), () -> read.apply(object)))
                .stream()
                .flatMap(List::stream)
                .toList();
    }

    private <T> List<T> understood(ObjectKey key, Supplier<T> read) {
        try {
            return List.of(read.get());
        } catch (CairnException e) {
            if (!NOT_UNDERSTOOD.contains(e.code())) {
                throw e;
            }
            unreadable.add(new Unreadable(store.name(), key, e));
            return List.of();
        } finally {
            progress.read();
        }
    }

    private StoredBackup backup(ObjectInfo object) {
        CommitReader.Commit read = CommitReader.read(store, object.key());
        return new StoredBackup(
                store.name(),
                read.commit(),
                read.object(),
                object.lastModified(),
                StoredParts.list(store, read.commit()).missing().toList());
    }

    private CairnEvent event(ObjectInfo object) {
        byte[] json = store.read(object.key(), EventObject.BYTES_MAX);
        CairnEvent event = EventObject.read(json, object.key(), store.name());
        if (Projection.of(event).records().isEmpty()) {
            throw new CairnException(
                    ErrorCode.EVENT_UNREADABLE,
                    object.key()
                            + " in store '"
                            + store.name()
                            + "' holds "
                            + event.type()
                            + ", which is not about a copy of a backup",
                    "somebody else wrote it; nothing is read from it");
        }
        return event;
    }
}
