package io.cairn.restore.thaw;

import io.cairn.model.ObjectKey;
import io.cairn.model.archival.RetrievalTier;
import io.cairn.model.archival.StorageClass;
import io.cairn.model.archival.ThawState;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.backup.Volume;
import io.cairn.model.error.CairnException;
import io.cairn.restore.contents.ArchiveMap;
import io.cairn.restore.contents.BackupContents;
import io.cairn.restore.contents.OpenedBackup;
import io.cairn.restore.database.DatabaseSelection;
import io.cairn.restore.plan.RestorePlan;
import io.cairn.restore.recovery.RecoveryPlan;
import io.cairn.restore.wal.WalObject;
import io.cairn.restore.wal.WalPath;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Finds what a planned restore needs and cannot read: by listings, which name the storage class,
 * and a HEAD of each archived object, which tells whether it was thawed. Where any copy can be
 * read, nothing is thawed. Writes nothing. Thread-safe.
 */
public final class ThawPlanner {

    /** A copy that is archived again sooner than this is thawed anew. */
    static final Duration LEFT = Duration.ofHours(12);

    private final InstantSource clock;

    /**
     * @param clock to be that of the stores, within minutes
     */
    public ThawPlanner(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * What the restore of a plan needs, and nothing of the WAL behind it. Where which databases
     * come back is not decided, what is needed whichever they are.
     */
    public ThawPlan plan(RestorePlan plan) {
        List<ArchivedObject> needed = new ArrayList<>();
        plan.chain().forEach(backup -> needed.addAll(volumes(backup, plan.databases())));
        return new ThawPlan(needed);
    }

    /** What a recovery needs: the backups', and the WAL that is replayed. */
    public ThawPlan plan(RecoveryPlan recovery) {
        List<ArchivedObject> needed = new ArrayList<>(plan(recovery.base()).objects());
        needed.addAll(wal(recovery));
        return new ThawPlan(needed);
    }

    private List<ArchivedObject> volumes(OpenedBackup backup, DatabaseSelection databases) {
        String prefix = backup.commit().layout().attemptPrefix(backup.commit().attempt());
        List<StoredObject> volumes =
                read(backup.contents(), databases).map(Volume::object).toList();
        Map<ObjectStore, Map<ObjectKey, ObjectInfo>> listings = new HashMap<>();
        List<ArchivedObject> needed = new ArrayList<>();
        for (StoredObject volume : volumes) {
            needed(
                            volume.key(),
                            volume.length(),
                            backup.copies(),
                            store -> listings.computeIfAbsent(store, each -> listed(each, prefix)))
                    .ifPresent(needed::add);
        }
        return needed;
    }

    /** Volumes that hold nothing but databases that are left out are not fetched. */
    private static Stream<Volume> read(BackupContents contents, DatabaseSelection databases) {
        Map<ArchiveMap, BitSet> leftOut = new HashMap<>();
        contents.files().stream()
                .filter(databases::leavesOut)
                .forEach(file ->
                        leftOut.computeIfAbsent(file.archive(), _ -> new BitSet())
                                .set(file.number()));
        return contents.archives().stream()
                .flatMap(archive -> {
                    BitSet others = leftOut.getOrDefault(archive, new BitSet());
                    return archive.archive().volumes().stream()
                            .filter(volume ->
                                    others.isEmpty()
                                            || archive.inVolume(volume)
                                                    .anyMatch(number -> !others.get(number)));
                });
    }

    private static Map<ObjectKey, ObjectInfo> listed(ObjectStore store, String prefix) {
        Map<ObjectKey, ObjectInfo> found = new HashMap<>();
        try (Stream<ObjectInfo> listed = store.list(prefix)) {
            listed.forEach(info -> found.put(info.key(), info));
        }
        return found;
    }

    private List<ArchivedObject> wal(RecoveryPlan recovery) {
        List<WalObject> objects =
                recovery
                        .wal()
                        .flatMap(range -> recovery.source().path().parts(range))
                        .orElse(List.of())
                        .stream()
                        .map(WalPath.Part::object)
                        .distinct()
                        .toList();
        TreeMap<String, List<ObjectKey>> byFolder = new TreeMap<>();
        objects.forEach(object ->
                byFolder.computeIfAbsent(folder(object.key()), _ -> new ArrayList<>())
                        .add(object.key()));
        record Place(ObjectStore store, String folder) {}
        Map<Place, Map<ObjectKey, ObjectInfo>> listings = new HashMap<>();
        List<ArchivedObject> needed = new ArrayList<>();
        for (WalObject object : objects) {
            String folder = folder(object.key());
            needed(
                            object.key(),
                            object.length(),
                            object.copies(),
                            store ->
                                    listings.computeIfAbsent(
                                            new Place(store, folder),
                                            _ ->
                                                    listed(
                                                            store,
                                                            folder,
                                                            byFolder.getOrDefault(
                                                                    folder, List.of()))))
                    .ifPresent(needed::add);
        }
        return needed;
    }

    private static String folder(ObjectKey key) {
        return key.value().substring(0, key.value().lastIndexOf('/') + 1);
    }

    /** From the first to the last of the keys: years of WAL may lie before them. */
    private static Map<ObjectKey, ObjectInfo> listed(
            ObjectStore store, String folder, List<ObjectKey> keys) {
        Comparator<ObjectKey> order = Comparator.comparing(ObjectKey::value);
        ObjectKey first = keys.stream().min(order).orElseThrow();
        ObjectKey last = keys.stream().max(order).orElseThrow();
        String before = first.value().substring(0, first.value().length() - 1);
        Map<ObjectKey, ObjectInfo> found = new HashMap<>();
        try (Stream<ObjectInfo> listed = store.list(folder, Optional.of(new ObjectKey(before)))) {
            listed.takeWhile(info -> order.compare(info.key(), last) <= 0)
                    .forEach(info -> found.put(info.key(), info));
        }
        return found;
    }

    /** A store's listing of the folder that an object lies in, fetched when it is first needed. */
    private interface Listings {
        Map<ObjectKey, ObjectInfo> of(ObjectStore store);
    }

    /** An archived copy of an object. */
    private record Archived(ObjectStore store, StorageClass storageClass) {}

    private Optional<ArchivedObject> needed(
            ObjectKey key, long length, List<ObjectStore> copies, Listings listings) {
        List<Archived> archived = new ArrayList<>();
        for (ObjectStore store : copies) {
            ObjectInfo info = listing(listings, store, copies).get(key);
            if (info != null && info.length() == length) {
                if (!(info.thaw() instanceof ThawState.Archived(StorageClass in))) {
                    return Optional.empty();
                }
                archived.add(new Archived(store, in));
            }
        }
        Optional<ArchivedObject> quickest = Optional.empty();
        // The quicker class first; of one class in the stores' order.
        archived.sort(Comparator.comparing(copy -> time(copy.storageClass())));
        for (Archived copy : archived) {
            switch (state(copy, key)) {
                case ThawState.NotArchived _ -> {
                    return Optional.empty();
                }
                case ThawState.Thawed thawed -> {
                    if (thawed.until().isAfter(clock.instant().plus(LEFT))) {
                        return Optional.empty();
                    }
                    quickest = quickest.or(() -> Optional.of(object(copy, key, length, false)));
                }
                case ThawState.Thawing _ -> {
                    return Optional.of(object(copy, key, length, true));
                }
                case ThawState.Archived _ ->
                        quickest = quickest.or(() -> Optional.of(object(copy, key, length, false)));
            }
        }
        return quickest;
    }

    /**
     * Of the stores behind the first, one that cannot be listed has nothing to read: whoever chose
     * the copies has told of it.
     */
    private static Map<ObjectKey, ObjectInfo> listing(
            Listings listings, ObjectStore store, List<ObjectStore> copies) {
        try {
            return listings.of(store);
        } catch (CairnException e) {
            if (store.name().equals(copies.getFirst().name())) {
                throw e;
            }
            return Map.of();
        }
    }

    private static ArchivedObject object(
            Archived copy, ObjectKey key, long length, boolean thawing) {
        return new ArchivedObject(copy.store(), key, length, copy.storageClass(), thawing);
    }

    private static Duration time(StorageClass storageClass) {
        return storageClass.thawTime(RetrievalTier.STANDARD).orElse(Duration.ZERO);
    }

    private static ThawState state(Archived copy, ObjectKey key) {
        return copy.store()
                .head(key)
                .map(ObjectInfo::thaw)
                .orElseGet(() -> new ThawState.Archived(copy.storageClass()));
    }
}
