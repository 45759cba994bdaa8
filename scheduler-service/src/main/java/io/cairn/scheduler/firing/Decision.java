package io.cairn.scheduler.firing;

import io.cairn.events.EventEnvelope;
import io.cairn.model.error.CairnException;
import java.util.List;

/**
 * What has to become true at once, in one transaction.
 *
 * @param events to publish, in this order
 * @param records to remember
 * @param refusals requests that go to the dead-letter topic, with the reason
 * @param notices what an operator should read and no event tells, one line each
 */
public record Decision(
        List<EventEnvelope<?>> events,
        List<ScheduleRecord> records,
        List<Refusal> refusals,
        List<String> notices) {

    public record Refusal(Incoming.Position position, CairnException why) {}

    public Decision {
        events = List.copyOf(events);
        records = List.copyOf(records);
        refusals = List.copyOf(refusals);
        notices = List.copyOf(notices);
    }

    /** Whether nothing would become true; notices alone change nothing. */
    public boolean isEmpty() {
        return events.isEmpty() && records.isEmpty() && refusals.isEmpty();
    }
}
