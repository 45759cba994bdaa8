package io.cairn.catalog.retention;

import io.cairn.model.BasicTime;
import io.cairn.model.Json;
import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.storage.ObjectStore;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.Optional;

/**
 * Which policy clean-ups follow from a time on, {@code records/policies/<at>.json} in every store.
 * The last one counts; whoever changes the policy is asked before it is followed.
 */
record FollowedPolicy(Instant at, Sha256 policy) {

    private static final int BYTES_MAX = 64 << 10;

    FollowedPolicy {
        at = at.truncatedTo(ChronoUnit.SECONDS);
    }

    private static String prefix(ClusterRoot root) {
        return root.recordsPrefix() + "policies/";
    }

    /** From now on, or right behind the one before should a clock have been wrong then. */
    static FollowedPolicy from(Instant now, Sha256 policy, Optional<FollowedPolicy> before) {
        Instant next = before.map(last -> last.at().plusSeconds(1)).orElse(Instant.MIN);
        return new FollowedPolicy(next.isAfter(now) ? next : now, policy);
    }

    ObjectKey key(ClusterRoot root) {
        return new ObjectKey(prefix(root) + BasicTime.format(at) + ".json");
    }

    byte[] toJson() {
        return Json.write(this);
    }

    static Optional<FollowedPolicy> last(StoredObjects objects) {
        return objects.all(prefix(objects.root()))
                .max(Comparator.comparing(placed -> placed.info().key()))
                .map(placed -> read(objects.store(placed.store()), placed.info().key()));
    }

    private static FollowedPolicy read(ObjectStore store, ObjectKey key) {
        try {
            return Json.read(store.read(key, BYTES_MAX), FollowedPolicy.class);
        } catch (IOException e) {
            throw new CairnException(
                    ErrorCode.RECORD_INVALID,
                    key + " in store '" + store.name() + "' is not the record of a policy",
                    "copy it from another store; nothing is expired while it cannot be read",
                    e);
        }
    }
}
