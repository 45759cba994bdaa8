package io.cairn.restore.thaw;

import io.cairn.model.StoreName;
import io.cairn.model.archival.RetrievalTier;
import io.cairn.model.archival.StorageClass;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.StoredWal;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What has to be thawed before a restore can read all it needs; empty for most.
 *
 * @param objects of which no copy can be read now
 */
public record ThawPlan(List<ArchivedObject> objects) {

    public ThawPlan {
        objects = List.copyOf(objects);
    }

    /** What lies in one class of one store. */
    public record Share(StoreName store, StorageClass storageClass, int objects, long bytes) {}

    public boolean isEmpty() {
        return objects.isEmpty();
    }

    public long bytes() {
        return objects.stream().mapToLong(ArchivedObject::length).sum();
    }

    /** Those that hold WAL: Cairn has none moved, so a rule of the bucket's own did it. */
    public List<ArchivedObject> wal() {
        return objects.stream().filter(object -> StoredWal.of(object.key()).isPresent()).toList();
    }

    /** Those that nobody has asked for yet: asking costs money. */
    public List<ArchivedObject> toRequest() {
        return objects.stream().filter(object -> !object.thawing()).toList();
    }

    /** By store and class. */
    public List<Share> shares() {
        record Place(StoreName store, StorageClass storageClass) {}
        Comparator<Place> order =
                Comparator.comparing((Place place) -> place.store().value())
                        .thenComparing(Place::storageClass);
        return objects.stream()
                .collect(
                        Collectors.groupingBy(
                                object -> new Place(object.store().name(), object.storageClass()),
                                () -> new TreeMap<>(order),
                                Collectors.toList()))
                .entrySet()
                .stream()
                .map(entry ->
                        new Share(
                                entry.getKey().store(),
                                entry.getKey().storageClass(),
                                entry.getValue().size(),
                                entry.getValue().stream().mapToLong(ArchivedObject::length).sum()))
                .toList();
    }

    /**
     * The longest that S3 says it takes, from the request on; what goes on already, in a tier that
     * S3 does not tell, is reckoned from now.
     *
     * @throws CairnException {@link ErrorCode#REQUEST_INVALID} if a class knows no such retrieval
     */
    public Duration longest(RetrievalTier tier) {
        return objects.stream()
                .map(object ->
                        object.storageClass()
                                .thawTime(tier)
                                .orElseThrow(() ->
                                        new CairnException(
                                                ErrorCode.REQUEST_INVALID,
                                                object.storageClass()
                                                        + " knows no "
                                                        + tier
                                                        + " retrieval",
                                                "use standard or bulk")))
                .max(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
    }
}
