package io.cairn.bench.wal;

import io.cairn.bench.Metered;

/** A tool that archives a {@link Workload}. For one thread. */
interface Archiver extends Metered {

    String name();

    /** Forgets what it archived before, outside of what is measured. */
    void prepare() throws Exception;

    /** Archives all segments; at its return they are durable where the tool keeps them. */
    void archive() throws Exception;

    /** Bytes of what it has archived. */
    long stored() throws Exception;
}
