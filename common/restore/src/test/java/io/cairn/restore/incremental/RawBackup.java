package io.cairn.restore.incremental;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.archive.tar.TarEntry;
import io.cairn.archive.tar.TarEntryType;
import io.cairn.model.backup.CommitObject;
import io.cairn.restore.contents.ArchiveMap;
import io.cairn.restore.contents.BackupContents;
import io.cairn.restore.contents.BackupOpener;
import io.cairn.restore.contents.ContentReader;
import io.cairn.restore.contents.ReadSettings;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.storage.ObjectStore;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/** One backup's tar streams, unpacked as they are, as PostgreSQL's tools take them. */
final class RawBackup {

    private RawBackup() {}

    static void unpack(CommitObject backup, ObjectStore store, TestKeys keys, Path directory)
            throws IOException, InterruptedException {
        BackupContents contents =
                new BackupOpener(store, keys.recipient(), GzipCodec.best()).open(backup);
        Files.createDirectories(directory);
        Files.write(directory.resolve("backup_manifest"), contents.manifest());
        for (ArchiveMap archive : contents.archives()) {
            for (TarEntry entry : archive.entries()) {
                Path path = directory.resolve(entry.path());
                if (entry.type() == TarEntryType.DIRECTORY) {
                    Files.createDirectories(path);
                } else if (entry.type() == TarEntryType.FILE) {
                    Files.createFile(path);
                }
            }
        }
        new ContentReader(store, ReadSettings.defaults().withThreads(1))
                .read(
                        contents,
                        (_, _) ->
                                (_, entry, position, bytes, offset, length) ->
                                        write(
                                                directory.resolve(entry.path()),
                                                position,
                                                bytes,
                                                offset,
                                                length));
    }

    private static void write(Path path, long position, byte[] bytes, int offset, int length)
            throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.seek(position);
            file.write(bytes, offset, length);
        }
    }
}
