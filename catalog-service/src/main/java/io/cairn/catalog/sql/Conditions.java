package io.cairn.catalog.sql;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * The where clause of a query with optional filters: conditions that all hold, with their
 * parameters.
 */
final class Conditions {

    private final List<String> conditions = new ArrayList<>();
    private final Map<String, Object> parameters = new LinkedHashMap<>();

    Conditions and(String condition) {
        conditions.add("(" + condition + ")");
        return this;
    }

    Conditions with(String parameter, Object value) {
        parameters.put(parameter, value);
        return this;
    }

    /** Only where there is a value; it is bound to {@code parameter}. */
    Conditions andIf(Optional<?> value, String condition, String parameter) {
        value.ifPresent(present -> and(condition).with(parameter, present));
        return this;
    }

    String where() {
        return conditions.isEmpty() ? "" : " where " + String.join(" and ", conditions);
    }

    <T> Mutiny.SelectionQuery<T> bind(Mutiny.SelectionQuery<T> query) {
        Mutiny.SelectionQuery<T> bound = query;
        for (Map.Entry<String, Object> parameter : parameters.entrySet()) {
            bound = bound.setParameter(parameter.getKey(), parameter.getValue());
        }
        return bound;
    }
}
