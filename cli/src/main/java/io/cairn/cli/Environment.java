package io.cairn.cli;

import java.util.Optional;

/** The environment variables that {@code cairn} looks at. */
final class Environment {

    private Environment() {}

    /** A variable that is set to anything but blanks. */
    static Optional<String> get(String name) {
        return Optional.ofNullable(System.getenv(name)).filter(value -> !value.isBlank());
    }
}
