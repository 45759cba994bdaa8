package io.cairn.postgres.basebackup;

import io.cairn.model.backup.Archive.Tablespace;
import io.cairn.model.backup.CommitObject.PageDamage;
import io.cairn.postgres.connection.ServerMessage;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The server's warnings during a base backup, and which pages they say are damaged. The server
 * names a file and its first five bad blocks, then that it will name no more of that file. Whether
 * anything is damaged at all is told by the error XX001 that follows when everything has been sent;
 * only then do these entries count.
 *
 * <p>The texts may be in the server's language, and a role like ours cannot change that. So what is
 * read is what every translation keeps (those of PostgreSQL 15 were looked through): the path in
 * quotes, then the block in decimal, then two checksums of up to four hexadecimal digits. No number
 * after the path means that further blocks are not named.
 *
 * <p>Not thread-safe.
 */
final class PageDamageReport {

    /** SQLSTATE {@code data_corrupted}. */
    static final String DATA_CORRUPTED = "XX001";

    private static final Pattern QUOTED_PATH =
            Pattern.compile("[\"«»„“]\\h?([^\"«»„“”]*/[^\"«»„“”]*?)\\h?[\"«»“”]");
    private static final Pattern NUMBER = Pattern.compile("\\b(?:[0-9]+|[0-9A-F]{1,4})\\b");

    private static final int NUMBERS_OF_A_BLOCK = 3;

    /** Limits of what one broken disk, or one talkative server, makes us remember. */
    private static final int MOST_ENTRIES = 1000;

    private static final int MOST_WARNINGS = 100;

    private final Set<PageDamage> named = new LinkedHashSet<>();
    private final List<String> warnings = new ArrayList<>();

    void add(ServerMessage message, List<Tablespace> tablespaces) {
        if (!message.severity().equals("WARNING")) {
            return;
        }
        if (warnings.size() < MOST_WARNINGS) {
            warnings.add(message.message());
        }
        Matcher path = QUOTED_PATH.matcher(message.message());
        if (path.find() && named.size() < MOST_ENTRIES) {
            entry(relative(path.group(1), tablespaces), message.message().substring(path.end()))
                    .ifPresent(named::add);
        }
    }

    private static Optional<PageDamage> entry(String file, String rest) {
        List<String> numbers =
                NUMBER.matcher(rest).results().map(result -> result.group()).toList();
        if (numbers.isEmpty()) {
            return Optional.of(new PageDamage(file, Optional.empty()));
        }
        // A single number is the file's total, of which the blocks have been named or said to be
        // left out.
        return numbers.size() < NUMBERS_OF_A_BLOCK || !numbers.getFirst().matches("[0-9]{1,10}")
                ? Optional.empty()
                : Optional.of(new PageDamage(file, Optional.of(Long.valueOf(numbers.getFirst()))));
    }

    /**
     * The server's path, made relative to the data directory: a tablespace is named by its absolute
     * location.
     */
    private static String relative(String path, List<Tablespace> tablespaces) {
        for (Tablespace tablespace : tablespaces) {
            if (path.startsWith(tablespace.location() + "/")) {
                return "pg_tblspc/"
                        + tablespace.oid()
                        + path.substring(tablespace.location().length());
            }
        }
        return path.startsWith("./") ? path.substring(2) : path;
    }

    /** What is damaged, once the server has said that something is. */
    List<PageDamage> damage() {
        return named.isEmpty()
                ? List.of(new PageDamage("(not named by the server)", Optional.empty()))
                : List.copyOf(named);
    }

    List<String> warnings() {
        return warnings;
    }
}
