package io.cairn.postgres.server;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The end of a server's log, for the message that says why it did not start. */
final class LogTail {

    private static final int LINES = 3;
    private static final int BYTES = 4096;

    private LogTail() {}

    static String of(Path log) throws IOException {
        return since(log, 0);
    }

    /**
     * The last FATAL or PANIC line after a position with what follows it, otherwise the last lines.
     */
    static String since(Path log, long position) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            byte[] tail = new byte[(int) Math.min(BYTES, file.length() - position)];
            file.seek(file.length() - tail.length);
            file.readFully(tail);
            return lastLines(new String(tail, StandardCharsets.UTF_8));
        }
    }

    static String lastLines(String text) {
        List<String> lines = text.lines().filter(line -> !line.isBlank()).toList();
        int from = Math.max(0, lines.size() - LINES);
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).contains("FATAL:") || lines.get(i).contains("PANIC:")) {
                from = i;
            }
        }
        return String.join("; ", lines.subList(from, Math.min(lines.size(), from + LINES)));
    }
}
