package io.cairn.executor.basebackup;

import io.cairn.events.CairnEvent;
import io.cairn.executor.publish.RunEvents;
import java.util.ArrayList;
import java.util.List;

/** Remembers what a run said, in order. */
final class ToldEvents implements RunEvents {

    private final List<CairnEvent> facts = new ArrayList<>();

    @Override
    public synchronized void tell(CairnEvent fact) {
        facts.add(fact);
    }

    @Override
    public synchronized void publish(CairnEvent fact) {
        facts.add(fact);
    }

    synchronized List<CairnEvent> all() {
        return List.copyOf(facts);
    }

    <E extends CairnEvent> List<E> all(Class<E> type) {
        return all().stream().filter(type::isInstance).map(type::cast).toList();
    }

    <E extends CairnEvent> E only(Class<E> type) {
        List<E> found = all(type);
        if (found.size() != 1) {
            throw new AssertionError(
                    "not one " + type.getSimpleName() + " but " + found + " in " + all());
        }
        return found.getFirst();
    }

    CairnEvent last() {
        return all().getLast();
    }
}
