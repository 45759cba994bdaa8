package io.cairn.restore.key;

import io.cairn.model.BackupLabel;
import io.cairn.model.ObjectKey;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.record.LegalHold;
import io.cairn.model.record.Shredded;
import io.cairn.restore.InParallel;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.Retention;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Removes every wrap of a cluster's keys from every store, so that nothing opens what was stored.
 * Refused while a lock or a hold says that a backup has to be kept. Broken off at any point, it is
 * called again. Every store must answer.
 */
public final class KeyShredding {

    /** What replication copies back meanwhile is removed again. */
    private static final int ROUNDS = 3;

    /** Whatever of a backup is not a volume: a lock covers all of a backup or nothing. */
    private static final Pattern VOLUME = Pattern.compile(".*/\\d{6}\\.gz\\.cms");

    private static final Pattern EXECUTORS_KEY =
            Pattern.compile(".*/backup_manifest\\.executors\\.key\\.cms");

    private final List<ObjectStore> stores;
    private final InstantSource clock;
    private final int threads;

    /**
     * @param threads objects looked at, or removed, at once
     */
    public KeyShredding(List<ObjectStore> stores, InstantSource clock, int threads) {
        this.stores = List.copyOf(stores);
        this.clock = clock;
        this.threads = threads;
    }

    /**
     * What there is to shred.
     *
     * @param keys backups' and stream sessions'
     * @param wraps of them, and of executors' copies of manifests, in all stores together
     */
    public record Extent(ClusterRoot root, int keys, int wraps) {}

    private record There(ObjectStore store, ObjectKey key) {}

    /**
     * Looks what there is, and whether it may go.
     *
     * @throws CairnException {@link ErrorCode#KEYS_RETAINED}; {@code STORE_…} if a store cannot be
     *     read
     */
    public Extent plan(ClusterRoot root) throws InterruptedException {
        requireNoHold(root);
        requireNoLock(root);
        return new Extent(root, KeyInventory.list(root, stores).size(), wraps(root).size());
    }

    private void requireNoHold(ClusterRoot root) {
        List<ObjectKey> records = new ArrayList<>();
        for (ObjectStore store : stores) {
            try (Stream<ObjectInfo> listed = store.list(LegalHold.prefix(root))) {
                listed.map(ObjectInfo::key).forEach(records::add);
            }
        }
        List<LegalHold.Placed> holds = LegalHold.placed(root, records);
        if (!holds.isEmpty()) {
            throw retained(
                    root,
                    "a legal hold is on "
                            + holds.stream()
                                    .map(LegalHold.Placed::label)
                                    .map(BackupLabel::toString)
                                    .distinct()
                                    .sorted()
                                    .collect(Collectors.joining(", ")),
                    "release it first: cairn hold release");
        }
    }

    private void requireNoLock(ClusterRoot root) throws InterruptedException {
        List<There> objects = new ArrayList<>();
        for (ObjectStore store : stores) {
            for (String prefix : List.of(root.keysPrefix(), root.backupsPrefix())) {
                try (Stream<ObjectInfo> listed = store.list(prefix)) {
                    listed.map(ObjectInfo::key)
                            .filter(key -> !VOLUME.matcher(key.value()).matches())
                            .forEach(key -> objects.add(new There(store, key)));
                }
            }
        }
        List<ObjectInfo> infos =
                InParallel.all(threads, objects, one -> one.store().head(one.key())).stream()
                        .flatMap(Optional::stream)
                        .toList();
        Optional<Instant> latest =
                infos.stream()
                        .flatMap(info -> info.retention().stream())
                        .map(Retention::until)
                        .filter(clock.instant()::isBefore)
                        .max(Comparator.naturalOrder());
        if (latest.isPresent()) {
            throw retained(
                    root,
                    "backups are locked, the last until " + latest.get(),
                    "shred after that; a lock cannot be lifted");
        }
        infos.stream()
                .filter(ObjectInfo::legalHold)
                .findFirst()
                .ifPresent(held -> {
                    throw retained(
                            root,
                            "the store holds " + held.key(),
                            "release the hold first: cairn hold release");
                });
    }

    private static CairnException retained(ClusterRoot root, String why, String hint) {
        return new CairnException(
                ErrorCode.KEYS_RETAINED,
                "the keys of " + root.cluster() + " are not shredded: " + why,
                hint);
    }

    /**
     * Shreds, after the same checks: the record first, in every store, then every wrap.
     *
     * @param by who does it
     * @throws CairnException as {@link #plan}; {@link ErrorCode#STORE_LOCKED} if a lock was placed
     *     meanwhile
     */
    public Extent shred(ClusterRoot root, String by, KeyRotation.Progress progress)
            throws InterruptedException {
        Extent extent = plan(root);
        byte[] record = new Shredded(clock.instant(), by, extent.keys()).toJson();
        for (ObjectStore store : stores) {
            // One that is there, of this time or an earlier one, says the same.
            store.putIfAbsent(Shredded.key(root), ObjectBody.of(record));
        }
        int removed = 0;
        List<There> left = wraps(root);
        for (int round = 1; round <= ROUNDS && !left.isEmpty(); round++) {
            int before = removed;
            int total = before + left.size();
            InParallel.all(
                    threads,
                    left,
                    one -> {
                        one.store().delete(one.key());
                        return one;
                    });
            removed = total;
            progress.update(removed, total);
            left = wraps(root);
        }
        if (!left.isEmpty()) {
            throw new CairnException(
                    ErrorCode.STORE_ERROR,
                    left.size() + " wraps of " + root.cluster() + " come back again and again",
                    "stop the replication service, and run it again");
        }
        return new Extent(root, extent.keys(), removed);
    }

    private List<There> wraps(ClusterRoot root) {
        List<There> wraps = new ArrayList<>();
        for (ObjectStore store : stores) {
            try (Stream<ObjectInfo> keys = store.list(root.keysPrefix());
                    Stream<ObjectInfo> backups = store.list(root.backupsPrefix())) {
                Stream.concat(
                                keys.map(ObjectInfo::key),
                                backups.map(ObjectInfo::key)
                                        .filter(key ->
                                                EXECUTORS_KEY.matcher(key.value()).matches()))
                        .forEach(key -> wraps.add(new There(store, key)));
            }
        }
        return wraps;
    }
}
