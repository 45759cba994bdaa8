package io.cairn.executor.wal;

import io.cairn.model.Lsn;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.SegmentSize;
import io.cairn.postgres.wal.ReplicationSlot;
import io.cairn.postgres.wal.TimelineHistory;

/** A session with a cluster's primary. For one thread, except {@link #abort()}. */
public interface WalConnection extends AutoCloseable {

    SystemIdentifier systemIdentifier();

    SegmentSize segmentSize();

    /** The timeline that the server writes now, asked anew. */
    Timeline timeline();

    /** Of the server's timeline, or of one that led to it. */
    TimelineHistory history(Timeline timeline);

    /** Up to where the server has flushed its WAL, asked anew. */
    Lsn flushed();

    /**
     * The slot as it is, made if it is not there, or made anew if it holds nothing any more.
     *
     * @throws CairnException as {@code ReplicationSlots.ensure}
     */
    ReplicationSlot ensureSlot(String name);

    /** Whether commits wait for the stream of the session that is called so, asked anew. */
    boolean isSynchronous(String applicationName);

    /**
     * Lets go of the WAL before {@code to}.
     *
     * @throws CairnException as {@code ReplicationSlots.advance}
     */
    void advance(String slot, Lsn to);

    /**
     * Begins to stream. While it lasts the session takes no other command.
     *
     * @param start the first byte of a segment
     * @throws CairnException {@link ErrorCode#POSTGRES_SLOT_ACTIVE} if another session streams from
     *     the slot; {@link ErrorCode#POSTGRES_WAL_REMOVED} if the server has not got this WAL any
     *     more, which {@link WalStream#next} may find out too
     */
    WalStream stream(String slot, Timeline timeline, Lsn start);

    /** Ends the session at once. Any thread may call it. */
    void abort();

    @Override
    void close();
}
