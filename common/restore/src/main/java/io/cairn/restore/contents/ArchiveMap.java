package io.cairn.restore.contents;

import io.cairn.archive.tar.TarEntry;
import io.cairn.archive.tar.TarIndex.ArchiveIndex;
import io.cairn.model.backup.Archive;
import io.cairn.model.backup.Volume;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What lies at every byte of one tar stream, as the index says:
 *
 * <pre>
 * stream = (gap(0) content(0) padding(0)) … (gap(n-1) content(n-1) padding(n-1)) gap(n)
 * </pre>
 *
 * <p>{@code gap(i)} is the header of entry i, with extension headers if it has any; {@code gap(n)}
 * is the end of the stream. Contents are padded with zeros to 512 bytes.
 */
public final class ArchiveMap {

    static final int BLOCK = 512;

    private final Archive archive;
    private final List<TarEntry> entries;
    private final long[] volumeEnds;

    /**
     * @throws CairnException {@link ErrorCode#ARCHIVE_CORRUPT} if the index cannot be that of the
     *     stream
     */
    public ArchiveMap(Archive archive, ArchiveIndex index) {
        this.archive = archive;
        this.entries = index.entries();
        this.volumeEnds = archive.volumes().stream().mapToLong(Volume::end).toArray();
        long expected = 0;
        for (int i = 0; i < entries.size(); i++) {
            TarEntry entry = entries.get(i);
            long header = gapEnd(i) - expected;
            require(entry.size() >= 0 && header >= BLOCK && header % BLOCK == 0, entry.path());
            expected = contentEnd(i, true);
        }
        require(
                archive.bytes() >= expected + 2 * BLOCK
                        && (archive.bytes() - expected) % BLOCK == 0,
                "its end");
    }

    private void require(boolean condition, String where) {
        if (!condition) {
            throw new CairnException(
                    ErrorCode.ARCHIVE_CORRUPT,
                    "the index of "
                            + archive.name()
                            + " is not that of its tar stream, at "
                            + where,
                    "restore from another copy of this backup, or from another backup");
        }
    }

    public Archive archive() {
        return archive;
    }

    public List<TarEntry> entries() {
        return entries;
    }

    /** Whether an entry's content lies in one volume. */
    public boolean liesInOneVolume(TarEntry entry) {
        int found = Arrays.binarySearch(volumeEnds, entry.offset());
        // A volume ends behind its last byte, so a file that begins at an end begins in the next
        // volume.
        int volume = found < 0 ? -found - 1 : found + 1;
        return entry.end() <= volumeEnds[volume];
    }

    /** Numbers of the entries that have content in a volume. */
    public IntStream inVolume(Volume volume) {
        return IntStream.range(entryAt(volume.offset()), entries.size())
                .takeWhile(number -> entries.get(number).offset() < volume.end())
                .filter(number -> contentIn(volume, number) > 0);
    }

    /** Bytes of files' content in a volume. */
    public long contentIn(Volume volume) {
        return inVolume(volume).mapToLong(number -> contentIn(volume, number)).sum();
    }

    private long contentIn(Volume volume, int number) {
        TarEntry entry = entries.get(number);
        return Math.min(entry.end(), volume.end()) - Math.max(entry.offset(), volume.offset());
    }

    /**
     * Number of the first entry whose padding ends behind {@code position}; the number of entries
     * if none does.
     */
    int entryAt(long position) {
        int low = 0;
        int high = entries.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (contentEnd(middle, true) > position) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** First byte of gap {@code number}. */
    long gapStart(int number) {
        return number == 0 ? 0 : contentEnd(number - 1, true);
    }

    /**
     * First byte behind gap {@code number}: where the entry's content begins, or the stream ends.
     */
    long gapEnd(int number) {
        return number == entries.size() ? archive.bytes() : entries.get(number).offset();
    }

    long contentEnd(int number, boolean padded) {
        long end = entries.get(number).end();
        return padded ? (end + BLOCK - 1) / BLOCK * BLOCK : end;
    }
}
