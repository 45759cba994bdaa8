package io.cairn.storage.lifecycle;

import io.cairn.config.CairnConfig;
import io.cairn.config.ClusterConfig;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.archival.ArchiveMoment;
import io.cairn.model.archival.ArchiveRule;
import io.cairn.model.archival.VolumeKey;
import io.cairn.model.policy.TierPolicy;
import io.cairn.storage.PutOptions;
import java.util.Optional;

/**
 * How the objects of one store are put: volumes with the tags that lifecycle rules go by and, where
 * the policy says so, in another storage class at once; everything else as it is. For whoever
 * creates backups in a store, or copies them there. Thread-safe.
 */
public final class Placement {

    private final CairnConfig config;
    private final StoreName store;

    public Placement(CairnConfig config, StoreName store) {
        this.config = config;
        this.store = store;
    }

    /**
     * @param key of a volume or of any other object; what belongs to a cluster that is not
     *     configured gets nothing
     */
    public PutOptions options(ObjectKey key) {
        return VolumeKey.parse(key).flatMap(this::volume).orElse(PutOptions.NONE);
    }

    private Optional<PutOptions> volume(VolumeKey volume) {
        return Optional.ofNullable(config.clusters().get(volume.cluster()))
                .map(ClusterConfig::tier)
                .map(config::policy)
                .map(policy -> options(policy, volume));
    }

    private PutOptions options(TierPolicy policy, VolumeKey volume) {
        PutOptions tagged =
                PutOptions.NONE.withTags(VolumeTags.of(policy.tier(), volume.label().kind()));
        return policy.archive(store, volume.label().kind())
                .filter(rule -> rule.after() instanceof ArchiveMoment.Upload)
                .map(ArchiveRule::storageClass)
                .map(storageClass -> tagged.withStorageClass(storageClass.name()))
                .orElse(tagged);
    }
}
