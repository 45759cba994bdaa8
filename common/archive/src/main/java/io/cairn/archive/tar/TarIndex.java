package io.cairn.archive.tar;

import io.cairn.model.Json;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Which file lies where in a backup's tar streams: {@code index.json}. It lets a restore write a
 * volume's files without reading the volumes before it.
 *
 * @param format version, {@link #FORMAT}
 * @param archives in the order in which PostgreSQL sent them
 */
public record TarIndex(int format, List<ArchiveIndex> archives) {

    public static final int FORMAT = 1;

    public TarIndex {
        archives = List.copyOf(archives);
    }

    /**
     * @param name {@code base.tar} or {@code <oid>.tar}
     * @param entries in the order of the stream
     */
    public record ArchiveIndex(String name, List<TarEntry> entries) {

        public ArchiveIndex {
            entries = List.copyOf(entries);
        }

        public Optional<TarEntry> entry(String path) {
            return entries.stream().filter(entry -> entry.path().equals(path)).findFirst();
        }

        /**
         * The entries with content in the bytes {@code [from .. to)} of the stream, in its order.
         */
        public List<TarEntry> within(long from, long to) {
            int first = firstEndingAfter(from);
            int last = first;
            while (last < entries.size() && entries.get(last).offset() < to) {
                last++;
            }
            return entries.subList(first, last).stream().filter(entry -> entry.size() > 0).toList();
        }

        /** Ends grow along the stream, so that the first can be searched for. */
        private int firstEndingAfter(long from) {
            TarEntry key =
                    new TarEntry("", TarEntryType.OTHER, from + 1, 0, 0, 0, Optional.empty());
            int found =
                    Collections.binarySearch(entries, key, Comparator.comparingLong(TarEntry::end));
            int index = found < 0 ? -found - 1 : found;
            while (index > 0 && entries.get(index - 1).end() > from) {
                index--;
            }
            return index;
        }
    }

    public Optional<ArchiveIndex> archive(String name) {
        return archives.stream().filter(archive -> archive.name().equals(name)).findFirst();
    }

    public byte[] toJson() {
        return Json.write(this);
    }

    /**
     * @param whence the object it was read from, for errors
     * @throws CairnException {@link ErrorCode#ARCHIVE_CORRUPT}, {@link
     *     ErrorCode#FORMAT_UNSUPPORTED}
     */
    public static TarIndex fromJson(byte[] json, String whence) {
        TarIndex index;
        try {
            index = Json.read(json, TarIndex.class);
        } catch (IOException | RuntimeException e) {
            throw new CairnException(
                    ErrorCode.ARCHIVE_CORRUPT,
                    whence + " is not an index",
                    "restore from another copy of this backup, or from another backup",
                    e);
        }
        if (index.format() != FORMAT) {
            throw new CairnException(
                    ErrorCode.FORMAT_UNSUPPORTED,
                    whence + " has format " + index.format() + ", this Cairn reads " + FORMAT,
                    "use the release of Cairn that wrote it, or a newer one");
        }
        return index;
    }
}
