package io.cairn.catalog.fact;

/**
 * What is known of one thing. Events reach the catalog in any order, some twice; so that the same
 * events always end in the same rows, knowledge only ever grows by {@link #join}, which is
 * commutative, associative and idempotent: facts of one id form a join-semilattice, and the row is
 * the join of all that was told.
 *
 * @param <F> the implementing record, compared by value
 */
public interface Fact<F extends Fact<F>> {

    /** Names the thing; the row's primary key. */
    String id();

    /** What is known when both are. {@code other} has the same id. */
    F join(F other);
}
