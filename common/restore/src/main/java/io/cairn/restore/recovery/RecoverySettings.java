package io.cairn.restore.recovery;

import io.cairn.model.wal.LsnRange;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How a recovery is run.
 *
 * @param aheadBytes disk that WAL may take which has been fetched and not been replayed, once the
 *     server is consistent; up to there it gets all the WAL its backup needs
 * @param fetchThreads segments that are fetched at once, 1 to 64
 * @param fetchMemoryBytes bound of the memory for them; with large segments fewer are fetched, but
 *     always one
 * @param fetchTimeout how long a segment is tried again that cannot be fetched
 * @param stallTimeout after which replay has stopped, if the server has everything it could go on
 *     with
 * @param startTimeout how long the server may take until it is consistent
 * @param postgres major version → directory that holds {@code bin/postgres}, where it is not to be
 *     looked for
 * @param preloadLibraries what the server may preload where the source does, for instance
 *     extensions with WAL records of their own
 * @param sandbox where the socket of a server lies that is {@linkplain
 *     io.cairn.postgres.server.LocalServer.Builder#sandboxed() sandboxed}; empty if it is not
 */
public record RecoverySettings(
        long aheadBytes,
        int fetchThreads,
        long fetchMemoryBytes,
        Duration fetchTimeout,
        Duration stallTimeout,
        Duration startTimeout,
        int sharedBuffersMegabytes,
        Map<Integer, Path> postgres,
        Set<String> preloadLibraries,
        Optional<Path> sandbox) {

    public static final long AHEAD_BYTES_DEFAULT = 1L << 30;
    public static final int FETCH_THREADS_DEFAULT = 4;
    public static final int FETCH_THREADS_MAX = 64;
    public static final long FETCH_MEMORY_BYTES_DEFAULT = 256L << 20;
    public static final Duration FETCH_TIMEOUT_DEFAULT = Duration.ofMinutes(10);
    public static final Duration STALL_TIMEOUT_DEFAULT = Duration.ofSeconds(10);
    public static final Duration START_TIMEOUT_DEFAULT = Duration.ofHours(1);
    public static final int SHARED_BUFFERS_MEGABYTES_DEFAULT = 128;

    public RecoverySettings {
        postgres = Map.copyOf(postgres);
        preloadLibraries = Set.copyOf(preloadLibraries);
        if (aheadBytes < 1 || fetchMemoryBytes < 1 || sharedBuffersMegabytes < 16) {
            throw new IllegalArgumentException("a recovery needs disk and memory");
        }
        if (fetchThreads < 1 || fetchThreads > FETCH_THREADS_MAX) {
            throw new IllegalArgumentException(
                    "fetchThreads " + fetchThreads + " is not between 1 and " + FETCH_THREADS_MAX);
        }
        if (fetchTimeout.isNegative() || !stallTimeout.isPositive() || !startTimeout.isPositive()) {
            throw new IllegalArgumentException("time limits must be positive");
        }
    }

    public static RecoverySettings defaults() {
        return new RecoverySettings(
                AHEAD_BYTES_DEFAULT,
                FETCH_THREADS_DEFAULT,
                FETCH_MEMORY_BYTES_DEFAULT,
                FETCH_TIMEOUT_DEFAULT,
                STALL_TIMEOUT_DEFAULT,
                START_TIMEOUT_DEFAULT,
                SHARED_BUFFERS_MEGABYTES_DEFAULT,
                Map.of(),
                Set.of(),
                Optional.empty());
    }

    public RecoverySettings withFetchTimeout(Duration timeout) {
        return new RecoverySettings(
                aheadBytes,
                fetchThreads,
                fetchMemoryBytes,
                timeout,
                stallTimeout,
                startTimeout,
                sharedBuffersMegabytes,
                postgres,
                preloadLibraries,
                sandbox);
    }

    public RecoverySettings withStallTimeout(Duration timeout) {
        return new RecoverySettings(
                aheadBytes,
                fetchThreads,
                fetchMemoryBytes,
                fetchTimeout,
                timeout,
                startTimeout,
                sharedBuffersMegabytes,
                postgres,
                preloadLibraries,
                sandbox);
    }

    public RecoverySettings withPostgres(Map<Integer, Path> programs) {
        return new RecoverySettings(
                aheadBytes,
                fetchThreads,
                fetchMemoryBytes,
                fetchTimeout,
                stallTimeout,
                startTimeout,
                sharedBuffersMegabytes,
                programs,
                preloadLibraries,
                sandbox);
    }

    /**
     * The most of its disk that WAL takes while it is replayed: what the server needs to become
     * consistent, what it keeps up to its next restart point, and what waits.
     *
     * @param wal what is replayed
     * @param untilConsistent how much of it the backup needs
     */
    public long walOnDisk(LsnRange wal, long untilConsistent, int segmentBytes) {
        long segments = (wal.bytes() + segmentBytes - 1) / segmentBytes * segmentBytes;
        // One segment always fits, and one more is being written.
        long ahead = Math.max(aheadBytes, segmentBytes) + segmentBytes;
        return Math.min(segments, untilConsistent + ahead + maxWalBytes());
    }

    /** {@code max_wal_size}: what the server keeps up to its next restart point. */
    long maxWalBytes() {
        return Math.max(64L << 20, aheadBytes / 2);
    }

    /** Segments fetched at once: each takes three times its bytes of memory. */
    int fetchesAtOnce(int segmentBytes) {
        return Math.clamp(fetchMemoryBytes / (3L * segmentBytes), 1, fetchThreads);
    }
}
