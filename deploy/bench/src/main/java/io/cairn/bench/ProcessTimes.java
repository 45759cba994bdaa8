package io.cairn.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Processor time of one process, to a hundredth of a second.
 *
 * @param own of the process with all its threads
 * @param waited of the children that have ended and been waited for, with theirs
 * @see <a href="https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html">proc_pid_stat(5)</a>
 */
public record ProcessTimes(long pid, long parent, Duration own, Duration waited) {

    /** {@code USER_HZ}, the same on every Linux that the JDK runs on. */
    private static final long TICK_MILLIS = 10;

    private static final Path PROC = Path.of("/proc");

    public static ProcessTimes self() {
        return of(ProcessHandle.current().pid()).orElseThrow();
    }

    /**
     * Everything that a process and its living descendants have used, and what those had used that
     * have ended.
     */
    public static Duration tree(long root) {
        Map<Long, ProcessTimes> all = new HashMap<>();
        try (Stream<Path> entries = Files.list(PROC)) {
            entries.map(path -> path.getFileName().toString())
                    .filter(name -> name.matches("\\d+"))
                    .flatMap(name -> of(Long.parseLong(name)).stream())
                    .forEach(process -> all.put(process.pid(), process));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all.values().stream()
                .filter(process -> process.descendsFrom(root, all))
                .map(process -> process.own().plus(process.waited()))
                .reduce(Duration.ZERO, Duration::plus);
    }

    private boolean descendsFrom(long root, Map<Long, ProcessTimes> all) {
        for (ProcessTimes process = this; process != null; process = all.get(process.parent())) {
            if (process.pid() == root) {
                return true;
            }
        }
        return false;
    }

    private static Optional<ProcessTimes> of(long pid) {
        try {
            String stat = Files.readString(PROC.resolve(pid + "/stat"));
            // The name, in parentheses, may hold anything; behind it come state (field 3), parent
            // (4) … utime (14).
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return Optional.of(
                    new ProcessTimes(
                            pid,
                            Long.parseLong(fields[1]),
                            time(fields[11], fields[12]),
                            time(fields[13], fields[14])));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            // A process that ends while it is read: ESRCH.
            if (Files.exists(PROC.resolve(Long.toString(pid)))) {
                throw new UncheckedIOException(e);
            }
            return Optional.empty();
        }
    }

    private static Duration time(String user, String system) {
        return Duration.ofMillis((Long.parseLong(user) + Long.parseLong(system)) * TICK_MILLIS);
    }

    /**
     * Forgets this process's peak of resident memory, so that the next one is that of what runs
     * next.
     */
    public static void forgetPeak() {
        try {
            Files.write(PROC.resolve("self/clear_refs"), List.of("5"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
