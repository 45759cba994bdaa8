package io.cairn.bench.rpo0;

import java.util.BitSet;

/** The numbers whose commits have returned. Thread-safe. */
final class Acknowledged {

    private final BitSet numbers = new BitSet();
    private int count;

    synchronized void add(int number) {
        numbers.set(number);
        count++;
    }

    synchronized int count() {
        return count;
    }

    synchronized BitSet snapshot() {
        return (BitSet) numbers.clone();
    }
}
