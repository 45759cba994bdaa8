package io.cairn.events;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.cairn.model.StoreName;
import java.time.Instant;

/**
 * A store is in service again: it was found to hold the same as the other stores of its policies.
 * It counts if its epoch is greater than that of every decision before it in the topic.
 *
 * @param epoch one more than the newest that the author had seen
 * @param at when that was decided
 * @param objects how many were compared
 * @param request id of the request that asked for it
 */
public record RegionReturned(StoreName store, long epoch, Instant at, long objects, String request)
        implements RegionEvent {

    @Override
    @JsonIgnore
    public String key() {
        return deterministicId();
    }

    @Override
    public String deterministicId() {
        return store + ":returned:" + epoch + ":" + at;
    }
}
