package io.cairn.restore.server;

import io.cairn.restore.database.HeapRows;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The names of roles that may be superusers with LOGIN, read from the files of {@code pg_authid}: a
 * restored cluster need not have a role {@code postgres}, and without a role nobody can connect and
 * ask. Row versions are taken whether they are visible or not, so a name is a candidate until a
 * connection with it succeeds.
 *
 * <p>The layout read here is that of PostgreSQL 15 to 18: a row of {@code pg_authid} begins with
 * {@code oid}, {@code rolname} (64 bytes), {@code rolsuper}, {@code rolinherit}, {@code
 * rolcreaterole}, {@code rolcreatedb}, {@code rolcanlogin}.
 *
 * @see <a href="https://www.postgresql.org/docs/current/storage-page-layout.html">Database Page
 *     Layout</a>
 */
final class LoginSuperusers {

    private static final int AUTHID = 1260;

    private LoginSuperusers() {}

    /** Candidates in a stopped or checkpointed data directory, {@code postgres} first. */
    static List<String> in(Path dataDirectory) throws IOException {
        Path global = dataDirectory.resolve("global");
        int file = HeapRows.fileOf(AUTHID, Files.readAllBytes(global.resolve("pg_filenode.map")));
        List<String> names = new ArrayList<>();
        HeapRows.visit(
                Files.readAllBytes(global.resolve(Integer.toString(file))),
                (page, row) -> inRow(page, row).ifPresent(names::add));
        return names.stream()
                .distinct()
                .sorted(Comparator.comparing((String name) -> !name.equals("postgres")))
                .toList();
    }

    private static Optional<String> inRow(ByteBuffer page, int row) {
        int flags = row + 4 + HeapRows.NAME;
        boolean superuser = page.get(flags) != 0;
        boolean canLogin = page.get(flags + 4) != 0;
        if (!superuser || !canLogin) {
            return Optional.empty();
        }
        return Optional.of(HeapRows.name(page, row + 4));
    }
}
