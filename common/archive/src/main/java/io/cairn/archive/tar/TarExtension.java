package io.cairn.archive.tar;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What extension headers say about the entry that follows them: GNU's long name ({@code L}) and
 * long link ({@code K}), and pax records ({@code x}: {@code "<length> <key>=<value>\n"}).
 */
final class TarExtension {

    /** More than any path or link target that a file system allows. */
    static final int MAX_BYTES = 64 << 10;

    private final Map<String, String> values = new TreeMap<>();

    static boolean isExtension(char type) {
        return type == 'L' || type == 'K' || type == 'x' || type == 'g';
    }

    /** Takes the content of an extension entry. Returns whether it could be read. */
    boolean add(char type, byte[] content) {
        switch (type) {
            case 'L' -> values.put("path", TarHeader.text(content, 0, content.length));
            case 'K' -> values.put("linkpath", TarHeader.text(content, 0, content.length));
            case 'x' -> {
                return addPax(content);
            }
            default -> {
                // Global records: comments and defaults, nothing an entry of ours depends on.
            }
        }
        return true;
    }

    private boolean addPax(byte[] content) {
        int at = 0;
        while (at < content.length) {
            int space = at;
            while (space < content.length && content[space] != ' ') {
                space++;
            }
            int length = digits(content, at, space);
            int end = at + length;
            if (length <= space - at || end > content.length || content[end - 1] != '\n') {
                return false;
            }
            String record = new String(content, space + 1, end - space - 2, StandardCharsets.UTF_8);
            int equals = record.indexOf('=');
            if (equals < 1) {
                return false;
            }
            values.put(record.substring(0, equals), record.substring(equals + 1));
            at = end;
        }
        return true;
    }

    private static int digits(byte[] bytes, int from, int to) {
        int value = 0;
        for (int i = from; i < to; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9 || value > MAX_BYTES) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value;
    }

    Optional<String> path() {
        return Optional.ofNullable(values.get("path"));
    }

    Optional<String> link() {
        return Optional.ofNullable(values.get("linkpath"));
    }

    /**
     * @throws NumberFormatException if the record is no number
     */
    Optional<Long> size() {
        return Optional.ofNullable(values.get("size")).map(Long::valueOf);
    }
}
