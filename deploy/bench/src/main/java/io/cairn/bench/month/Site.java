package io.cairn.bench.month;

/** Where services run. Each reaches every region by a network of its own. */
enum Site {
    /** Where everything runs but the executors that take over. */
    HERE,
    /** Where executors run that know nothing of the others, but what they are told. */
    THERE
}
