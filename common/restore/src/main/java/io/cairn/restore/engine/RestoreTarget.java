package io.cairn.restore.engine;

import io.cairn.archive.tar.TarEntry;
import io.cairn.model.backup.Archive;
import io.cairn.model.backup.Archive.Tablespace;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.Volume;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.restore.contents.ArchiveMap;
import io.cairn.restore.contents.BackupContents;
import io.cairn.restore.contents.BackupFile;
import io.cairn.restore.contents.ContentVisitor;
import io.cairn.restore.contents.OpenedBackup;
import io.cairn.restore.engine.RestoreTargets.Placed;
import io.cairn.restore.incremental.BackupLabelFile;
import io.cairn.restore.incremental.IncrementalChain;
import io.cairn.restore.plan.RestorePlan;
import io.cairn.restore.target.TargetDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * The directories of one restore while it writes. Ends with {@link #publish()}, or without it and
 * then leaves what no server starts on.
 */
final class RestoreTarget implements AutoCloseable {

    private static final int OWNER_DIRECTORY = 0700;

    /** A server that finds it waits for WAL, and never takes what it has for all there is. */
    private static final String STANDBY_SIGNAL = "standby.signal";

    private final RestorePlan plan;
    private final FileMetadata metadata;
    private final TargetDirectory dataDirectory;
    private final List<TargetDirectory> tablespaces = new ArrayList<>();
    private final FileSync sync;
    private final Reconstruction reconstruction;
    private final RestoreTargets targets;
    private final List<EarlierTargets> earlier = new ArrayList<>();
    private long bytesKept;

    private RestoreTarget(
            RestorePlan plan,
            FileMetadata metadata,
            TargetDirectory dataDirectory,
            int syncThreads) {
        this.plan = plan;
        this.metadata = metadata;
        this.dataDirectory = dataDirectory;
        this.sync = new FileSync(syncThreads);
        List<BackupContents> links = plan.chain().stream().map(OpenedBackup::contents).toList();
        IncrementalChain chain = new IncrementalChain(links);
        this.reconstruction = new Reconstruction(chain);
        this.targets = new RestoreTargets(plan, this::complete, reconstruction);
        for (int link = 0; link < chain.last(); link++) {
            earlier.add(
                    new EarlierTargets(
                            link,
                            links.get(link),
                            chain,
                            targets,
                            reconstruction,
                            plan.databases()));
        }
    }

    /** Takes the directories and makes everything in them that has no content. */
    static RestoreTarget claim(RestorePlan plan, int syncThreads)
            throws IOException, InterruptedException {
        FileMetadata metadata = FileMetadata.like(plan.directory());
        TargetDirectory dataDirectory =
                TargetDirectory.claim(plan.directory(), permissions(plan), purpose(plan));
        RestoreTarget target = new RestoreTarget(plan, metadata, dataDirectory, syncThreads);
        try {
            target.prepare();
            return target;
        } catch (IOException | InterruptedException | RuntimeException e) {
            try (target) {
                throw e;
            }
        }
    }

    /**
     * PostgreSQL opens all its directories to the group or none; {@code global} is in every backup.
     */
    private static Set<PosixFilePermission> permissions(RestorePlan plan) {
        int mode =
                plan.contents().archives().stream()
                        .flatMap(archive -> archive.entries().stream())
                        .filter(entry -> entry.path().equals("global"))
                        .mapToInt(TarEntry::mode)
                        .findFirst()
                        .orElse(OWNER_DIRECTORY);
        return FileMetadata.permissions(mode);
    }

    private static String purpose(RestorePlan plan) {
        return "Cairn restores backup "
                + plan.commit().run()
                + ", attempt "
                + plan.commit().attempt()
                + ".";
    }

    private void prepare() throws IOException, InterruptedException {
        for (Path directory : tablespaceDirectories().values()) {
            if (!isInPlace(directory)) {
                tablespaces.add(TargetDirectory.claim(directory, permissions(plan), purpose(plan)));
                metadata.applyOwner(directory);
            }
        }
        Remains remains = new Remains(roots());
        if (dataDirectory.begun()) {
            for (EarlierTargets backup : earlier) {
                backup.resume(remains);
            }
            targets.resume(remains);
        }
        bytesKept = remains.bytes();
        dataDirectory.clear(remains::isKept);
        for (TargetDirectory tablespace : tablespaces) {
            tablespace.clear(remains::isKept);
        }
        for (Path directory : tablespaceDirectories().values()) {
            if (isInPlace(directory)) {
                Files.createDirectories(directory);
                Files.setPosixFilePermissions(directory, permissions(plan));
                metadata.applyOwner(directory);
            }
        }
        for (Placed directory : targets.directories()) {
            if (!Files.isDirectory(directory.path())) {
                Files.createDirectory(
                        directory.path(),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rwx------")));
            }
        }
        for (EarlierTargets backup : earlier) {
            backup.createEmpty();
        }
        targets.createEmpty();
        targets.createHollow(this::complete);
    }

    /** Marked and emptied with the data directory. */
    private boolean isInPlace(Path tablespace) {
        return tablespace.startsWith(plan.directory());
    }

    /** Those that files lie in. */
    private List<Path> roots() {
        List<Path> roots = new ArrayList<>();
        tablespaces.forEach(tablespace -> roots.add(tablespace.path()));
        roots.add(plan.directory());
        return roots;
    }

    /** Bytes of files that an earlier try had completed. */
    long bytesKept() {
        return bytesKept;
    }

    /**
     * @param link number of the backup in the chain
     */
    boolean wants(int link, ArchiveMap archive, Volume volume) {
        return (link < earlier.size() ? earlier.get(link) : targets).wants(archive, volume);
    }

    private Map<Long, Path> tablespaceDirectories() {
        Map<Long, Path> directories = new LinkedHashMap<>();
        plan.contents().archives().stream()
                .map(ArchiveMap::archive)
                .map(Archive::tablespace)
                .forEach(tablespace ->
                        tablespace.ifPresent(present ->
                                directories.put(
                                        present.oid(),
                                        plan.tablespaces()
                                                .directoryOf(present, plan.directory()))));
        return directories;
    }

    /**
     * @param link number of the backup in the chain; each is written when those before it are
     */
    ContentVisitor writer(int link, ArchiveMap archive, LongConsumer written) {
        return new VolumeWriter(
                link < earlier.size() ? earlier.get(link) : targets, archive, written);
    }

    private void complete(BackupFile file, Path path, FileChannel channel) throws IOException {
        metadata.applyToFile(path, file.entry());
        sync.add(channel, path);
    }

    /**
     * Writes what comes last, makes everything durable, and only then lets a server start on it.
     * The marker stays where a recovery follows: that one ends the restore.
     */
    void publish() throws IOException, InterruptedException {
        requireOrder();
        createLinks();
        writeManifest();
        for (Placed directory : targets.directories()) {
            metadata.applyToDirectory(directory.path(), directory.entry());
            syncDirectory(directory.path());
        }
        for (Path tablespace : tablespaceDirectories().values()) {
            syncDirectory(tablespace);
        }
        syncDirectory(plan.directory());
        if (plan.recovers() && !Files.exists(plan.directory().resolve(STANDBY_SIGNAL))) {
            write(STANDBY_SIGNAL, new byte[0], Optional.empty());
        }
        sync.await();

        writeKept(RestoreTargets.VERSION);
        writeKept(RestoreTargets.CONTROL);
        sync.await();
        syncDirectory(plan.directory().resolve("global"));
        sync.await();
        if (!plan.recovers()) {
            for (TargetDirectory tablespace : tablespaces) {
                tablespace.release();
            }
            dataDirectory.release();
        }
    }

    private void syncDirectory(Path directory) throws IOException {
        sync.add(FileChannel.open(directory, StandardOpenOption.READ), directory);
    }

    /**
     * Each backup says itself where the one it is on top of began.
     *
     * @throws CairnException {@link ErrorCode#ARCHIVE_CORRUPT} if that is another one
     */
    private void requireOrder() {
        for (int link = 1; link <= earlier.size(); link++) {
            CommitObject parent = plan.chain().get(link - 1).commit();
            CommitObject child = plan.chain().get(link).commit();
            BackupLabelFile label =
                    link < earlier.size()
                            ? earlier.get(link).label()
                            : BackupLabelFile.of(label().content());
            boolean onTop =
                    label.incrementalFrom().filter(parent.startLsn()::equals).isPresent()
                            && label.incrementalFromTimeline()
                                    .filter(parent.timeline()::equals)
                                    .isPresent();
            if (!onTop) {
                throw new CairnException(
                        ErrorCode.ARCHIVE_CORRUPT,
                        child.run() + " is not on top of " + parent.run(),
                        "restore the full backup before it");
            }
        }
    }

    private TargetFile.Kept label() {
        TargetFile.Kept label = targets.kept().get(BackupLabelFile.NAME);
        if (label == null) {
            throw CairnException.bug("an incremental backup without a backup_label");
        }
        return label;
    }

    private void createLinks() throws IOException {
        for (Placed link : targets.links()) {
            createLink(link.path(), Path.of(link.entry().link().orElseThrow()));
        }
        // The server makes these links from tablespace_map when it starts; whoever looks before it
        // finds them too.
        for (Map.Entry<Long, Path> tablespace : tablespaceDirectories().entrySet()) {
            Path link = plan.directory().resolve("pg_tblspc/" + tablespace.getKey());
            if (!link.equals(tablespace.getValue()) && !Files.isSymbolicLink(link)) {
                createLink(link, tablespace.getValue());
            }
        }
    }

    private void createLink(Path link, Path to) throws IOException {
        Files.createSymbolicLink(link, to);
        metadata.applyOwner(link);
    }

    private void writeManifest() throws IOException {
        boolean whole = plan.databases().isAll();
        byte[] manifest =
                whole
                        ? reconstruction.manifest(plan.contents().manifest())
                        : plan.contents().manifest();
        TargetFile.Kept label = targets.kept().get(BackupLabelFile.NAME);
        if (label != null) {
            byte[] content = BackupLabelFile.of(label.content()).asFull();
            manifest = ManifestEdit.withContent(manifest, BackupLabelFile.NAME, content);
            write(BackupLabelFile.NAME, content, Optional.of(label.file().entry()));
        }
        TargetFile.Kept map = targets.kept().get(RestoreTargets.TABLESPACE_MAP);
        if (map != null) {
            byte[] content = map.content();
            if (movesTablespaces()) {
                content = TablespaceMapFile.of(linkedTablespaces());
                manifest =
                        ManifestEdit.withContent(manifest, RestoreTargets.TABLESPACE_MAP, content);
            }
            write(RestoreTargets.TABLESPACE_MAP, content, Optional.of(map.file().entry()));
        }
        if (whole) {
            write("backup_manifest", manifest, Optional.empty());
        }
    }

    private boolean movesTablespaces() {
        return plan.contents().archives().stream()
                .flatMap(archive -> archive.archive().tablespace().stream())
                .anyMatch(plan.tablespaces()::moves);
    }

    /** Those that lie in place need no link and are not in the map. */
    private Map<Long, Path> linkedTablespaces() {
        Map<Long, Path> linked = new LinkedHashMap<>();
        for (ArchiveMap archive : plan.contents().archives()) {
            archive.archive()
                    .tablespace()
                    .filter(tablespace -> Path.of(tablespace.location()).isAbsolute())
                    .ifPresent(tablespace -> linked.put(tablespace.oid(), location(tablespace)));
        }
        return linked;
    }

    private Path location(Tablespace tablespace) {
        return plan.tablespaces().directoryOf(tablespace, plan.directory());
    }

    private void writeKept(String name) throws IOException {
        TargetFile.Kept file = targets.kept().get(name);
        if (file != null) {
            write(name, file.content(), Optional.of(file.file().entry()));
        }
    }

    private void write(String name, byte[] content, Optional<TarEntry> entry) throws IOException {
        Path path = plan.directory().resolve(name);
        FileChannel channel =
                FileChannel.open(
                        path,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        ByteBuffer buffer = ByteBuffer.wrap(content);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        if (entry.isPresent()) {
            metadata.applyToFile(path, entry.get());
        } else {
            metadata.applyOwner(path);
        }
        sync.add(channel, path);
    }

    @Override
    public void close() throws IOException {
        sync.close();
        for (TargetDirectory tablespace : tablespaces) {
            tablespace.close();
        }
        dataDirectory.close();
    }
}
