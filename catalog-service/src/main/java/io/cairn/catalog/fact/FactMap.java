package io.cairn.catalog.fact;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Facts of one type by their id; joins id by id. Immutable.
 *
 * @param byId sorted, so that rows are always locked and written in the same order
 */
public record FactMap<F extends Fact<F>>(SortedMap<String, F> byId) {

    public FactMap {
        byId = Collections.unmodifiableSortedMap(new TreeMap<>(byId));
    }

    public static <F extends Fact<F>> FactMap<F> none() {
        return new FactMap<>(new TreeMap<String, F>());
    }

    public static <F extends Fact<F>> FactMap<F> of(F fact) {
        return new FactMap<>(new TreeMap<String, F>(Map.of(fact.id(), fact)));
    }

    public FactMap<F> join(FactMap<F> other) {
        TreeMap<String, F> joined = new TreeMap<>(byId);
        other.byId.forEach((id, fact) -> joined.merge(id, fact, Fact::join));
        return new FactMap<>(joined);
    }

    public boolean isEmpty() {
        return byId.isEmpty();
    }
}
