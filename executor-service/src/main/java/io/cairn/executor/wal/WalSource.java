package io.cairn.executor.wal;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;

/** A cluster, as somebody sees it who wants its WAL. Thread-safe. */
public interface WalSource {

    /**
     * A session with the cluster's primary, whichever of its hosts that is now.
     *
     * @throws CairnException {@link ErrorCode#POSTGRES_NO_PRIMARY} and what else connecting can
     *     fail with
     */
    WalConnection connect();
}
