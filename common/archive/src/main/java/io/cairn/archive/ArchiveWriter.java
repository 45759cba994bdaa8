package io.cairn.archive;

import io.cairn.archive.key.BackupKey;
import io.cairn.archive.tar.TarEntry;
import io.cairn.archive.tar.TarIndex;
import io.cairn.archive.tar.TarScanner;
import io.cairn.model.AttemptId;
import io.cairn.model.ObjectKey;
import io.cairn.model.backup.Archive;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Writes the tar streams of one backup as volumes, while they come: compressed by all cores,
 * encrypted, handed to a {@link VolumeSink} several at once, and indexed.
 *
 * <pre>{@code
 * try (ArchiveWriter writer = ArchiveWriter.open(settings, layout, attempt, key, sink)) {
 *     writer.begin("base.tar", Optional.empty());
 *     writer.write(bytes, 0, length);            // … as PostgreSQL sends them
 *     List<Archive> archives = writer.finish();  // everything is stored
 *     StoredObject index = writer.store(layout.index(attempt), writer.index().toJson());
 * }
 * }</pre>
 *
 * <p>One thread begins, writes, stores and finishes; {@link #progress()} and {@link #cancel} are
 * for any. {@link #close()} without {@link #finish()} aborts: uploads are interrupted, and what was
 * stored stays an attempt without a commit. Memory: {@link ArchiveSettings#memoryBytes()}.
 *
 * <p>Every method of the writing thread throws the first failure of any part, the sink's exceptions
 * as they are.
 */
public final class ArchiveWriter implements AutoCloseable {

    /**
     * @param bytesIn of tar streams, written so far
     * @param bytesStored of objects, stored so far
     */
    public record Progress(long bytesIn, long bytesStored) {}

    private final VolumePipeline pipeline;
    private final ObjectEncoder encoder;
    private final VolumeSink sink;
    private final List<TarIndex.ArchiveIndex> indexes = new ArrayList<>();
    private @Nullable OpenArchive open;
    // Written by the one thread that writes the archive, read by others.
    private volatile long bytesIn;
    private volatile long objectBytesStored;

    /** The archive that is written: its scanner fills its index. */
    private record OpenArchive(String name, TarScanner scanner, List<TarEntry> entries) {

        static OpenArchive of(String name) {
            List<TarEntry> entries = new ArrayList<>();
            return new OpenArchive(name, new TarScanner(name, entries::add), entries);
        }

        TarIndex.ArchiveIndex finish() {
            scanner.finish();
            return new TarIndex.ArchiveIndex(name, entries);
        }
    }

    private ArchiveWriter(VolumePipeline pipeline, ObjectEncoder encoder, VolumeSink sink) {
        this.pipeline = pipeline;
        this.encoder = encoder;
        this.sink = sink;
    }

    /**
     * @param layout with {@code attempt}, names the volumes
     */
    public static ArchiveWriter open(
            ArchiveSettings settings,
            BackupLayout layout,
            AttemptId attempt,
            BackupKey key,
            VolumeSink sink) {
        VolumeNames names = (archive, number) -> layout.volume(attempt, archive, number);
        return new ArchiveWriter(
                new VolumePipeline(settings, key, names, sink),
                new ObjectEncoder(settings.codec(), settings.gzipLevel(), key),
                sink);
    }

    /**
     * Ends the archive before, if there is one, and begins the next.
     *
     * @param name {@code base.tar} or {@code <oid>.tar}
     * @throws CairnException {@link ErrorCode#ARCHIVE_INCOMPLETE} if the stream before was cut off
     */
    public void begin(String name, Optional<Archive.Tablespace> tablespace) {
        endArchive();
        pipeline.begin(name, tablespace);
        open = OpenArchive.of(name);
    }

    /**
     * Takes the next bytes of the current tar stream; they may be changed after the return. Waits
     * while the store is slower than the source.
     *
     * @throws CairnException {@link ErrorCode#ARCHIVE_CORRUPT} if they are no tar stream
     */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    public void write(byte[] bytes, int offset, int length) {
        OpenArchive archive = open;
        if (archive == null) {
            throw new IllegalStateException("no archive was begun");
        }
        archive.scanner().write(bytes, offset, length);
        pipeline.write(bytes, offset, length);
        bytesIn += length;
    }

    private void endArchive() {
        OpenArchive archive = open;
        if (archive != null) {
            indexes.add(archive.finish());
            open = null;
        }
    }

    /** Ends the last archive and waits until all volumes are stored. */
    public List<Archive> finish() {
        endArchive();
        return pipeline.finish();
    }

    /** Which file lies where, in the archives that have ended. */
    public TarIndex index() {
        return new TarIndex(TarIndex.FORMAT, indexes);
    }

    /**
     * Stores another object of the backup (manifest, index), compressed and encrypted as volumes
     * are.
     */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    public StoredObject store(ObjectKey key, byte[] content) {
        pipeline.requireNoFailure();
        SealedObject object = encoder.encode(key, content);
        StoredObject stored = VolumeUploads.stored(sink, object);
        objectBytesStored += stored.length();
        return stored;
    }

    /** How far it is. Thread-safe, and exact enough for people. */
    public Progress progress() {
        return new Progress(bytesIn, pipeline.bytesStored() + objectBytesStored);
    }

    /**
     * Stops everything: the writing thread gets {@code why}. Thread-safe; does nothing after {@link
     * #finish()}.
     */
    public void cancel(RuntimeException why) {
        pipeline.fail(why);
    }

    /** Frees all memory. Without {@link #finish()} before, aborts. */
    @Override
    public void close() {
        pipeline.close();
    }
}
