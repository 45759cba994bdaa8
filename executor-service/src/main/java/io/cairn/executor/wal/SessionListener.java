package io.cairn.executor.wal;

import io.cairn.model.Lsn;
import java.time.Instant;
import java.util.Optional;

/** Who wants to know what a session does. Its methods do not wait for anything. */
interface SessionListener {

    void received(long bytes);

    void stored(long bytes);

    /**
     * @param recoverableUntil what moment {@code end} stands for; empty while the stream is behind
     */
    void archived(
            Optional<String> divergence, Lsn start, Lsn end, Optional<Instant> recoverableUntil);

    /** What comes for {@code at} is not what is stored; it goes into a folder of its own. */
    void diverged(Lsn at, String folder);
}
