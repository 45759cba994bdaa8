package io.cairn.executor.basebackup;

import java.time.Duration;

/**
 * The limits of backups that need others.
 *
 * @param incrementals most that follow each other on one full, 0 to 1000, default 24; with 0 none
 *     is taken
 * @param age how old a full may be for anything to build on it, default 2 d; also how far back a
 *     log backup looks for the one before
 * @param summaryWait how long the server may take to summarize its WAL before a full is taken
 *     instead, default 5 min
 * @param walWait how long a log backup waits until its WAL is stored, default 5 min
 * @param restoreRate how fast a restore goes, in MB/s, 1 to 1000000, default 100: a chain whose
 *     restore would take longer than the tier's RTO goes on with a new full
 */
public record ChainSettings(
        int incrementals, Duration age, Duration summaryWait, Duration walWait, int restoreRate) {

    public static final ChainSettings DEFAULT =
            new ChainSettings(24, Duration.ofDays(2), Duration.ofMinutes(5), Duration.ofMinutes(5));

    public ChainSettings {
        require(incrementals >= 0 && incrementals <= 1000, "incrementals must be 0 to 1000");
        require(age.isPositive(), "age must be positive");
        require(summaryWait.isPositive(), "summaryWait must be positive");
        require(restoreRate >= 1 && restoreRate <= 1_000_000, "restoreRate must be 1 to 1000000");
        require(walWait.isPositive(), "walWait must be positive");
    }

    /** With the restore rate as it is by default. */
    public ChainSettings(int incrementals, Duration age, Duration summaryWait, Duration walWait) {
        this(incrementals, age, summaryWait, walWait, 100);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
