package io.cairn.executor.wal;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.util.List;

/** A cluster, as somebody sees it who wants its WAL. Thread-safe. */
public interface WalSource {

    /**
     * A session with the cluster's primary, whichever of its hosts that is now.
     *
     * @param applicationName what others see of it; {@code synchronous_standby_names} knows the
     *     stream's
     * @throws CairnException {@link ErrorCode#POSTGRES_NO_PRIMARY} and what else connecting can
     *     fail with
     */
    WalConnection connect(String applicationName);

    /**
     * A session with each standby among the cluster's hosts that can be reached now: one of them
     * may be the next primary.
     */
    List<WalConnection> connectToStandbys(String applicationName);
}
