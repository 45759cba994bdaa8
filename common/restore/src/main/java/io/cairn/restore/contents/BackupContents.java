package io.cairn.restore.contents;

import io.cairn.archive.key.BackupKey;
import io.cairn.archive.tar.TarEntry;
import io.cairn.archive.tar.TarEntryType;
import io.cairn.archive.tar.TarIndex;
import io.cairn.model.backup.Archive;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.WalSegment;
import io.cairn.postgres.manifest.BackupManifest;
import io.cairn.postgres.manifest.BackupManifest.WalRange;
import io.cairn.postgres.manifest.ManifestFile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A backup whose manifest and index have been read: which files it has, where they lie and what
 * they must be. Commit object, manifest and index agree with each other. Takes about 1 kB of memory
 * a file.
 */
public final class BackupContents {

    private final CommitObject commit;
    private final BackupKey key;
    private final byte[] manifest;
    private final List<ArchiveMap> archives;
    private final List<BackupFile> files;

    private BackupContents(
            CommitObject commit,
            BackupKey key,
            byte[] manifest,
            List<ArchiveMap> archives,
            List<BackupFile> files) {
        this.commit = commit;
        this.key = key;
        this.manifest = manifest;
        this.archives = List.copyOf(archives);
        this.files = List.copyOf(files);
    }

    /**
     * @param manifest the bytes of {@code backup_manifest}
     * @throws CairnException {@link ErrorCode#MANIFEST_MISMATCH} naming a file that manifest and
     *     index disagree about, {@link ErrorCode#ARCHIVE_CORRUPT}, {@link
     *     ErrorCode#ARCHIVE_INCOMPLETE} if WAL that it must carry is not in it
     */
    public static BackupContents of(
            CommitObject commit, BackupKey key, byte[] manifest, TarIndex index) {
        BackupManifest parsed = BackupManifest.parse(manifest);
        requireSameBackup(commit, parsed);
        List<ArchiveMap> archives = archives(commit, index);
        List<BackupFile> files = files(archives, new HashMap<>(parsed.byPath()));
        BackupContents contents = new BackupContents(commit, key, manifest, archives, files);
        if (commit.includesWal()) {
            contents.requireWal();
        }
        return contents;
    }

    private static void requireSameBackup(CommitObject commit, BackupManifest manifest) {
        WalRange range = new WalRange(commit.timeline(), commit.startLsn(), commit.stopLsn());
        boolean same =
                manifest.files().size() == commit.files()
                        && manifest.summary()
                                .systemIdentifier()
                                .filter(id -> !id.equals(commit.systemIdentifier()))
                                .isEmpty()
                        && manifest.summary().walRanges().equals(List.of(range));
        if (!same) {
            throw mismatch(
                    commit.manifest().key() + " is not the manifest of backup " + commit.run());
        }
    }

    private static List<ArchiveMap> archives(CommitObject commit, TarIndex index) {
        if (index.archives().size() != commit.archives().size()) {
            throw wrongIndex(commit);
        }
        return commit.archives().stream()
                .map(archive ->
                        new ArchiveMap(
                                archive,
                                index.archive(archive.name())
                                        .orElseThrow(() -> wrongIndex(commit))))
                .toList();
    }

    private static CairnException wrongIndex(CommitObject commit) {
        return new CairnException(
                ErrorCode.ARCHIVE_CORRUPT,
                commit.index().key() + " is not the index of backup " + commit.run(),
                "restore from another copy of this backup, or from another backup");
    }

    /**
     * @param expected the manifest's files; those found are taken out
     */
    private static List<BackupFile> files(
            List<ArchiveMap> archives, Map<String, ManifestFile> expected) {
        List<BackupFile> files = new ArrayList<>(expected.size());
        for (ArchiveMap archive : archives) {
            for (int number = 0; number < archive.entries().size(); number++) {
                TarEntry entry = archive.entries().get(number);
                if (entry.type() == TarEntryType.FILE) {
                    String path = BackupFile.pathInDataDirectory(archive, entry);
                    Optional<ManifestFile> manifest = Optional.ofNullable(expected.remove(path));
                    files.add(listed(new BackupFile(archive, number, entry, manifest)));
                }
            }
        }
        if (!expected.isEmpty()) {
            throw mismatch(
                    expected.keySet().iterator().next()
                            + " is in the server's manifest but not in the backup");
        }
        return files;
    }

    private static BackupFile listed(BackupFile file) {
        if (file.manifest().isEmpty() && !file.path().startsWith("pg_wal/")) {
            throw mismatch(file.path() + " is in the backup but not in the server's manifest");
        }
        file.manifest()
                .filter(listed -> listed.size() != file.entry().size())
                .ifPresent(listed -> {
                    throw mismatch(
                            file.path()
                                    + " has "
                                    + file.entry().size()
                                    + " bytes instead of "
                                    + listed.size());
                });
        return file;
    }

    private static CairnException mismatch(String message) {
        return new CairnException(
                ErrorCode.MANIFEST_MISMATCH,
                message,
                "restore from another copy of this backup, or from another backup");
    }

    /** Without every segment from start to stop LSN the server does not become consistent. */
    private void requireWal() {
        Map<String, Long> sizes = new HashMap<>();
        files.stream()
                .filter(file -> file.path().startsWith("pg_wal/"))
                .forEach(file -> sizes.put(file.path(), file.entry().size()));
        for (WalSegment segment :
                WalSegment.between(
                        commit.timeline(),
                        commit.startLsn(),
                        commit.stopLsn(),
                        SegmentSize.of(commit))) {
            Long size = sizes.get("pg_wal/" + segment.name());
            if (size == null || size != commit.walSegmentBytes()) {
                throw new CairnException(
                        ErrorCode.ARCHIVE_INCOMPLETE,
                        "backup "
                                + commit.run()
                                + " lacks the WAL segment "
                                + segment
                                + ", without which it is not consistent",
                        "restore another backup");
            }
        }
    }

    public CommitObject commit() {
        return commit;
    }

    public BackupKey key() {
        return key;
    }

    /** {@code backup_manifest}, byte for byte; the array is not copied. */
    public byte[] manifest() {
        return manifest;
    }

    public List<ArchiveMap> archives() {
        return archives;
    }

    public List<BackupFile> files() {
        return files;
    }

    /** Bytes of all files. */
    public long bytes() {
        return files.stream().mapToLong(file -> file.entry().size()).sum();
    }

    /** Of an archive that is part of it. */
    public ArchiveMap map(Archive archive) {
        return archives.stream()
                .filter(map -> map.archive().equals(archive))
                .findFirst()
                .orElseThrow();
    }
}
