package io.cairn.postgres.basebackup;

import io.cairn.model.backup.Archive.Tablespace;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file of a relation fork.
 *
 * @param segment from 0; each but the last has as many blocks as the others
 */
public record RelationFile(RelationFork fork, long segment) {

    /** What the server puts before the name of a file of which it sends blocks. */
    public static final String INCREMENTAL = "INCREMENTAL.";

    private static final Pattern PATH =
            Pattern.compile(
                    "(?:base/|PG_[^/]+/)?(?<database>\\d+|global)/INCREMENTAL\\."
                            + "(?<number>\\d+)(?:_(?<fork>fsm|vm|init))?(?:\\.(?<segment>\\d+))?");

    private static final long DEFAULT_TABLESPACE = 1663;
    private static final long GLOBAL_TABLESPACE = 1664;
    private static final List<String> FORKS = List.of("main", "fsm", "vm", "init");

    /** Whether the server sent blocks of a file under this path of an archive. */
    public static boolean isIncremental(String path) {
        return path.startsWith(INCREMENTAL, path.lastIndexOf('/') + 1);
    }

    /**
     * The file of which blocks were sent.
     *
     * @param tablespace the archive's; absent for {@code base.tar}
     * @throws CairnException {@link ErrorCode#MANIFEST_MISMATCH} if it is no relation's
     */
    public static RelationFile incremental(Optional<Tablespace> tablespace, String path) {
        Matcher matcher = PATH.matcher(path);
        if (!matcher.matches()) {
            throw new CairnException(
                    ErrorCode.MANIFEST_MISMATCH,
                    "the server sent blocks of " + path + ", which is no file of a relation",
                    "report it with the server's version");
        }
        boolean global = matcher.group("database").equals("global");
        long home =
                tablespace
                        .map(Tablespace::oid)
                        .orElse(global ? GLOBAL_TABLESPACE : DEFAULT_TABLESPACE);
        return new RelationFile(
                new RelationFork(
                        home,
                        global ? 0 : Long.parseLong(matcher.group("database")),
                        Long.parseLong(matcher.group("number")),
                        Optional.ofNullable(matcher.group("fork")).map(FORKS::indexOf).orElse(0)),
                Optional.ofNullable(matcher.group("segment")).map(Long::parseLong).orElse(0L));
    }
}
