package io.cairn.catalog.projection;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.time.Duration;

/** Whether the rows tell all that was told. Blocking; thread-safe. */
@FunctionalInterface
public interface CatchUp {

    /**
     * Returns when every lifecycle event published before this call is projected.
     *
     * @throws CairnException {@link ErrorCode#RUN_STALLED} if that takes longer than {@code limit};
     *     {@link ErrorCode#BROKER_UNREACHABLE}, {@link ErrorCode#SERVICE_UNREACHABLE}
     */
    void await(Duration limit);
}
