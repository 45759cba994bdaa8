package io.cairn.events;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.cairn.model.StoreName;
import java.time.Instant;

/**
 * Somebody wants a store back in service. The replication service compares it with the other stores
 * and answers with {@link RegionReturned} or {@link FailbackRefused}.
 *
 * @param request names this request in the answer
 */
public record FailbackRequested(
        StoreName store, String request, String requestedBy, Instant requestedAt)
        implements RegionEvent {

    @Override
    @JsonIgnore
    public String key() {
        return store + "/failback";
    }

    @Override
    public String deterministicId() {
        return store + ":failback:" + request;
    }
}
