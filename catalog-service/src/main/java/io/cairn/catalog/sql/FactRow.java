package io.cairn.catalog.sql;

import io.cairn.catalog.fact.Fact;

/**
 * A row that holds one fact. Written only as a whole, so that what is read back is what was joined.
 *
 * @param <F> the fact
 */
interface FactRow<F extends Fact<F>> {

    F fact();

    void set(F fact);
}
