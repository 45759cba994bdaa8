package io.cairn.catalog.archive;

import io.cairn.catalog.archive.DrilledCopies.DrilledCopy;
import io.cairn.model.StoreName;
import io.cairn.model.archival.ArchiveMoment;
import io.cairn.model.archival.ArchiveRule;
import io.cairn.model.archival.VolumeKey;
import io.cairn.model.error.CairnException;
import io.cairn.model.policy.TierPolicy;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.lifecycle.VolumeTags;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Lets the volumes of drilled backups go to their archive class, where the policy says so: adds the
 * tag by which the bucket's lifecycle rule moves them ({@code cairn lifecycle apply}). Nothing is
 * ever moved or copied by hand: a lock stays, and no object is overwritten.
 *
 * <p>Blocking; one round at a time.
 */
public final class ArchiveRound {

    private final Collection<TierPolicy> policies;
    private final Function<StoreName, ObjectStore> stores;
    private final DrilledCopies drilled;

    /** Found tagged by this process; another one looks once more. */
    private final Set<Tagged> done = new HashSet<>();

    private record Tagged(StoreName store, DrilledCopy copy) {}

    public ArchiveRound(
            Collection<TierPolicy> policies,
            Function<StoreName, ObjectStore> stores,
            DrilledCopies drilled) {
        this.policies = List.copyOf(policies);
        this.stores = stores;
        this.drilled = drilled;
    }

    /**
     * @return how many volumes were tagged
     * @throws CairnException the first {@code STORE_…} code; what was tagged before stays so, and
     *     the next round goes on
     */
    public synchronized int run() {
        int tagged = 0;
        for (TierPolicy policy : policies) {
            for (ArchiveRule rule : policy.archive()) {
                if (rule.after() instanceof ArchiveMoment.Drill) {
                    tagged += run(policy, rule);
                }
            }
        }
        return tagged;
    }

    private int run(TierPolicy policy, ArchiveRule rule) {
        int tagged = 0;
        for (DrilledCopy copy : drilled.of(policy.tier(), rule.store())) {
            Tagged place = new Tagged(rule.store(), copy);
            if (rule.covers(copy.layout().label().kind()) && !done.contains(place)) {
                tagged += tag(stores.apply(rule.store()), policy, copy);
                done.add(place);
            }
        }
        return tagged;
    }

    private static int tag(ObjectStore store, TierPolicy policy, DrilledCopy copy) {
        Map<String, String> wanted =
                VolumeTags.drilled(policy.tier(), copy.layout().label().kind());
        int tagged = 0;
        try (Stream<ObjectInfo> parts = store.list(copy.layout().attemptPrefix(copy.attempt()))) {
            for (ObjectInfo part : (Iterable<ObjectInfo>) parts::iterator) {
                boolean volume = VolumeKey.parse(part.key()).isPresent();
                if (volume && !store.tags(part.key()).equals(wanted)) {
                    store.tag(part.key(), wanted);
                    tagged++;
                }
            }
        }
        return tagged;
    }
}
