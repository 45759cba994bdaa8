package io.cairn.storage.s3;

import java.time.Duration;

/**
 * Limits of the traffic with one store.
 *
 * @param connections most connections at once, 1 to 1024; who asks for one more waits
 * @param connectTimeout until a connection, with its TLS handshake, is there
 * @param idleTimeout the longest silence of the store on an open connection
 * @param attemptTimeout for one try; an upload's is longer by its length at {@code
 *     minimumBytesPerSecond}
 * @param totalTimeout for a call with all its tries; an upload's is longer likewise, for each try
 * @param attempts tries of one call, 1 to 20
 * @param firstPause before the second try; doubles with every further one
 * @param longestPause between two tries
 * @param minimumBytesPerSecond the slowest upload that is not given up
 */
public record S3Settings(
        int connections,
        Duration connectTimeout,
        Duration idleTimeout,
        Duration attemptTimeout,
        Duration totalTimeout,
        int attempts,
        Duration firstPause,
        Duration longestPause,
        long minimumBytesPerSecond) {

    /** Rides out a store that is away for some 10 seconds. */
    public static final S3Settings DEFAULT =
            new S3Settings(
                    64,
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(60),
                    Duration.ofMinutes(3),
                    8,
                    Duration.ofMillis(200),
                    Duration.ofSeconds(5),
                    256 * 1024);

    public S3Settings {
        if (connections < 1
                || connections > 1024
                || attempts < 1
                || attempts > 20
                || minimumBytesPerSecond < 1) {
            throw new IllegalArgumentException(
                    "out of range: connections "
                            + connections
                            + ", attempts "
                            + attempts
                            + ", minimumBytesPerSecond "
                            + minimumBytesPerSecond);
        }
    }

    /**
     * The same with another number of tries and another first pause: short for who waits at a
     * terminal.
     */
    public S3Settings retrying(int tries, Duration pause) {
        return new S3Settings(
                connections,
                connectTimeout,
                idleTimeout,
                attemptTimeout,
                totalTimeout,
                tries,
                pause,
                longestPause,
                minimumBytesPerSecond);
    }

    /** What one transfer of {@code bytes} may take beyond the time-outs. */
    Duration transfer(long bytes) {
        return Duration.ofSeconds(bytes / minimumBytesPerSecond);
    }
}
