package io.cairn.catalog.retention;

import io.cairn.catalog.retention.StoredObjects.Placed;
import io.cairn.model.BackupLabel;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.record.ReadLease;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What is being read of one life of a cluster. How old a lease is, the store says that took it
 * first: a copy of it in another store holds for no longer.
 */
record Leases(List<ReadLease> running) {

    Leases {
        running = List.copyOf(running);
    }

    /**
     * Those that a listing shows.
     *
     * @throws io.cairn.model.error.CairnException {@code RECORD_INVALID} if one cannot be read:
     *     what it is on is not known then
     */
    static Leases in(StoredObjects objects, Instant now) {
        return read(objects, objects.all(ReadLease.prefix(objects.root())), now);
    }

    /** Those that there are now, in the same stores. */
    static Leases lookAgain(StoredObjects objects, Instant now) {
        return read(
                objects,
                objects.stores().stream().flatMap(store -> list(objects.root(), store)),
                now);
    }

    private static Stream<Placed> list(ClusterRoot root, ObjectStore store) {
        try (Stream<ObjectInfo> listed = store.list(ReadLease.prefix(root))) {
            return listed.map(info -> new Placed(store.name(), info)).toList().stream();
        }
    }

    private static Leases read(StoredObjects objects, Stream<Placed> placed, Instant now) {
        Map<ObjectKey, Placed> first = new TreeMap<>();
        placed.forEach(one -> first.merge(one.info().key(), one, Leases::older));
        return new Leases(
                first.values().stream()
                        .filter(one -> one.info().lastModified().plus(ReadLease.TERM).isAfter(now))
                        .map(one -> read(objects.store(one.store()), one.info().key()))
                        .toList());
    }

    private static Placed older(Placed one, Placed other) {
        return other.info().lastModified().isBefore(one.info().lastModified()) ? other : one;
    }

    private static ReadLease read(ObjectStore store, ObjectKey key) {
        return ReadLease.fromJson(
                store.read(key, ReadLease.BYTES_MAX), key + " in store '" + store.name() + "'");
    }

    /** What is done with a backup. */
    Set<Reason.Work> on(BackupLabel label) {
        Set<Reason.Work> works = EnumSet.noneOf(Reason.Work.class);
        running.stream()
                .filter(lease -> lease.labels().contains(label))
                .forEach(lease ->
                        works.add(
                                switch (lease.purpose()) {
                                    case RESTORE -> Reason.Work.RESTORING;
                                    case DRILL -> Reason.Work.DRILLING;
                                    case VERIFY -> Reason.Work.VERIFYING;
                                }));
        return works;
    }

    /** From where on WAL is read, of any timeline. */
    Optional<Lsn> walFrom() {
        return running.stream()
                .flatMap(lease -> lease.walFrom().stream())
                .min(Comparator.naturalOrder());
    }
}
