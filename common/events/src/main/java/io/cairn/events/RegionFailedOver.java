package io.cairn.events;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.cairn.model.StoreName;
import java.time.Instant;
import java.util.List;

/**
 * A store is out of service: writers use the next one of their policy's {@code copies}. It counts
 * if its epoch is greater than that of every decision before it in the topic.
 *
 * @param epoch one more than the newest that the author had seen
 * @param since since when it has taken nothing
 * @param at when that was decided
 * @param observers who has seen it, by the names of their processes
 * @param reason one line, for people
 */
public record RegionFailedOver(
        StoreName store,
        long epoch,
        Instant since,
        Instant at,
        List<String> observers,
        String reason)
        implements RegionEvent {

    public RegionFailedOver {
        observers = List.copyOf(observers);
    }

    @Override
    @JsonIgnore
    public String key() {
        return deterministicId();
    }

    @Override
    public String deterministicId() {
        return store + ":failed-over:" + epoch + ":" + at;
    }
}
