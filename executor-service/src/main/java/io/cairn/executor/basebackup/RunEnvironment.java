package io.cairn.executor.basebackup;

import java.security.SecureRandom;
import java.util.random.RandomGenerator;

/**
 * What a run has of the process it runs in.
 *
 * @param executor which process, for people: {@code host/pid}
 * @param random for attempt ids; keys have their own
 */
public record RunEnvironment(
        String executor, RunClock clock, RandomGenerator random, BackupMeter meter) {

    /** The system's clock and randomness, unmetered. */
    public static RunEnvironment of(String executor) {
        return new RunEnvironment(executor, RunClock.SYSTEM, new SecureRandom(), BackupMeter.NONE);
    }

    public RunEnvironment withClock(RunClock other) {
        return new RunEnvironment(executor, other, random, meter);
    }
}
