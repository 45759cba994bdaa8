package io.cairn.replication.copy;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.service.config.SettingLimits;
import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** How much is copied at once, and how patiently. For each target store. */
@ConfigMapping(prefix = "cairn.replication.copy")
public interface CopySettings {

    long BANDWIDTH_MIN = 4 << 20;

    /**
     * Objects on their way into one store at once; 1 to 64. Each holds a few kilobytes of memory,
     * whatever its size.
     */
    @WithDefault("4")
    int parallel();

    /** Finished backups worked on at once for one store; 1 to 16. */
    @WithDefault("2")
    int backups();

    /**
     * Stored objects waiting to be copied while their backup runs; 100 to 1000000. What is beyond
     * waits for its end.
     */
    @WithDefault("10000")
    int backlog();

    /**
     * Bytes in a second that are streamed into one store, of backups and WAL together; from 4 MiB.
     * Each upload has to get 256 KiB in a second, or its time is up. As fast as it goes if not set.
     * What a store copies by itself is not counted.
     */
    Optional<MemorySize> bandwidth();

    /** Pause before a store that could not be used is tried again; doubles up to the longest. */
    @WithDefault("1s")
    Duration firstPause();

    @WithDefault("30s")
    Duration longestPause();

    /**
     * @throws CairnException {@link ErrorCode#CONFIG_INVALID}
     */
    default CopySettings checked() {
        SettingLimits limits = new SettingLimits("cairn.replication.copy");
        limits.within("parallel", parallel(), 1, 64);
        limits.within("backups", backups(), 1, 16);
        limits.within("backlog", backlog(), 100, 1_000_000);
        if (bandwidth().filter(limit -> limit.asLongValue() < BANDWIDTH_MIN).isPresent()) {
            throw limits.invalid("bandwidth", "at least 4M, or leave it out");
        }
        if (!firstPause().isPositive() || longestPause().compareTo(firstPause()) < 0) {
            throw limits.invalid(
                    "longest-pause", "a pause of at least first-pause, which must be positive");
        }
        return this;
    }
}
