package io.cairn.restore.engine;

import io.cairn.restore.contents.ReadSettings;

/**
 * How a restore is run.
 *
 * @param reading threads and memory
 * @param syncThreads files that are made durable at once, 1 to 64, while others are still being
 *     written
 */
public record RestoreSettings(ReadSettings reading, int syncThreads) {

    public static final int SYNC_THREADS_DEFAULT = 4;
    public static final int SYNC_THREADS_MAX = 64;

    public RestoreSettings {
        if (syncThreads < 1 || syncThreads > SYNC_THREADS_MAX) {
            throw new IllegalArgumentException(
                    "syncThreads " + syncThreads + " is not between 1 and " + SYNC_THREADS_MAX);
        }
    }

    public static RestoreSettings defaults() {
        return new RestoreSettings(ReadSettings.defaults(), SYNC_THREADS_DEFAULT);
    }
}
