package io.cairn.executor.wal.postgres;

import io.cairn.executor.wal.WalConnection;
import io.cairn.executor.wal.WalStream;
import io.cairn.model.Lsn;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;
import io.cairn.model.error.CairnException;
import io.cairn.model.wal.SegmentSize;
import io.cairn.postgres.connection.ServerConnection;
import io.cairn.postgres.wal.ReplicationSlot;
import io.cairn.postgres.wal.ReplicationSlots;
import io.cairn.postgres.wal.TimelineHistory;
import io.cairn.postgres.wal.WalMessage;
import io.cairn.postgres.wal.WalReceiver;
import java.time.Duration;

final class PostgresWalConnection implements WalConnection {

    private final ServerConnection session;
    private final ReplicationSlots slots;
    private final SystemIdentifier systemIdentifier;
    private final SegmentSize segmentSize;

    private PostgresWalConnection(
            ServerConnection session, SystemIdentifier systemIdentifier, SegmentSize segmentSize) {
        this.session = session;
        this.slots = new ReplicationSlots(session);
        this.systemIdentifier = systemIdentifier;
        this.segmentSize = segmentSize;
    }

    static PostgresWalConnection on(ServerConnection session) {
        return new PostgresWalConnection(
                session,
                session.identify().systemIdentifier(),
                new SegmentSize(
                        Integer.parseInt(
                                session.value(
                                        "SELECT setting FROM pg_settings WHERE name = 'wal_segment_size'"))));
    }

    @Override
    public SystemIdentifier systemIdentifier() {
        return systemIdentifier;
    }

    @Override
    public SegmentSize segmentSize() {
        return segmentSize;
    }

    @Override
    public Timeline timeline() {
        return session.identify().timeline();
    }

    @Override
    public TimelineHistory history(Timeline timeline) {
        return TimelineHistory.fetch(session, timeline);
    }

    @Override
    public Lsn flushed() {
        return session.identify().flushed();
    }

    @Override
    public ReplicationSlot ensureSlot(String name) {
        return slots.ensure(name);
    }

    @Override
    public boolean isSynchronous(String applicationName) {
        return Boolean.parseBoolean(
                session.value(
                        "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE application_name = ?"
                                + " AND sync_state IN ('sync', 'quorum'))::text",
                        applicationName));
    }

    @Override
    public void advance(String slot, Lsn to) {
        slots.advance(slot, to);
    }

    @Override
    public WalStream stream(String slot, Timeline timeline, Lsn start) {
        WalReceiver receiver = WalReceiver.start(session, slot, timeline, start);
        return new WalStream() {
            @Override
            public WalMessage next(Duration limit) {
                return receiver.next(limit);
            }

            @Override
            public void status(Lsn written, Lsn flushed, Lsn applied) {
                receiver.status(written, flushed, applied);
            }

            @Override
            public void abort() {
                receiver.abort();
            }
        };
    }

    @Override
    public void abort() {
        session.abort();
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (CairnException _) {
            // It could not say goodbye, so it has ended already.
            session.abort();
        }
    }
}
