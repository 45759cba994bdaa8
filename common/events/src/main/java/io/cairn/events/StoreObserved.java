package io.cairn.events;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.cairn.model.StoreName;
import java.time.Instant;
import java.util.Optional;

/**
 * Whether a store takes what one process writes to it. Told when that changes, again and again
 * while it takes nothing, and by those for whom it works while others say that it does not.
 *
 * @param observer name of the process
 * @param taking whether it does
 * @param since since when it has taken nothing; where it does, when it last did
 * @param at when this was seen
 * @param failure the last error, in one line
 */
public record StoreObserved(
        StoreName store,
        String observer,
        boolean taking,
        Instant since,
        Instant at,
        Optional<String> failure)
        implements RegionEvent {

    @Override
    @JsonIgnore
    public String key() {
        return store + "/" + observer;
    }

    @Override
    public String deterministicId() {
        return store + ":observed:" + observer + ":" + at;
    }
}
