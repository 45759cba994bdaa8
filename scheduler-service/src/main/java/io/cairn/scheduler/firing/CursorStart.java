package io.cairn.scheduler.firing;

/** Where the cursor stands when the scheduler starts. */
public enum CursorStart {
    /** Where it was committed last. */
    KEEP,
    /**
     * At the clock's time: what was due before is left out. The way back after a clock had run
     * ahead.
     */
    NOW
}
