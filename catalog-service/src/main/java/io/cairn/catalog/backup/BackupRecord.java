package io.cairn.catalog.backup;

import io.cairn.catalog.fact.Fact;
import io.cairn.catalog.fact.Join;
import io.cairn.events.CairnEvent;
import io.cairn.events.EventObject;
import io.cairn.model.AttemptId;
import io.cairn.model.ObjectKey;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import io.cairn.model.backup.ClusterRoot;
import java.time.Instant;

/**
 * One thing that was found out about a copy of a backup: verified, drilled, replicated, locked. The
 * rows are the history; each is also kept as an {@linkplain EventObject object}, so that a catalog
 * rebuilt from the buckets alone has it again.
 *
 * @param what {@link EventObject#VERIFICATIONS}, {@link EventObject#COPIES} or {@link
 *     EventObject#LOCKS}
 * @param eventId the fact's deterministic id
 * @param type the event's CloudEvents type
 * @param data the event's JSON
 */
public record BackupRecord(
        String what,
        String eventId,
        RunId run,
        AttemptId attempt,
        StoreName store,
        Instant at,
        String type,
        String data)
        implements Fact<BackupRecord> {

    public BackupRecord {
        at = Join.micros(at);
    }

    public static BackupRecord of(
            String what,
            CairnEvent event,
            RunId run,
            AttemptId attempt,
            StoreName store,
            Instant at) {
        EventObject object = EventObject.of(event);
        return new BackupRecord(
                what, object.id(), run, attempt, store, at, object.type(), object.data());
    }

    @Override
    public String id() {
        return eventId;
    }

    @Override
    public BackupRecord join(BackupRecord other) {
        return toString().compareTo(other.toString()) <= 0 ? this : other;
    }

    public String backupId() {
        return Backup.id(run, attempt);
    }

    public EventObject object() {
        return new EventObject(eventId, type, data);
    }

    /** Where its object lies. */
    public ObjectKey key(ClusterRoot root) {
        return object().key(root, what, run.label());
    }
}
