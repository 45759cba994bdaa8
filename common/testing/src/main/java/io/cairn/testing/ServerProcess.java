package io.cairn.testing;

import java.time.Duration;
import java.util.OptionalInt;

/**
 * One run of a server: a child process, or a container on the host's network with the host's
 * directories, which tests cannot tell apart. Ends with this JVM at the latest. Thread-safe.
 */
interface ServerProcess {

    /** How long a server may take to obey {@link #stop()}. */
    Duration STOP = Duration.ofSeconds(20);

    /** The process as this machine numbers it. */
    long pid();

    boolean isAlive();

    /** Its exit status, or empty if it has not ended within the limit. */
    OptionalInt awaitExit(Duration limit) throws InterruptedException;

    /** {@code SIGTERM}, and {@code SIGKILL} for the one that does not obey within {@link #STOP}. */
    void stop();

    /** Whether {@link #stop()} leaves what makes the next start quicker. */
    default boolean leavesAnArchive() {
        return false;
    }

    /** {@code SIGKILL}; returns when it is gone. */
    void kill();

    /** Stands still without closing connections, until {@link #resume()}. */
    void suspend();

    void resume();
}
