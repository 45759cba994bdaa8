package io.cairn.bench.month;

/** That something does not hold, and of what. */
record Violation(Invariant invariant, String how) {

    @Override
    public String toString() {
        return invariant + ": " + how;
    }
}
