package io.cairn.restore.database;

import io.cairn.restore.contents.BackupFile;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The databases that a restore brings back. Of the others it makes files of the right length
 * without content, since replay needs files to be there: the first change of each page after a
 * backup's start carries the page whole. They cannot be used, and are dropped when the cluster has
 * been promoted. What databases share, {@code postgres} and the templates always come back.
 *
 * @param named as the user wrote them; empty for all databases
 * @param excluded oids of the others, as far as the backup has them
 * @param decided whether the names were found in the backup; else {@code excluded} are all that may
 *     be left out, so that what is not left out is needed in any case
 */
public record DatabaseSelection(Set<String> named, Set<Long> excluded, boolean decided) {

    public static final DatabaseSelection ALL = new DatabaseSelection(Set.of(), Set.of());

    /** Without them nobody can connect, or create a database. */
    static final Set<String> SYSTEM = Set.of("postgres", "template0", "template1");

    private static final Pattern OF_DATABASE =
            Pattern.compile("(?:base|pg_tblspc/\\d+/PG_[^/]+)/(\\d+)/([^/]+)");

    /** Relations by their forks and segments; the few others are small, and kept. */
    private static final Pattern RELATION =
            Pattern.compile("(?:INCREMENTAL\\.)?t?\\d+(?:_\\d+)?(?:_(?:fsm|vm|init))?(?:\\.\\d+)?");

    public DatabaseSelection {
        named = Set.copyOf(named);
        excluded = Set.copyOf(excluded);
    }

    DatabaseSelection(Set<String> named, Set<Long> excluded) {
        this(named, excluded, true);
    }

    public boolean isAll() {
        return named.isEmpty();
    }

    /** Names of the databases that stay. */
    public Set<String> kept() {
        Set<String> kept = new TreeSet<>(named);
        kept.addAll(SYSTEM);
        return kept;
    }

    /** Whether a file's content is left out. */
    public boolean leavesOut(BackupFile file) {
        return leavesOut(file.path());
    }

    boolean leavesOut(String path) {
        if (excluded.isEmpty()) {
            return false;
        }
        Matcher matcher = OF_DATABASE.matcher(path);
        return matcher.matches()
                && RELATION.matcher(matcher.group(2)).matches()
                && excluded.contains(Long.parseLong(matcher.group(1)));
    }

    /** The oid of the database that a path is of, if it is of one. */
    static OptionalLong database(String path) {
        Matcher matcher = OF_DATABASE.matcher(path);
        return matcher.matches()
                ? OptionalLong.of(Long.parseLong(matcher.group(1)))
                : OptionalLong.empty();
    }
}
