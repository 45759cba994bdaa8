package io.cairn.model.wal;

import io.cairn.model.Lsn;
import io.cairn.model.backup.CommitObject;

/**
 * {@code wal_segment_size}: fixed when a cluster is created.
 *
 * @param bytes a power of two from 1 MiB to 1 GiB; 16 MiB unless chosen otherwise
 * @see <a href="https://www.postgresql.org/docs/current/app-initdb.html">initdb --wal-segsize</a>
 */
public record SegmentSize(int bytes) {

    public static final SegmentSize DEFAULT = new SegmentSize(16 << 20);

    public SegmentSize {
        if (bytes < 1 << 20 || bytes > 1 << 30 || Integer.bitCount(bytes) != 1) {
            throw new IllegalArgumentException(bytes + " bytes is not a size of WAL segments");
        }
    }

    /** Of the server that a backup was taken of. */
    public static SegmentSize of(CommitObject commit) {
        return new SegmentSize(Math.toIntExact(commit.walSegmentBytes()));
    }

    /** The segment that holds the byte at {@code position}. */
    public long numberOf(Lsn position) {
        return Long.divideUnsigned(position.bits(), bytes);
    }

    /** Bytes from the segment's first byte to {@code position}. */
    public int offsetOf(Lsn position) {
        return (int) Long.remainderUnsigned(position.bits(), bytes);
    }

    /** The first byte of the segment that holds {@code position}. */
    public Lsn startOf(Lsn position) {
        return position.plus(-offsetOf(position));
    }
}
