package io.cairn.restore.engine;

import io.cairn.archive.tar.TarEntry;
import io.cairn.archive.tar.TarEntryType;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.restore.contents.ArchiveMap;
import io.cairn.restore.contents.BackupFile;
import io.cairn.restore.engine.TargetFile.Completion;
import io.cairn.restore.incremental.BackupLabelFile;
import io.cairn.restore.incremental.IncrementalFile;
import io.cairn.restore.plan.RestorePlan;
import io.cairn.restore.target.TablespaceMapping;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Which entry of the backup goes to which path. Immutable but for the files' state. */
final class RestoreTargets implements FileTargets {

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

    private final Path dataDirectory;
    private final boolean inChain;
    private final Reconstruction reconstruction;
    private final Map<String, Path> roots = new HashMap<>();
    private final Map<String, @Nullable TargetFile[]> files = new HashMap<>();
    private final List<Placed> directories = new ArrayList<>();
    private final List<Placed> links = new ArrayList<>();
    private final List<TargetFile.InOneVolume> empty = new ArrayList<>();
    private final Map<String, TargetFile.Kept> kept = new HashMap<>();

    /** Of the files that the backup has blocks of. */
    private final Map<String, Path> overlaid = new HashMap<>();

    RestoreTargets(RestorePlan plan, Completion completion, Reconstruction reconstruction) {
        dataDirectory = plan.directory();
        inChain = !plan.before().isEmpty();
        this.reconstruction = reconstruction;
        for (ArchiveMap archive : plan.contents().archives()) {
            roots.put(archive.archive().name(), root(archive, plan.tablespaces()));
            files.put(archive.archive().name(), new TargetFile[archive.entries().size()]);
            archive.entries().forEach(entry -> place(archive, entry));
        }
        for (BackupFile file : plan.contents().files()) {
            @Nullable TargetFile[] ofArchive = files.get(file.archive().archive().name());
            if (ofArchive != null) {
                ofArchive[file.number()] = target(file, completion);
            }
        }
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
        long size = file.entry().size();
        if (file.archive().archive().tablespace().isEmpty() && isKept(file.path())) {
            TargetFile.Kept inMemory = TargetFile.Kept.of(file);
            kept.put(file.path(), inMemory);
            return inMemory;
        }
        if (inChain && IncrementalFile.isPath(file.path())) {
            return overlaid(file, completion);
        }
        if (size > 0 && !file.archive().liesInOneVolume(file.entry())) {
            return new TargetFile.Spanning(file, path, completion, new AtomicLong(size));
        }
        TargetFile.InOneVolume target = new TargetFile.InOneVolume(file, path, completion);
        if (size == 0) {
            empty.add(target);
        }
        return target;
    }

    private boolean isKept(String path) {
        return KEPT.contains(path) || (inChain && path.equals(BackupLabelFile.NAME));
    }

    private TargetFile overlaid(BackupFile file, Completion completion) {
        String name = IncrementalFile.whole(file.entry().path());
        Path path = path(file.archive(), file.entry()).resolveSibling(Path.of(name).getFileName());
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

    /** Where a file lies that the backup has blocks of. */
    Path path(String overlaidFile) {
        Path path = overlaid.get(overlaidFile);
        if (path == null) {
            throw CairnException.bug(overlaidFile + " has no place");
        }
        return path;
    }

    @Override
    public TargetFile file(ArchiveMap archive, int number) {
        @Nullable TargetFile[] ofArchive = files.get(archive.archive().name());
        TargetFile file = ofArchive == null ? null : ofArchive[number];
        if (file == null) {
            throw CairnException.bug(
                    "entry "
                            + number
                            + " of "
                            + archive.archive().name()
                            + " is no file, yet has content");
        }
        return file;
    }

    /** In the order of the streams, so parents come before children. */
    List<Placed> directories() {
        return directories;
    }

    List<Placed> links() {
        return links;
    }

    /** Files without content, which no volume brings. */
    List<TargetFile.InOneVolume> empty() {
        return empty;
    }

    Map<String, TargetFile.Kept> kept() {
        return kept;
    }
}
