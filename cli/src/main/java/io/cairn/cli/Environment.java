package io.cairn.cli;

import java.util.Optional;

/** What {@code cairn} finds around it: environment variables. */
final class Environment {

    private Environment() {}

    /** A variable that is set to anything but blanks. */
    static Optional<String> get(String name) {
        return Optional.ofNullable(System.getenv(name)).filter(value -> !value.isBlank());
    }
}
