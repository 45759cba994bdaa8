package io.cairn.catalog.request;

import io.cairn.events.BackupRequested;

/**
 * The requests that came through the API, by cluster and idempotency key. Blocking; thread-safe.
 */
public interface Requests {

    /** Keeps {@code request} unless there is one with its key; returns the one that is kept. */
    BackupRequested keep(BackupRequested request);
}
