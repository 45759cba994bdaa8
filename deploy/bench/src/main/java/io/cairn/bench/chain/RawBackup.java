package io.cairn.bench.chain;

import io.cairn.archive.tar.TarEntry;
import io.cairn.archive.tar.TarEntryType;
import io.cairn.bench.CairnRuns;
import io.cairn.model.backup.CommitObject;
import io.cairn.restore.contents.ArchiveMap;
import io.cairn.restore.contents.BackupContents;
import io.cairn.restore.contents.ContentVisitor;
import io.cairn.restore.contents.PartFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One backup's tar streams, unpacked as they are, as {@code pg_combinebackup} takes them: read as a
 * restore reads, with nothing checked but what reading checks, and nothing made durable.
 */
final class RawBackup {

    private RawBackup() {}

    static void unpack(CairnRuns runs, CommitObject backup, Path directory)
            throws IOException, InterruptedException {
        BackupContents contents = runs.open(backup);
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
        Optional<PartFailure> failure =
                runs.reader().read(contents, (_, _) -> new Writer(directory));
        if (failure.isPresent()) {
            throw failure.get().cause();
        }
    }

    /** Writes what one volume holds. */
    private static final class Writer implements ContentVisitor {

        private final Path directory;
        private int number = -1;
        private @Nullable FileChannel file;

        Writer(Path directory) {
            this.directory = directory;
        }

        @Override
        public void content(
                int entryNumber,
                TarEntry entry,
                long position,
                byte[] bytes,
                int offset,
                int length)
                throws IOException {
            FileChannel current = file;
            if (current == null || number != entryNumber) {
                end();
                current =
                        FileChannel.open(directory.resolve(entry.path()), StandardOpenOption.WRITE);
                file = current;
                number = entryNumber;
            }
            ByteBuffer content = ByteBuffer.wrap(bytes, offset, length);
            while (content.hasRemaining()) {
                current.write(content, position + content.position() - offset);
            }
        }

        @Override
        public void end() throws IOException {
            FileChannel current = file;
            if (current != null) {
                file = null;
                current.close();
            }
        }

        @Override
        public void close() {
            try {
                end();
            } catch (IOException _) {
                // What was written before has failed already.
            }
        }
    }
}
