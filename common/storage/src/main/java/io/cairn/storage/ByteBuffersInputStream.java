package io.cairn.storage;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;

/** Reads buffers one after the other without moving their own positions. */
final class ByteBuffersInputStream extends InputStream {

    private final List<ByteBuffer> buffers;
    private int current;
    private ByteBuffer buffer;

    ByteBuffersInputStream(List<ByteBuffer> buffers) {
        this.buffers = buffers;
        this.buffer = buffers.isEmpty() ? ByteBuffer.allocate(0) : buffers.getFirst().duplicate();
    }

    @Override
    public int read() {
        return advance() ? buffer.get() & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        int done = 0;
        while (done < length && advance()) {
            int count = Math.min(length - done, buffer.remaining());
            buffer.get(target, offset + done, count);
            done += count;
        }
        return done == 0 ? -1 : done;
    }

    @Override
    public int available() {
        return buffer.remaining();
    }

    private boolean advance() {
        while (!buffer.hasRemaining()) {
            if (current + 1 >= buffers.size()) {
                return false;
            }
            current++;
            buffer = buffers.get(current).duplicate();
        }
        return true;
    }
}
