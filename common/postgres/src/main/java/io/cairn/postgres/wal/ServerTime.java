package io.cairn.postgres.wal;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Times of the replication protocol: microseconds since 2000-01-01 UTC. */
final class ServerTime {

    private static final Instant EPOCH = Instant.parse("2000-01-01T00:00:00Z");

    private ServerTime() {}

    static Instant ofMicros(long micros) {
        return EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    static long toMicros(Instant instant) {
        return EPOCH.until(instant, ChronoUnit.MICROS);
    }
}
