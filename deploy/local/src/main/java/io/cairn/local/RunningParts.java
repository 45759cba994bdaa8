package io.cairn.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which processes the platform started, on disk, so that {@code down} can end them after the
 * supervisor was killed. A pid alone could belong to somebody else by now: the start time must
 * match too.
 */
final class RunningParts {

    /** The process that starts and stops all others. */
    static final String SUPERVISOR = "supervisor";

    private RunningParts() {}

    static void record(StateFolder state, String part, long pid) {
        record(state, part, ProcessHandle.of(pid).orElseThrow());
    }

    static void record(StateFolder state, String part, ProcessHandle process) {
        String started = process.info().startInstant().map(Instant::toString).orElse("");
        try {
            Files.writeString(state.running().resolve(part), process.pid() + " " + started + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The process that was recorded for a part, if it still runs. */
    static Optional<ProcessHandle> find(StateFolder state, String part) {
        Path file = state.running().resolve(part);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            String[] words = Files.readString(file).strip().split(" ");
            return ProcessHandle.of(Long.parseLong(words[0]))
                    .filter(ProcessHandle::isAlive)
                    .filter(process ->
                            words.length > 1
                                    && process.info()
                                            .startInstant()
                                            .map(Instant::toString)
                                            .orElse("")
                                            .equals(words[1]));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<String> parts(StateFolder state) {
        if (!Files.isDirectory(state.running())) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(state.running())) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void forget(StateFolder state, String part) {
        try {
            Files.deleteIfExists(state.running().resolve(part));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
