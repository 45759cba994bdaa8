package io.cairn.catalog.run;

import io.cairn.catalog.paging.Page;
import io.cairn.catalog.paging.PageRequest;
import io.cairn.model.RunId;
import io.cairn.model.Tier;
import java.util.Map;
import java.util.Optional;

/** The runs in the record. Blocking; thread-safe. */
public interface Runs {

    /** Newest first. */
    Page<TrackedRun> find(RunFilter filter, PageRequest page);

    Optional<TrackedRun> find(RunId run);

    /** How many runs are queued or running, by tier; what executors are scaled on. */
    Map<Tier, Long> outstanding();
}
