package io.cairn.storage.lifecycle;

import io.cairn.model.StoreName;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a bucket's rules are, and are to be.
 *
 * @param foreign somebody else's rules, which stay as they are
 * @param present Cairn's own that stay
 * @param added that are put
 * @param removed Cairn's own that go, or are put otherwise
 * @param dangers what is wrong with the rules that would remain; nothing is changed while there is
 *     any
 */
public record LifecyclePlan(
        StoreName store,
        List<LifecycleRule> foreign,
        List<LifecycleRule> present,
        List<LifecycleRule> added,
        List<LifecycleRule> removed,
        List<String> dangers) {

    public LifecyclePlan {
        foreign = List.copyOf(foreign);
        present = List.copyOf(present);
        added = List.copyOf(added);
        removed = List.copyOf(removed);
        dangers = List.copyOf(dangers);
    }

    public boolean changes() {
        return !added.isEmpty() || !removed.isEmpty();
    }

    /** The whole configuration as it is to be. */
    public List<LifecycleRule> result() {
        return Stream.of(foreign, present, added).flatMap(List::stream).toList();
    }

    /**
     * @throws CairnException {@link ErrorCode#LIFECYCLE_UNSAFE}
     */
    public void requireSafe() {
        if (!dangers.isEmpty()) {
            throw new CairnException(
                    ErrorCode.LIFECYCLE_UNSAFE,
                    "store '" + store + "': " + dangers.getFirst(),
                    "remove that rule, or keep it from Cairn's objects by a prefix; expiry is Cairn's own");
        }
    }
}
