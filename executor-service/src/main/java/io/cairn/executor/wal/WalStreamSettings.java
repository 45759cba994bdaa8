package io.cairn.executor.wal;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.OptionalInt;

/** How this executor streams WAL. */
@ConfigMapping(prefix = "cairn.executor.wal")
interface WalStreamSettings {

    /** Whether it holds streams at all. */
    @WithDefault("true")
    boolean hold();

    /** Memory of one stream for segments that are filled and stored. */
    @WithDefault("96M")
    MemorySize memory();

    /** Threads that compress, of all streams together; one for each core by default. */
    OptionalInt compressors();

    /** Pieces of one stream on their way to the store at once, 1 to 64. */
    @WithDefault("8")
    int pieces();

    /** How often it is told at most what is stored. */
    @WithDefault("5s")
    Duration archivedEvery();

    /** Before a server or store that failed is tried again; doubles. */
    @WithDefault("200ms")
    Duration retryPause();

    @WithDefault("5s")
    Duration retryPauseMax();

    /** After SIGTERM: how long a stream may go on storing what it has. */
    @WithDefault("20s")
    Duration drainTimeout();

    /** What a taken slot is waited for, times the streams held and one. */
    @WithDefault("500ms")
    Duration slotPause();

    /** How often the stores are compared, to let go of WAL that all of them have. */
    @WithDefault("30s")
    Duration retainedEvery();

    /**
     * Whether the server keeps WAL until every store of the policy has it. Only where the
     * replication service copies it there: otherwise the server would keep all of it.
     */
    @WithDefault("true")
    boolean retainForAll();

    /** With the default of {@code cairn.executor.failover-after}. */
    default WalSettings toWalSettings() {
        return new WalSettings(
                memory().asLongValue(),
                pieces(),
                archivedEvery(),
                retryPause(),
                retryPauseMax(),
                drainTimeout(),
                slotPause(),
                retainedEvery(),
                retainForAll(),
                WalSettings.FAILOVER_AFTER);
    }
}
