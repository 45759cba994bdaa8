package io.cairn.executor.basebackup;

import java.time.Duration;

/**
 * The limits of a run.
 *
 * @param attempts most attempts of one delivery, the first included, 1 to 20, default 5; each
 *     begins anew
 * @param retryPause before the second attempt, default 5 s; doubles up to {@code retryPauseMax}
 * @param retryPauseMax default 5 min
 * @param fenceLook how often a taken fence is looked at, default 2 s
 * @param stallTimeout how long the holder of the fence may stand still before its session is ended,
 *     default 10 min
 * @param progressEvery how often progress is told, default 2 s, at most 5 s
 * @param chains of backups that need others
 * @param failoverAfter how long a store may take nothing before the run goes on in the next of the
 *     policy's, default 30 s
 */
public record RunSettings(
        int attempts,
        Duration retryPause,
        Duration retryPauseMax,
        Duration fenceLook,
        Duration stallTimeout,
        Duration progressEvery,
        ChainSettings chains,
        Duration failoverAfter) {

    public static final RunSettings DEFAULT =
            new RunSettings(
                    5,
                    Duration.ofSeconds(5),
                    Duration.ofMinutes(5),
                    Duration.ofSeconds(2),
                    Duration.ofMinutes(10),
                    Duration.ofSeconds(2),
                    ChainSettings.DEFAULT,
                    Duration.ofSeconds(30));

    public RunSettings {
        require(failoverAfter.isPositive(), "failoverAfter must be positive");
        require(attempts >= 1 && attempts <= 20, "attempts must be 1 to 20");
        require(retryPause.isPositive(), "retryPause must be positive");
        require(
                retryPauseMax.compareTo(retryPause) >= 0,
                "retryPauseMax must be at least retryPause");
        require(fenceLook.isPositive(), "fenceLook must be positive");
        require(stallTimeout.isPositive(), "stallTimeout must be positive");
        require(
                progressEvery.isPositive() && progressEvery.compareTo(Duration.ofSeconds(5)) <= 0,
                "progressEvery must be more than 0 and at most 5 s");
    }

    public RunSettings withAttempts(int value) {
        return new RunSettings(
                value,
                retryPause,
                retryPauseMax,
                fenceLook,
                stallTimeout,
                progressEvery,
                chains,
                failoverAfter);
    }

    public RunSettings withRetryPause(Duration value) {
        return new RunSettings(
                attempts,
                value,
                longer(value, retryPauseMax),
                fenceLook,
                stallTimeout,
                progressEvery,
                chains,
                failoverAfter);
    }

    public RunSettings withFence(Duration look, Duration stall) {
        return new RunSettings(
                attempts,
                retryPause,
                retryPauseMax,
                look,
                stall,
                progressEvery,
                chains,
                failoverAfter);
    }

    public RunSettings withChains(ChainSettings value) {
        return new RunSettings(
                attempts,
                retryPause,
                retryPauseMax,
                fenceLook,
                stallTimeout,
                progressEvery,
                value,
                failoverAfter);
    }

    public RunSettings withFailoverAfter(Duration value) {
        return new RunSettings(
                attempts,
                retryPause,
                retryPauseMax,
                fenceLook,
                stallTimeout,
                progressEvery,
                chains,
                value);
    }

    /** The pause behind attempt number {@code attempt}, from 1. */
    Duration pauseAfter(int attempt) {
        Duration pause = retryPause.multipliedBy(1L << (attempt - 1));
        return pause.compareTo(retryPauseMax) < 0 ? pause : retryPauseMax;
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) > 0 ? a : b;
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
