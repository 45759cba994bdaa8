package io.cairn.restore.drill;

import io.cairn.restore.engine.RestoreSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * How drills are run.
 *
 * @param scratch directory that each drill makes a directory of its own in, with room for the
 *     largest cluster
 * @param postgres major version → directory that holds {@code bin/postgres}, where it is not to be
 *     looked for
 * @param sharedBuffersMegabytes of the drilled server, 16 or more
 * @param preloadLibraries what a drilled server may preload where the source does, for instance
 *     extensions with WAL records of their own
 * @param startTimeout how long recovery may take
 * @param limit how long the whole of a drill may take
 * @param scratchBytesMax room that one drill may take; empty if only the disk bounds it
 */
public record DrillSettings(
        Path scratch,
        Map<Integer, Path> postgres,
        int sharedBuffersMegabytes,
        Set<String> preloadLibraries,
        Duration startTimeout,
        Duration limit,
        RestoreSettings restore,
        OptionalLong scratchBytesMax) {

    public static final int SHARED_BUFFERS_MEGABYTES_DEFAULT = 64;
    public static final Duration START_TIMEOUT_DEFAULT = Duration.ofHours(1);
    public static final Duration LIMIT_DEFAULT = Duration.ofHours(24);

    public DrillSettings {
        postgres = Map.copyOf(postgres);
        preloadLibraries = Set.copyOf(preloadLibraries);
        if (sharedBuffersMegabytes < 16) {
            throw new IllegalArgumentException("sharedBuffersMegabytes must be at least 16");
        }
        if (!startTimeout.isPositive() || !limit.isPositive()) {
            throw new IllegalArgumentException("startTimeout and limit must be positive");
        }
    }

    public static DrillSettings in(Path scratch) {
        return new DrillSettings(
                scratch,
                Map.of(),
                SHARED_BUFFERS_MEGABYTES_DEFAULT,
                Set.of(),
                START_TIMEOUT_DEFAULT,
                LIMIT_DEFAULT,
                RestoreSettings.defaults(),
                OptionalLong.empty());
    }

    public DrillSettings withScratchBytesMax(long bytes) {
        return new DrillSettings(
                scratch,
                postgres,
                sharedBuffersMegabytes,
                preloadLibraries,
                startTimeout,
                limit,
                restore,
                OptionalLong.of(bytes));
    }
}
