package io.cairn.executor.basebackup;

import io.cairn.archive.tar.TarEntry;
import io.cairn.archive.tar.TarScanner;
import io.cairn.archive.tar.TarVisitor;
import io.cairn.model.backup.Archive.Tablespace;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.basebackup.IncrementalHeader;
import io.cairn.postgres.basebackup.RelationCuts;
import io.cairn.postgres.basebackup.RelationFile;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Which blocks of the cluster's files an incremental holds, seen while its archives pass, and
 * whether they are all that a restore needs. Where a relation was cut off and has grown again,
 * every block behind the cut must be there: a restore would take one that is not from the backup
 * before, where it is what lay there before the cut. Blocks before the cut are out of danger: only
 * a cut makes a server forget any.
 *
 * <p>Memory: about 150 bytes for each file of which blocks were sent. For one thread.
 */
final class IncrementalBlocks implements TarVisitor {

    /** What is needed of a header, once it has passed. */
    private record Held(long from, long length) {}

    private final Map<RelationFile, Held> files = new HashMap<>();
    private Optional<Tablespace> tablespace = Optional.empty();
    private @Nullable TarScanner scanner;
    private @Nullable IncrementalHeader header;

    void archiveBegins(String name, Optional<Tablespace> of) {
        tablespace = of;
        scanner = new TarScanner(name, this);
    }

    void archiveData(byte[] buffer, int offset, int length) {
        if (scanner == null) {
            throw CairnException.bug("no archive was begun");
        }
        scanner.write(buffer, offset, length);
    }

    @Override
    public void entry(TarEntry entry) {
        header =
                RelationFile.isIncremental(entry.path())
                        ? new IncrementalHeader(entry.path())
                        : null;
    }

    @Override
    public void content(byte[] bytes, int offset, int length) {
        if (header != null) {
            header.write(bytes, offset, length);
        }
    }

    @Override
    public void end(TarEntry entry) {
        if (header != null) {
            files.put(
                    RelationFile.incremental(tablespace, entry.path()),
                    new Held(header.heldFrom(), header.length()));
            header = null;
        }
    }

    /**
     * @throws CairnException {@link ErrorCode#POSTGRES_INCREMENTAL_INCOMPLETE} if blocks are
     *     missing
     */
    void requireWhole(RelationCuts cuts) {
        files.forEach((file, held) -> {
            OptionalLong cut = cuts.within(file);
            if (cut.isPresent() && held.from() > cut.getAsLong()) {
                throw incomplete(file, cut.getAsLong(), held);
            }
        });
    }

    private static CairnException incomplete(RelationFile file, long cut, Held held) {
        return new CairnException(
                ErrorCode.POSTGRES_INCREMENTAL_INCOMPLETE,
                "relation "
                        + file.fork()
                        + " was cut to "
                        + cut
                        + " blocks since the parent and has grown to "
                        + held.length()
                        + (file.segment() == 0 ? "" : " (of its segment " + file.segment() + ")")
                        + ", and the server left some of them out",
                "nothing was committed, a full is taken; ALTER TABLE … SET (vacuum_truncate = off)"
                        + " keeps VACUUM from cutting a table that grows again");
    }
}
