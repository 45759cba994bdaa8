package io.cairn.catalog.hold;

import io.cairn.model.StoreName;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.record.LegalHold;
import java.util.List;
import java.util.Optional;

/**
 * A legal hold, and how far it has come in each store.
 *
 * @param release absent while it is in force
 * @param stores those of its cluster's policy, in that order
 */
public record HoldStatus(
        ClusterRoot root,
        LegalHold hold,
        Optional<LegalHold.Release> release,
        List<InStore> stores) {

    public HoldStatus {
        stores = List.copyOf(stores);
    }

    /**
     * @param why what it waits for, where the last round found something
     */
    public record InStore(StoreName store, Progress progress, Optional<String> why) {}

    /** How far a hold has come in a store. */
    public enum Progress {
        /** The store does not answer. */
        UNREACHABLE,
        /** Its record is not there yet. */
        WAITING,
        /** Its record is there, which retention honours; its objects are not all held yet. */
        RECORDED,
        /** Its record is there, and where the bucket has Object Lock, all its objects are held. */
        PLACED,
        /** Its end is recorded, or is to be; its objects may still be held. */
        RELEASING,
        RELEASED
    }

    /** Whether nothing is left to do. */
    public boolean settled() {
        Progress end = release.isPresent() ? Progress.RELEASED : Progress.PLACED;
        return stores.stream().allMatch(store -> store.progress() == end);
    }
}
