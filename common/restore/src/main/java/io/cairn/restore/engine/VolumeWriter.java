package io.cairn.restore.engine;

import io.cairn.archive.tar.TarEntry;
import io.cairn.restore.contents.ArchiveMap;
import io.cairn.restore.contents.ContentVisitor;
import io.cairn.restore.engine.TargetFile.FilePart;
import io.cairn.restore.target.TargetErrors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Writes the files of one volume to their places. For one thread. */
final class VolumeWriter implements ContentVisitor {

    private final FileTargets targets;
    private final ArchiveMap archive;
    private final LongConsumer written;
    private int number = -1;
    private @Nullable FilePart part;

    /**
     * @param written is told every number of bytes written
     */
    VolumeWriter(FileTargets targets, ArchiveMap archive, LongConsumer written) {
        this.targets = targets;
        this.archive = archive;
        this.written = written;
    }

    @Override
    public void content(
            int entryNumber, TarEntry entry, long position, byte[] bytes, int offset, int length) {
        try {
            part(entryNumber).write(position, bytes, offset, length);
            if (position + length == entry.size()) {
                finishPart();
            }
        } catch (IOException e) {
            throw TargetErrors.of(Path.of(entry.path()), e);
        }
        written.accept(length);
    }

    private FilePart part(int entryNumber) throws IOException {
        FilePart current = part;
        if (current == null || number != entryNumber) {
            finishPart();
            current = targets.file(archive, entryNumber).open();
            part = current;
            number = entryNumber;
        }
        return current;
    }

    private void finishPart() throws IOException {
        FilePart current = part;
        if (current != null) {
            current.finish();
            part = null;
        }
    }

    @Override
    public void end() {
        try {
            finishPart();
        } catch (IOException e) {
            throw TargetErrors.of(Path.of(archive.archive().name()), e);
        }
    }

    /** Gives up the file that is being written, if there is one. */
    @Override
    public void close() {
        try {
            FilePart current = part;
            part = null;
            if (current != null) {
                current.abort();
            }
        } catch (IOException e) {
            throw TargetErrors.of(Path.of(archive.archive().name()), e);
        }
    }
}
