package io.cairn.cli;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/** What {@code cairn} finds around it: environment variables, and who calls it. */
final class Environment {

    private Environment() {}

    /** A variable that is set to anything but blanks. */
    static Optional<String> get(String name) {
        return Optional.ofNullable(System.getenv(name)).filter(value -> !value.isBlank());
    }

    /** Who calls, as it is recorded: user@host. There is no authentication yet. */
    static String caller() {
        return System.getProperty("user.name") + "@" + host();
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException _) {
            // It has no name that it knows itself.
            return "localhost";
        }
    }
}
