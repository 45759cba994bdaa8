package io.cairn.catalog.run;

import java.util.Locale;

/** Where a run stands; derived from what is known of it, never stored as knowledge of its own. */
public enum RunState {
    /** Asked for or due, and no executor is at it. */
    QUEUED,
    RUNNING,
    /** The backup is committed. */
    COMPLETED,
    /** The last attempt ended without a backup and there will be no other. */
    FAILED,
    /** It did not start before its deadline. */
    SKIPPED,
    /** Another run covers it. */
    SUPERSEDED;

    /** Still on its way to an end. */
    public boolean active() {
        return this == QUEUED || this == RUNNING;
    }

    /** As the API writes it. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
