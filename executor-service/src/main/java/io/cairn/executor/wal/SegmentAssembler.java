package io.cairn.executor.wal;

import io.cairn.model.Lsn;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.LsnRange;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes segments of a stream of bytes that come in pieces of any length, and gives out parts of the
 * segment in progress. Not thread-safe.
 */
final class SegmentAssembler {

    /** Where the memory of a segment comes from. */
    @FunctionalInterface
    interface Buffers {
        SegmentBuffer next(Lsn start);
    }

    private final Buffers buffers;
    private @Nullable SegmentBuffer buffer;
    private Lsn position;
    private Lsn cut;

    /**
     * @param start the first byte of a segment
     */
    SegmentAssembler(Lsn start, int segmentBytes, Buffers buffers) {
        if (Long.remainderUnsigned(start.bits(), segmentBytes) != 0) {
            throw new IllegalArgumentException(start + " is not the first byte of a segment");
        }
        this.buffers = buffers;
        this.position = start;
        this.cut = start;
    }

    /** Behind the last byte that came. */
    Lsn position() {
        return position;
    }

    /** Whether the next byte begins a segment, and takes a new buffer. */
    boolean isBetweenSegments() {
        return buffer == null;
    }

    /** Bytes of the segment in progress that no part given out has. */
    long uncut() {
        return position.minus(cut);
    }

    /**
     * Takes bytes up to the segment's end and no further, so that the caller can take the segment.
     *
     * @param at the position of the first byte
     * @return whether the segment is full: {@link #takeSegment} is next
     * @throws CairnException {@link ErrorCode#POSTGRES_PROTOCOL} if bytes are missing before {@code
     *     at}, or came before
     */
    boolean append(Lsn at, ByteBuffer bytes) {
        if (!at.equals(position)) {
            throw new CairnException(
                    ErrorCode.POSTGRES_PROTOCOL,
                    "WAL was expected at " + position + " and came for " + at,
                    "the stream is begun anew; report this if it comes back");
        }
        if (!bytes.hasRemaining()) {
            return false;
        }
        SegmentBuffer current = buffer;
        if (current == null) {
            current = buffers.next(position);
            buffer = current;
        }
        current.append(bytes);
        position = current.end();
        return current.isFull();
    }

    /** The part that no other part has yet; empty if there is none. */
    Optional<SegmentBuffer.Part> cut() {
        SegmentBuffer current = buffer;
        if (current == null || cut.equals(position)) {
            return Optional.empty();
        }
        SegmentBuffer.Part part = current.part(cut);
        cut = position;
        return Optional.of(part);
    }

    /** What came of a range within the segment in progress, or empty if not all of it is there. */
    Optional<SegmentBuffer.Part> part(LsnRange range) {
        SegmentBuffer current = buffer;
        return current == null
                        || range.start().compareTo(current.start()) < 0
                        || range.end().compareTo(position) > 0
                ? Optional.empty()
                : Optional.of(current.part(range));
    }

    /** The whole of the segment in progress as far as it came, and the begin of the next one. */
    Optional<SegmentBuffer.Part> takeSegment() {
        SegmentBuffer current = buffer;
        if (current == null) {
            return Optional.empty();
        }
        SegmentBuffer.Part whole = current.part(current.start());
        current.release();
        buffer = null;
        cut = position;
        return Optional.of(whole);
    }

    /** Gives the memory back; what was not cut is forgotten. */
    void forget() {
        SegmentBuffer current = buffer;
        if (current != null) {
            buffer = null;
            current.release();
        }
    }
}
