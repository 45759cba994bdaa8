package io.cairn.archive;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Room for one block of an archive and the member made of it, in native memory: compressors work on
 * it without holding up the garbage collector. One thread has it at a time.
 */
final class Block {

    private final MemorySegment input;
    private final MemorySegment member;
    private @Nullable ArchiveInProgress archive;
    private int length;
    private int memberLength;
    private boolean last;

    Block(Arena arena, int blockBytes, int memberBytes) {
        input = arena.allocate(blockBytes);
        member = arena.allocate(memberBytes);
    }

    /** Empties the block for the archive's next bytes. */
    void begin(ArchiveInProgress of) {
        archive = of;
        length = 0;
        memberLength = 0;
        last = false;
    }

    boolean isFull() {
        return length == input.byteSize();
    }

    /** Takes as many bytes as there is room for, and returns how many. */
    int put(byte[] bytes, int offset, int available) {
        int taken = (int) Math.min(input.byteSize() - length, available);
        MemorySegment.copy(bytes, offset, input, ValueLayout.JAVA_BYTE, length, taken);
        length += taken;
        return taken;
    }

    void markLast() {
        last = true;
    }

    /** The bytes put in. */
    MemorySegment content() {
        return input.asSlice(0, length);
    }

    MemorySegment memberSpace() {
        return member;
    }

    void compressedTo(int bytes) {
        memberLength = bytes;
    }

    int length() {
        return length;
    }

    int memberLength() {
        return memberLength;
    }

    /** Whether the archive ends with this block. */
    boolean isLast() {
        return last;
    }

    ArchiveInProgress archive() {
        if (archive == null) {
            throw new IllegalStateException("the block belongs to no archive");
        }
        return archive;
    }

    void copyMemberTo(byte[] target) {
        MemorySegment.copy(member, ValueLayout.JAVA_BYTE, 0, target, 0, memberLength);
    }
}
