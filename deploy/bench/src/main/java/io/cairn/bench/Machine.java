package io.cairn.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What a figure must be read with. */
public final class Machine {

    private Machine() {}

    public static int cores() {
        return Runtime.getRuntime().availableProcessors();
    }

    public static String describe() throws IOException {
        return "%s, %d cores, %s GiB, Linux %s, JDK %s"
                .formatted(
                        field("/proc/cpuinfo", "model name"),
                        cores(),
                        Long.parseLong(field("/proc/meminfo", "MemTotal").replaceAll("\\D", ""))
                                >> 20,
                        System.getProperty("os.version"),
                        System.getProperty("java.version"));
    }

    /** Processes that want to run, averaged over a minute: what else is going on here. */
    public static String load() throws IOException {
        return Files.readString(Path.of("/proc/loadavg")).split(" ")[0];
    }

    /** What an earlier run left to be written must not be paid by the next. */
    public static void settle() throws IOException, InterruptedException {
        new ProcessBuilder("sync").start().waitFor();
    }

    private static String field(String file, String name) throws IOException {
        try (Stream<String> lines = Files.lines(Path.of(file))) {
            return lines.filter(line -> line.startsWith(name))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown");
        }
    }
}
