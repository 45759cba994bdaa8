package io.cairn.events;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.cairn.model.StoreName;
import java.time.Instant;
import java.util.List;

/**
 * A store stays out of service although somebody wants it back; nothing has changed.
 *
 * @param request id of the request
 * @param reason one line, for people
 * @param differences how many objects one of the stores lacks, or has with other content
 * @param examples the first of them, each with the store that lacks it
 */
public record FailbackRefused(
        StoreName store,
        String request,
        Instant at,
        String reason,
        long differences,
        List<String> examples)
        implements RegionEvent {

    public FailbackRefused {
        examples = List.copyOf(examples);
    }

    @Override
    @JsonIgnore
    public String key() {
        return store + "/failback-refused";
    }

    @Override
    public String deterministicId() {
        return store + ":failback-refused:" + request;
    }
}
