package io.cairn.catalog.retention;

import io.cairn.catalog.retention.History.Fork;
import io.cairn.model.Timeline;
import io.cairn.model.backup.ClusterRoot;
import java.util.Map;

/** Where timelines were left, as events told. Blocking; thread-safe. */
public interface Forks {

    /** By the timeline that was begun. */
    Map<Timeline, Fork> of(ClusterRoot root);
}
