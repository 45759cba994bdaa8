package io.cairn.events;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.cairn.model.StoreName;

/**
 * What is told of a store on {@code cairn.regions}. The topic is compacted, and whoever reads it
 * begins with its first record: decisions have a key of their own each, so that all of them are
 * kept in their order; of everything else the newest counts.
 */
public sealed interface RegionEvent extends CairnEvent
        permits RegionFailedOver,
                RegionReturned,
                StoreObserved,
                FailbackRequested,
                FailbackRefused {

    StoreName store();

    /** The record's key, which decides what compaction keeps. */
    @Override
    @JsonIgnore
    String key();
}
