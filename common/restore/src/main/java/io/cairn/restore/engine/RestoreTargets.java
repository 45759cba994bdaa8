package io.cairn.restore.engine;

import io.cairn.archive.tar.TarEntry;
import io.cairn.archive.tar.TarEntryType;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.basebackup.RelationFile;
import io.cairn.restore.contents.ArchiveMap;
import io.cairn.restore.contents.BackupFile;
import io.cairn.restore.database.DatabaseSelection;
import io.cairn.restore.engine.TargetFile.Completion;
import io.cairn.restore.incremental.BackupLabelFile;
import io.cairn.restore.incremental.IncrementalFile;
import io.cairn.restore.plan.RestorePlan;
import io.cairn.restore.target.TablespaceMapping;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which entry of the backup goes to which path. Immutable but for the files' state. */
final class RestoreTargets extends FileTargets {

    static final String CONTROL = "global/pg_control";
    static final String VERSION = "PG_VERSION";
    static final String TABLESPACE_MAP = "tablespace_map";

    /**
     * Without these no server starts, so they come last; the map of tablespaces may have to be
     * changed.
     */
    private static final Set<String> KEPT = Set.of(CONTROL, VERSION, TABLESPACE_MAP);

    /** A directory or link with the path it goes to. */
    record Placed(TarEntry entry, Path path) {}

    /**
     * A file of a database that does not come back.
     *
     * @param length that it may have had at most
     */
    private record Hollow(BackupFile file, Path path, long length) {}

    private final Path dataDirectory;
    private final DatabaseSelection databases;
    private final List<Hollow> hollow = new ArrayList<>();
    private final boolean inChain;
    private final Reconstruction reconstruction;
    private final Map<String, Path> roots = new HashMap<>();
    private final List<Placed> directories = new ArrayList<>();
    private final List<Placed> links = new ArrayList<>();
    private final Map<String, TargetFile.Kept> kept = new HashMap<>();

    /** Of the files that the backup has blocks of. */
    private final Map<String, Path> overlaid = new HashMap<>();

    RestoreTargets(RestorePlan plan, Completion completion, Reconstruction reconstruction) {
        dataDirectory = plan.directory();
        inChain = !plan.before().isEmpty();
        databases = plan.databases();
        this.reconstruction = reconstruction;
        for (ArchiveMap archive : plan.contents().archives()) {
            roots.put(archive.archive().name(), root(archive, plan.tablespaces()));
            archive.entries().forEach(entry -> place(archive, entry));
        }
        fill(plan.contents(), file -> target(file, completion));
    }

    private Path root(ArchiveMap archive, TablespaceMapping tablespaces) {
        return archive.archive()
                .tablespace()
                .map(tablespace -> tablespaces.directoryOf(tablespace, dataDirectory))
                .orElse(dataDirectory);
    }

    private void place(ArchiveMap archive, TarEntry entry) {
        Path path = path(archive, entry);
        switch (entry.type()) {
            case DIRECTORY -> directories.add(new Placed(entry, path));
            case SYMLINK -> links.add(new Placed(entry, path));
            case FILE -> {}
            case OTHER ->
                    throw new CairnException(
                            ErrorCode.ARCHIVE_CORRUPT,
                            archive.archive().name()
                                    + " holds "
                                    + entry.path()
                                    + ", which is neither file, directory nor link",
                            "restore another backup");
        }
    }

    /** Paths come from the source and from the bucket: none may lead out of its directory. */
    private Path path(ArchiveMap archive, TarEntry entry) {
        Path root = roots.getOrDefault(archive.archive().name(), dataDirectory);
        Path path = root.resolve(entry.path()).normalize();
        if (!path.startsWith(root)
                || (path.equals(root) && entry.type() != TarEntryType.DIRECTORY)) {
            throw new CairnException(
                    ErrorCode.ARCHIVE_CORRUPT,
                    archive.archive().name()
                            + " holds "
                            + entry.path()
                            + ", which is outside of its directory",
                    "do not trust this backup; restore another one");
        }
        return path;
    }

    private TargetFile target(BackupFile file, Completion completion) {
        Path path = path(file.archive(), file.entry());
        if (file.archive().archive().tablespace().isEmpty() && isKept(file.path())) {
            TargetFile.Kept inMemory = TargetFile.Kept.of(file);
            kept.put(file.path(), inMemory);
            return inMemory;
        }
        if (databases.leavesOut(file)) {
            hollow.add(new Hollow(file, wholePath(file, path), reconstruction.lengthMax(file)));
            return new TargetFile.PassedOver(file);
        }
        if (inChain && RelationFile.isIncremental(file.path())) {
            return overlaid(file, completion);
        }
        return whole(file, path, completion);
    }

    private boolean isKept(String path) {
        return KEPT.contains(path) || (inChain && path.equals(BackupLabelFile.NAME));
    }

    private TargetFile overlaid(BackupFile file, Completion completion) {
        Path path = wholePath(file, path(file.archive(), file.entry()));
        overlaid.put(IncrementalFile.whole(file.path()), path);
        return new TargetFile.Blocks(
                file,
                new BlocksFile(
                        file,
                        path,
                        (channel, changed) -> {
                            reconstruction.finished(file, channel, changed);
                            completion.complete(file, path, channel);
                        }));
    }

    private Path wholePath(BackupFile file, Path path) {
        return inChain && RelationFile.isIncremental(file.path())
                ? path.resolveSibling(
                        Path.of(IncrementalFile.whole(file.entry().path())).getFileName())
                : path;
    }

    /** Makes the files of databases that do not come back: of their length, without content. */
    void createHollow(Completion completion) throws IOException {
        for (Hollow file : hollow) {
            try (FileChannel channel =
                    FileChannel.open(
                            file.path(),
                            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                            PosixFilePermissions.asFileAttribute(
                                    PosixFilePermissions.fromString("rw-------")))) {
                if (file.length() > 0) {
                    channel.write(ByteBuffer.allocate(1), file.length() - 1);
                }
            }
            completion.complete(
                    file.file(),
                    file.path(),
                    FileChannel.open(
                            file.path(), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
        }
    }

    /** Where a file lies that the backup has blocks of. */
    Path path(String overlaidFile) {
        Path path = overlaid.get(overlaidFile);
        if (path == null) {
            throw CairnException.bug(overlaidFile + " has no place");
        }
        return path;
    }

    /** In the order of the streams, so parents come before children. */
    List<Placed> directories() {
        return directories;
    }

    List<Placed> links() {
        return links;
    }

    Map<String, TargetFile.Kept> kept() {
        return kept;
    }
}
