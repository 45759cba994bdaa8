package io.cairn.restore.database;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.archive.tar.TarEntry;
import io.cairn.model.backup.Volume;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.restore.contents.ArchiveMap;
import io.cairn.restore.contents.BackupFile;
import io.cairn.restore.contents.ContentReader;
import io.cairn.restore.contents.ContentVisitor;
import io.cairn.restore.contents.OpenedBackup;
import io.cairn.restore.contents.PartFailure;
import io.cairn.restore.contents.ReadSettings;
import io.cairn.restore.incremental.IncrementalFile;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds in a backup which databases are meant by names, by the pages of {@code pg_database}: a row
 * begins with {@code oid} and {@code datname}, in PostgreSQL 15 to 18. Row versions are taken
 * whether they are visible or not, so that of a database that was renamed either name keeps it.
 */
public final class Databases {

    private static final int PG_DATABASE = 1262;
    private static final String MAP = "global/pg_filenode.map";

    /** A catalog of databases of many thousands of rows. */
    private static final long BYTES_MAX = 64L << 20;

    /** Below are those that initdb made. */
    private static final long FIRST_NORMAL_OID = 16384;

    private final Map<Long, Set<String>> names = new TreeMap<>();

    private Databases() {}

    /**
     * Undecided where the pages cannot be read before they are thawed.
     *
     * @param chain the full backup first
     * @throws CairnException {@link ErrorCode#REQUEST_INVALID} if a name is of no database
     */
    public static DatabaseSelection select(Set<String> named, Iterable<OpenedBackup> chain) {
        if (named.isEmpty()) {
            return DatabaseSelection.ALL;
        }
        Databases databases = new Databases();
        Set<Long> stored = new HashSet<>();
        chain.forEach(backup ->
                backup.contents().files().stream()
                        .map(BackupFile::path)
                        .map(DatabaseSelection::database)
                        .forEach(oid -> oid.ifPresent(stored::add)));
        try {
            for (OpenedBackup backup : chain) {
                databases.read(backup);
            }
        } catch (CairnException e) {
            if (e.code() != ErrorCode.STORE_OBJECT_ARCHIVED) {
                throw e;
            }
            return undecided(named, stored);
        } catch (IOException e) {
            throw new CairnException(
                    ErrorCode.FORMAT_UNSUPPORTED,
                    "the databases of the backup cannot be told: " + e.getMessage(),
                    "restore all of them, without --database",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CairnException(
                    ErrorCode.RUN_DRAINED, "interrupted while planning", "run it again", e);
        }
        databases.requireKnown(named);
        stored.removeIf(oid -> databases.isKept(oid, named));
        return new DatabaseSelection(named, stored);
    }

    /** Where as many are named as there are, all are meant: nobody waits twice for a thaw then. */
    private static DatabaseSelection undecided(Set<String> named, Set<Long> stored) {
        Set<Long> perhaps = new HashSet<>(stored);
        perhaps.removeIf(oid -> oid < FIRST_NORMAL_OID);
        Set<String> normal = new HashSet<>(named);
        normal.removeAll(DatabaseSelection.SYSTEM);
        return new DatabaseSelection(
                named, normal.size() >= perhaps.size() ? Set.of() : perhaps, false);
    }

    private boolean isKept(long oid, Set<String> named) {
        Set<String> known = names.getOrDefault(oid, Set.of());
        return oid < FIRST_NORMAL_OID
                || known.stream().anyMatch(named::contains)
                || known.stream().anyMatch(DatabaseSelection.SYSTEM::contains);
    }

    private void requireKnown(Set<String> named) {
        Set<String> known = new TreeSet<>();
        names.values().forEach(known::addAll);
        for (String name : new TreeSet<>(named)) {
            if (!known.contains(name)) {
                throw new CairnException(
                        ErrorCode.REQUEST_INVALID,
                        "the backup has no database '" + name + "'",
                        "it has: " + String.join(", ", known));
            }
        }
    }

    private void read(OpenedBackup backup) throws IOException, InterruptedException {
        byte[] map = contents(backup, Set.of(MAP)).get(MAP);
        if (map == null) {
            throw new IOException(backup.commit().run() + " has no " + MAP);
        }
        String file = "global/" + HeapRows.fileOf(PG_DATABASE, map);
        // Blocks of an incremental backup are pages too.
        contents(backup, Set.of(file, IncrementalFile.incremental(file)))
                .values()
                .forEach(pages ->
                        HeapRows.visit(
                                pages,
                                (page, row) -> {
                                    if (row + Integer.BYTES + HeapRows.NAME <= page.limit()) {
                                        long oid = Integer.toUnsignedLong(page.getInt(row));
                                        names.computeIfAbsent(oid, _ -> new TreeSet<>())
                                                .add(HeapRows.name(page, row + Integer.BYTES));
                                    }
                                }));
    }

    /** Reads some small files of a backup, checked with their volumes. */
    private static Map<String, byte[]> contents(OpenedBackup backup, Set<String> paths)
            throws InterruptedException, IOException {
        Map<BackupFile, byte[]> wanted = new HashMap<>();
        for (BackupFile file : backup.contents().files()) {
            if (paths.contains(file.path())) {
                if (file.entry().size() > BYTES_MAX) {
                    throw new IOException(file.path() + " is too large");
                }
                wanted.put(file, new byte[(int) file.entry().size()]);
            }
        }
        Map<ArchiveMap, Map<Integer, byte[]>> byNumber = new ConcurrentHashMap<>();
        wanted.forEach((file, bytes) ->
                byNumber.computeIfAbsent(file.archive(), _ -> new ConcurrentHashMap<>())
                        .put(file.number(), bytes));
        Optional<PartFailure> failure =
                new ContentReader(
                                backup.copies(),
                                new ReadSettings(
                                        1, ReadSettings.MEMORY_BYTES_DEFAULT, GzipCodec.best()),
                                _ -> {})
                        .read(backup.contents(), visitors(byNumber));
        if (failure.isPresent()) {
            throw failure.get().cause();
        }
        Map<String, byte[]> found = new TreeMap<>();
        wanted.forEach((file, bytes) -> found.put(file.path(), bytes));
        return found;
    }

    private static ContentReader.Visitors visitors(Map<ArchiveMap, Map<Integer, byte[]>> wanted) {
        return new ContentReader.Visitors() {
            @Override
            public ContentVisitor of(ArchiveMap archive, Volume volume) {
                Map<Integer, byte[]> files = wanted.getOrDefault(archive, Map.of());
                return (int number,
                        TarEntry _,
                        long position,
                        byte[] bytes,
                        int offset,
                        int length) -> {
                    byte[] file = files.get(number);
                    if (file != null) {
                        System.arraycopy(bytes, offset, file, (int) position, length);
                    }
                };
            }

            @Override
            public boolean wants(ArchiveMap archive, Volume volume) {
                Map<Integer, byte[]> files = wanted.getOrDefault(archive, Map.of());
                return archive.inVolume(volume).anyMatch(files::containsKey);
            }
        };
    }
}
