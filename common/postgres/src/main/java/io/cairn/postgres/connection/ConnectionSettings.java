package io.cairn.postgres.connection;

import java.time.Duration;

/**
 * The limits of a connection.
 *
 * @param connectTimeout until a host has accepted the connection and authenticated it; whole
 *     seconds, 1 or more; default 10 s
 * @param readTimeout how long a server that owes an answer may send nothing before it counts as
 *     dead; default 5 min (it may be waiting for its disk). A receiver that is slow itself is not
 *     counted: only waiting for the server is.
 */
public record ConnectionSettings(Duration connectTimeout, Duration readTimeout) {

    public static final ConnectionSettings DEFAULT =
            new ConnectionSettings(Duration.ofSeconds(10), Duration.ofMinutes(5));

    public ConnectionSettings {
        requireBetween(
                connectTimeout, Duration.ofSeconds(1), Duration.ofMinutes(10), "connectTimeout");
        requireBetween(readTimeout, Duration.ofSeconds(1), Duration.ofDays(1), "readTimeout");
    }

    private static void requireBetween(Duration value, Duration least, Duration most, String name) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw new IllegalArgumentException(
                    name + " is " + value + ", not between " + least + " and " + most);
        }
    }

    public ConnectionSettings withReadTimeout(Duration timeout) {
        return new ConnectionSettings(connectTimeout, timeout);
    }
}
