package io.cairn.restore.verify;

import io.cairn.archive.tar.TarEntry;
import io.cairn.model.backup.Volume;
import io.cairn.model.error.CairnException;
import io.cairn.postgres.manifest.FileVerifier;
import io.cairn.restore.contents.ArchiveMap;
import io.cairn.restore.contents.BackupContents;
import io.cairn.restore.contents.BackupFile;
import io.cairn.restore.contents.ContentVisitor;
import io.cairn.restore.contents.FileMismatch;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Compares every file with the manifest as its bytes pass. Thread-safe. */
final class FileChecks {

    private record FileKey(String archive, int number) {}

    private final Map<FileKey, BackupFile> files = new HashMap<>();
    private final Map<FileKey, SpanningFile> spanning = new HashMap<>();
    private final AtomicLong checked = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final LongConsumer progress;
    private final long expected;

    FileChecks(BackupContents contents, long roomBytes, LongConsumer progress) {
        this.progress = progress;
        Semaphore room = new Semaphore((int) Math.min(roomBytes, Integer.MAX_VALUE));
        for (BackupFile file : contents.files()) {
            FileKey key = new FileKey(file.archive().archive().name(), file.number());
            files.put(key, file);
            file.manifest()
                    .ifPresent(listed -> {
                        if (listed.size() == 0) {
                            // No byte of it passes.
                            finish(file, listed.verifier());
                        } else if (!file.archive().liesInOneVolume(file.entry())) {
                            spanning.put(key, new SpanningFile(listed.verifier(), room));
                        }
                    });
        }
        expected = contents.commit().files();
    }

    ContentVisitor visitor(ArchiveMap archive, Volume volume) {
        return new VolumeChecks(archive.archive().name());
    }

    /** Returns how many files were compared. */
    long requireAll() {
        if (checked.get() != expected) {
            throw CairnException.bug(
                    "compared " + checked + " of " + expected + " files, yet reached the end");
        }
        return checked.get();
    }

    private void finish(BackupFile file, FileVerifier verifier) {
        FileMismatch.require(file, verifier.finish());
        checked.incrementAndGet();
    }

    /** One volume's files, by one thread. */
    private final class VolumeChecks implements ContentVisitor {

        private final String archive;
        private @Nullable FileVerifier current;

        VolumeChecks(String archive) {
            this.archive = archive;
        }

        @Override
        public void content(
                int number, TarEntry entry, long position, byte[] buffer, int offset, int length)
                throws IOException {
            FileKey key = new FileKey(archive, number);
            BackupFile file = files.get(key);
            if (file == null || file.manifest().isEmpty()) {
                progress.accept(bytes.addAndGet(length));
                return;
            }
            SpanningFile shared = spanning.get(key);
            boolean last =
                    shared == null
                            ? whole(file, position, buffer, offset, length)
                            : shared.add(position, buffer, offset, length) == entry.size();
            if (last) {
                finish(file, verifier(shared));
            }
            progress.accept(bytes.addAndGet(length));
        }

        private boolean whole(
                BackupFile file, long position, byte[] buffer, int offset, int length) {
            if (position == 0) {
                current = file.manifest().orElseThrow().verifier();
            }
            verifier(null).update(buffer, offset, length);
            return position + length == file.entry().size();
        }

        private FileVerifier verifier(@Nullable SpanningFile shared) {
            if (shared != null) {
                return shared.verifier();
            }
            FileVerifier verifier = current;
            if (verifier == null) {
                throw CairnException.bug("a file goes on that did not begin");
            }
            return verifier;
        }
    }
}
