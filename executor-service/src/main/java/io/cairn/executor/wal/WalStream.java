package io.cairn.executor.wal;

import io.cairn.model.Lsn;
import io.cairn.model.error.CairnException;
import io.cairn.postgres.wal.WalMessage;
import java.time.Duration;

/** WAL as it comes. {@link #next} is for one thread, {@link #status} and {@link #abort} for any. */
public interface WalStream {

    /**
     * Waits for the next message, at most so long.
     *
     * @throws CairnException if the session has ended, or the server says that the WAL is gone
     */
    WalMessage next(Duration limit);

    /** Tells the server how far WAL has come. */
    void status(Lsn written, Lsn flushed, Lsn applied);

    /** Ends the session at once: {@link #next} fails. */
    void abort();
}
