package io.cairn.scheduler.firing;

import io.cairn.events.BackupRequested;
import io.cairn.events.EventEnvelope;
import io.cairn.model.error.CairnException;

/** A record that came in on {@code cairn.requests}. */
public sealed interface Incoming {

    Position position();

    /** Where the record is, so that a refusal can be told apart. */
    record Position(int partition, long offset) {}

    record Request(Position position, EventEnvelope<BackupRequested> event) implements Incoming {}

    /** Nobody can read it, or it is no request. */
    record Unreadable(Position position, CairnException why) implements Incoming {}
}
