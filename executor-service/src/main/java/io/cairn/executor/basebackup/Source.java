package io.cairn.executor.basebackup;

import io.cairn.model.RunId;
import io.cairn.model.error.CairnException;

/** The PostgreSQL cluster that a run backs up. Thread-safe. */
@FunctionalInterface
public interface Source {

    /**
     * A session with the cluster's primary, under the run's name.
     *
     * @throws CairnException with the code and hint for what keeps the run out
     */
    SourceSession connect(RunId run);
}
