package io.cairn.restore.recovery;

import io.cairn.model.Lsn;
import io.cairn.model.StoreName;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.postgres.wal.TimelineHistory;
import io.cairn.restore.wal.WalInventory;
import io.cairn.restore.wal.WalObject;
import io.cairn.restore.wal.WalPath;
import io.cairn.storage.ObjectStore;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How far a live server could be recovered from the stores now: from its newest backup on, the
 * stores together, as a restore reads them. Looks at listings alone, from the backup on, so it
 * needs no key. For one thread.
 */
public final class StoredReach {

    private final CommitObject base;
    private final TimelineHistory history;
    private final List<ObjectStore> stores;
    private final SegmentSize size;
    private Lsn reached;
    private Optional<WalPath> path = Optional.empty();

    private StoredReach(CommitObject base, TimelineHistory history, List<ObjectStore> stores) {
        this.base = base;
        this.history = history;
        this.stores = List.copyOf(stores);
        this.size = SegmentSize.of(base);
        this.reached = Recoverable.firstNeeded(base, history.switchPoint(base.timeline()), size);
    }

    /**
     * @param backups of the server's system identifier, of any kind
     * @param history of the server's timeline
     * @return empty if its WAL continues none of them
     */
    public static Optional<StoredReach> of(
            List<CommitObject> backups, TimelineHistory history, List<ObjectStore> stores) {
        return backups.stream()
                .filter(RecoveryPlanner::isBase)
                .filter(backup -> history.continues(backup.timeline(), backup.stopLsn()))
                .max(Comparator.comparing(CommitObject::stopLsn))
                .map(base -> new StoredReach(base, history, stores));
    }

    /** The backup that a recovery would begin with. */
    public CommitObject base() {
        return base;
    }

    /**
     * The first byte that is not stored, as far as is known now: lists anew what was not there.
     *
     * @throws CairnException the first store's, if no store can be listed
     */
    public Lsn end() {
        WalPath now =
                WalPath.along(
                        history,
                        WalInventory.listFrom(
                                base.layout().root(), size, stores, history, reached));
        path = Optional.of(now);
        reached = now.storedFrom(reached);
        return reached;
    }

    /** The stores that hold the byte before {@code end}, by the last look. */
    public List<StoreName> holding(Lsn end) {
        return path.stream()
                .flatMap(known -> known.parts(new LsnRange(end.plus(-1), end)).stream())
                .flatMap(List::stream)
                .map(WalPath.Part::object)
                .flatMap(StoredReach::copies)
                .distinct()
                .toList();
    }

    private static Stream<StoreName> copies(WalObject object) {
        return object.copies().stream().map(ObjectStore::name);
    }
}
