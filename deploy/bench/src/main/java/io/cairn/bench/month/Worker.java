package io.cairn.bench.month;

/** Who works on the stores; each sees them through what its part of Cairn puts before them. */
enum Worker {
    EXECUTOR,
    COPIER,
    REPAIRER,
    RETENTION,
    LOCKER,
    HOLDER,
    VALIDATOR,
    CUSTODIAN,
    READER
}
