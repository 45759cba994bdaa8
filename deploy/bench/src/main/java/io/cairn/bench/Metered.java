package io.cairn.bench;

import java.time.Duration;

/** A tool whose use of the machine can be read. For one thread. */
public interface Metered {

    /** Processor time of the tool so far. */
    Duration cpu();

    /** Begins to watch the tool's memory. */
    void watchMemory();

    /** Most resident memory of its largest process since {@link #watchMemory}. */
    long peakBytes();
}
