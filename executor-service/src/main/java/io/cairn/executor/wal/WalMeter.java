package io.cairn.executor.wal;

import io.cairn.model.ClusterName;
import java.time.Instant;
import java.util.Optional;

/** What is measured of streams. Thread-safe. */
interface WalMeter {

    void received(ClusterName cluster, long bytes);

    void stored(ClusterName cluster, long bytes);

    /** How many streams this executor holds has changed, or up to when one can be recovered. */
    void held(ClusterName cluster, Optional<Instant> recoverableUntil);

    /** The stream is held no longer. */
    void left(ClusterName cluster);

    void gap(ClusterName cluster);

    void failed(ClusterName cluster, String code);
}
