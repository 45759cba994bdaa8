package io.cairn.sync;

import io.cairn.model.AttemptId;
import io.cairn.model.ObjectKey;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import io.cairn.model.backup.StoredObject;
import io.cairn.storage.ObjectInfo;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * One object that is to be the same in all stores.
 *
 * @param in what each store that has it tells
 * @param wantedIn where it is missing if it is not there
 * @param named what a commit object says that it is; else its own metadata says so
 * @param sameness when two intact objects of other bytes are the same all the same
 * @param of the backup it belongs to
 * @param stillWanted asked right before it is created anywhere: it may have expired since the
 *     listing
 */
record Item(
        ObjectKey key,
        Map<StoreName, ObjectInfo> in,
        Set<StoreName> wantedIn,
        Optional<StoredObject> named,
        Sameness sameness,
        Optional<Of> of,
        BooleanSupplier stillWanted) {

    enum Sameness {
        /** Never. */
        BYTES,
        /** If they hold the same WAL. */
        WAL,
        /** Always: one fact in different words. */
        FACT
    }

    /**
     * @param beside another object of the backup, with which it is locked and held
     */
    record Of(RunId run, AttemptId attempt, ObjectKey beside) {}

    Item {
        in = Map.copyOf(in);
        wantedIn = Set.copyOf(wantedIn);
    }

    long length() {
        return named.map(StoredObject::length)
                .orElseGet(
                        () -> in.values().stream().mapToLong(ObjectInfo::length).max().orElse(0));
    }

    Optional<Instant> storedAt() {
        return in.values().stream().map(ObjectInfo::lastModified).min(Comparator.naturalOrder());
    }
}
