package io.cairn.executor.basebackup;

import java.time.Duration;

/**
 * The limits of backups that need others.
 *
 * @param incrementals most that follow each other on one full, 0 to 1000; with 0, the default, none
 *     is taken: PostgreSQL can leave rows out of one (ADR 12)
 * @param age how old a full may be for anything to build on it, default 2 d; also how far back a
 *     log backup looks for the one before
 * @param summaryWait how long the server may take to summarize its WAL before a full is taken
 *     instead, default 5 min
 * @param walWait how long a log backup waits until its WAL is stored, default 5 min
 */
public record ChainSettings(
        int incrementals, Duration age, Duration summaryWait, Duration walWait) {

    public static final ChainSettings DEFAULT =
            new ChainSettings(0, Duration.ofDays(2), Duration.ofMinutes(5), Duration.ofMinutes(5));

    public ChainSettings {
        require(incrementals >= 0 && incrementals <= 1000, "incrementals must be 0 to 1000");
        require(age.isPositive(), "age must be positive");
        require(summaryWait.isPositive(), "summaryWait must be positive");
        require(walWait.isPositive(), "walWait must be positive");
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
