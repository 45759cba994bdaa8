package io.cairn.restore.contents;

import io.cairn.archive.tar.TarEntry;
import io.cairn.archive.tar.TarScanner;
import io.cairn.archive.tar.TarVisitor;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Walks one tar stream by its map, several volumes at once, and compares what is there with what
 * the map says: every header is the entry's, paddings are zeros, the stream ends where it must.
 * Thread-safe; each volume is walked by one thread.
 */
public final class ArchiveWalk {

    /** Headers of PostgreSQL take 512 bytes; extension headers are limited to 64 KiB each. */
    private static final int GAP_BYTES_MAX = 1 << 20;

    private final ArchiveMap map;

    /**
     * Gaps of which a part has passed: only those that lie in two volumes, and those just passing.
     */
    private final Map<Integer, PartialGap> partial = new ConcurrentHashMap<>();

    public ArchiveWalk(ArchiveMap map) {
        this.map = map;
    }

    /** Begins a volume at its first byte. */
    public Volume volume(long offset, String name, ContentVisitor visitor) {
        return new Volume(offset, name, visitor);
    }

    /** The walk along one volume. Not thread-safe. */
    public final class Volume {

        private final String name;
        private final ContentVisitor visitor;
        private long position;
        private int number;

        private Volume(long offset, String name, ContentVisitor visitor) {
            this.position = offset;
            this.number = map.entryAt(offset);
            this.name = name;
            this.visitor = visitor;
        }

        /**
         * Takes the volume's next bytes.
         *
         * @throws CairnException {@link ErrorCode#ARCHIVE_CORRUPT} naming the volume
         */
        public void write(byte[] bytes, int offset, int length) throws IOException {
            int at = offset;
            int end = offset + length;
            while (at < end) {
                int taken = step(bytes, at, end - at);
                at += taken;
                position += taken;
            }
        }

        private int step(byte[] bytes, int at, int available) throws IOException {
            long gapEnd = map.gapEnd(number);
            if (position < gapEnd) {
                int taken = (int) Math.min(gapEnd - position, available);
                gap(bytes, at, taken);
                return taken;
            }
            if (number == map.entries().size()) {
                throw corrupt("bytes behind the end of the tar stream");
            }
            TarEntry entry = map.entries().get(number);
            if (position < entry.end()) {
                int taken = (int) Math.min(entry.end() - position, available);
                visitor.content(number, entry, position - entry.offset(), bytes, at, taken);
                return taken;
            }
            int taken = (int) Math.min(map.contentEnd(number, true) - position, available);
            padding(bytes, at, taken);
            if (position + taken == map.contentEnd(number, true)) {
                number++;
            }
            return taken;
        }

        private void gap(byte[] bytes, int at, int taken) {
            long start = map.gapStart(number);
            long length = map.gapEnd(number) - start;
            if (taken == length) {
                check(bytes, at, taken);
                return;
            }
            if (length > GAP_BYTES_MAX) {
                throw corrupt("headers of " + length + " bytes");
            }
            PartialGap gap = partial.computeIfAbsent(number, _ -> new PartialGap((int) length));
            if (gap.add((int) (position - start), bytes, at, taken)) {
                partial.remove(number);
                check(gap.bytes, 0, gap.bytes.length);
            }
        }

        private void check(byte[] bytes, int at, int length) {
            List<TarEntry> found = new ArrayList<>(1);
            TarScanner scanner = new TarScanner(name, collecting(found));
            scanner.write(bytes, at, length);
            if (number == map.entries().size()) {
                scanner.finish();
                requireHeaders(found.isEmpty());
            } else {
                requireHeaders(
                        found.size() == 1
                                && describes(found.getFirst(), map.entries().get(number)));
            }
        }

        private void requireHeaders(boolean condition) {
            if (!condition) {
                throw corrupt(
                        "a header at byte "
                                + map.gapStart(number)
                                + " of the stream that is not the index's");
            }
        }

        private void padding(byte[] bytes, int at, int length) {
            for (int i = at; i < at + length; i++) {
                if (bytes[i] != 0) {
                    throw corrupt(
                            "padding that is not zeros behind " + map.entries().get(number).path());
                }
            }
        }

        /**
         * Ends the volume.
         *
         * @param expectedEnd where the commit object says that it ends
         * @throws CairnException {@link ErrorCode#ARCHIVE_CORRUPT} if it is shorter or longer
         */
        public void end(long expectedEnd) throws IOException {
            if (position != expectedEnd) {
                throw corrupt(
                        "its content end at byte "
                                + position
                                + " of the stream instead of "
                                + expectedEnd);
            }
            visitor.end();
        }

        private CairnException corrupt(String what) {
            return new CairnException(
                    ErrorCode.ARCHIVE_CORRUPT,
                    name + " has " + what,
                    "restore from another copy of this backup, or from another backup");
        }
    }

    private static TarVisitor collecting(List<TarEntry> found) {
        return found::add;
    }

    /** The scanner saw the header alone, so it cannot know where in the stream it was. */
    private static boolean describes(TarEntry header, TarEntry entry) {
        return header.path().equals(entry.path())
                && header.type() == entry.type()
                && header.size() == entry.size()
                && header.mode() == entry.mode()
                && header.modifiedSeconds() == entry.modifiedSeconds()
                && header.link().equals(entry.link());
    }

    /** A gap that comes in parts, from two threads where it lies in two volumes. */
    private static final class PartialGap {

        private final byte[] bytes;
        private int filled;

        PartialGap(int length) {
            bytes = new byte[length];
        }

        /** Returns whether it is complete now. */
        synchronized boolean add(int at, byte[] source, int offset, int length) {
            System.arraycopy(source, offset, bytes, at, length);
            filled += length;
            return filled == bytes.length;
        }
    }
}
