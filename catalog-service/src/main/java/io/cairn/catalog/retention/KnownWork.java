package io.cairn.catalog.retention;

import io.cairn.catalog.retention.History.Fork;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Timeline;
import io.cairn.model.backup.ClusterRoot;
import java.util.Map;
import java.util.Set;

/**
 * What the buckets do not show: work that goes on, and where timelines were left. Not to know a
 * fork keeps more, never less.
 */
public interface KnownWork {

    KnownWork NONE =
            new KnownWork() {
                @Override
                public Map<BackupLabel, Set<Reason.Work>> busy(ClusterName cluster) {
                    return Map.of();
                }

                @Override
                public Map<Timeline, Fork> forks(ClusterRoot root) {
                    return Map.of();
                }
            };

    Map<BackupLabel, Set<Reason.Work>> busy(ClusterName cluster);

    /** By the timeline that was begun. */
    Map<Timeline, Fork> forks(ClusterRoot root);
}
