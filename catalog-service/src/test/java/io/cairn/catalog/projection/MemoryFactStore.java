package io.cairn.catalog.projection;

import io.cairn.catalog.fact.FactMap;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;

/** The rows in memory. Fails on demand. */
public final class MemoryFactStore implements FactStore {

    private final Map<TopicPartition, Long> projected = new HashMap<>();
    private final Deque<ErrorCode> failures = new ArrayDeque<>();
    private Predicate<FactSet> refused = _ -> false;
    private FactSet rows = FactSet.EMPTY;
    private int joins;

    /** The next calls fail with these, one after the other. */
    public MemoryFactStore fail(ErrorCode... codes) {
        failures.addAll(List.of(codes));
        return this;
    }

    /** Every call with such facts is refused for good. */
    public MemoryFactStore refuse(Predicate<FactSet> facts) {
        refused = facts;
        return this;
    }

    @Override
    public void join(FactSet facts, Map<TopicPartition, Long> next) {
        joins++;
        if (!failures.isEmpty()) {
            throw new CairnException(failures.removeFirst(), "as told", null);
        }
        if (refused.test(facts)) {
            throw new CairnException(ErrorCode.INTERNAL, "the database refused a statement", null);
        }
        rows = rows.join(facts);
        projected.putAll(next);
    }

    @Override
    public Map<TopicPartition, Long> projected() {
        return Map.copyOf(projected);
    }

    @Override
    public void replaceBackups(Supplier<FactSet> found) {
        FactSet facts = found.get();
        rows =
                new FactSet(
                                rows.clusters(),
                                rows.runs(),
                                rows.attempts(),
                                FactMap.none(),
                                FactMap.none(),
                                FactMap.none(),
                                rows.lags(),
                                rows.assessments(),
                                rows.expiries(),
                                rows.wal().replacedBy(facts.wal()))
                        .join(facts);
    }

    public FactSet rows() {
        return rows;
    }

    public int joins() {
        return joins;
    }
}
