package io.cairn.bench;

import java.time.Duration;

/**
 * What one run took.
 *
 * @param wall until everything was durable
 * @param client processor time of the tool with its children
 * @param server processor time of PostgreSQL with its children
 * @param store processor time of the S3 server
 * @param peakBytes most resident memory of the tool's largest process
 */
public record Cost(
        Duration wall, Duration client, Duration server, Duration store, long peakBytes) {

    public double seconds() {
        return seconds(wall);
    }

    /** Client and server together. */
    public double cpuSeconds() {
        return seconds(client.plus(server));
    }

    public static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }
}
