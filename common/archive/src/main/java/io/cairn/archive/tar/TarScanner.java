package io.cairn.archive.tar;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Optional;

/**
 * Walks a tar stream as its bytes pass, in chunks of any size, and tells a {@link TarVisitor} what
 * is in it. Looks at headers only; content is handed on, not copied.
 *
 * <p>Not thread-safe. Memory: one block.
 */
public final class TarScanner {

    private enum State {
        HEADER,
        EXTENSION,
        CONTENT,
        PADDING,
        /** Behind the two zero blocks that end a stream: only zeros follow. */
        END
    }

    private static final int BLOCK_BYTES = TarHeader.BLOCK_BYTES;

    private final String archive;
    private final TarVisitor visitor;
    private final byte[] block = new byte[BLOCK_BYTES];
    private final ByteArrayOutputStream extensionContent = new ByteArrayOutputStream();

    private State state = State.HEADER;
    private long position;
    private int blockFilled;
    private int zeroBlocks;

    /** Bytes left of the content or padding that passes. */
    private long remaining;

    private int padding;
    private char extensionType;
    private TarExtension extension = new TarExtension();
    private TarEntry entry =
            new TarEntry(".", TarEntryType.DIRECTORY, 0, 0, 0, 0, Optional.empty());

    /**
     * @param archive the stream's name, for errors
     */
    public TarScanner(String archive, TarVisitor visitor) {
        this.archive = archive;
        this.visitor = visitor;
    }

    /**
     * Takes the next bytes of the stream.
     *
     * @throws CairnException {@link ErrorCode#ARCHIVE_CORRUPT} if they are no tar stream
     */
    public void write(byte[] bytes, int offset, int length) {
        int at = offset;
        int end = offset + length;
        while (at < end) {
            int taken =
                    switch (state) {
                        case HEADER -> header(bytes, at, end - at);
                        case EXTENSION -> extension(bytes, at, end - at);
                        case CONTENT -> content(bytes, at, end - at);
                        case PADDING -> padding(end - at);
                        case END -> zeros(bytes, at, end - at);
                    };
            at += taken;
            position += taken;
        }
    }

    /**
     * Ends the stream.
     *
     * @throws CairnException {@link ErrorCode#ARCHIVE_INCOMPLETE} if it was cut off
     */
    public void finish() {
        if (state != State.END) {
            throw new CairnException(
                    ErrorCode.ARCHIVE_INCOMPLETE,
                    archive
                            + " ends after "
                            + position
                            + " bytes, in or behind "
                            + entry.path()
                            + ", without the end of a tar stream",
                    "the stream was cut off: take the backup again, or restore from another copy");
        }
    }

    private int header(byte[] bytes, int at, int available) {
        if (blockFilled == 0 && available >= BLOCK_BYTES) {
            accept(new TarHeader(bytes, at), BLOCK_BYTES);
            return BLOCK_BYTES;
        }
        int taken = Math.min(BLOCK_BYTES - blockFilled, available);
        System.arraycopy(bytes, at, block, blockFilled, taken);
        blockFilled += taken;
        if (blockFilled == BLOCK_BYTES) {
            blockFilled = 0;
            accept(new TarHeader(block, 0), taken);
        }
        return taken;
    }

    /**
     * @param taken how many of the header's bytes {@link #position} does not count yet
     */
    private void accept(TarHeader header, int taken) {
        if (header.isZero()) {
            zeroBlocks++;
            state = zeroBlocks == 2 ? State.END : State.HEADER;
            return;
        }
        if (zeroBlocks > 0 || !header.checksumFits()) {
            throw corrupt("no tar header");
        }
        if (TarExtension.isExtension(header.type())) {
            beginExtension(header);
        } else {
            beginEntry(entry(header, position + taken));
        }
    }

    private void beginExtension(TarHeader header) {
        remaining = header.size();
        if (remaining < 0 || remaining > TarExtension.MAX_BYTES) {
            throw corrupt("an extension header that is too long");
        }
        padding = paddingOf(remaining);
        extensionType = header.type();
        extensionContent.reset();
        state = State.EXTENSION;
        if (remaining == 0) {
            endExtension();
        }
    }

    private TarEntry entry(TarHeader header, long offset) {
        TarEntryType type =
                switch (header.type()) {
                    case '0', '\0', '7' -> TarEntryType.FILE;
                    case '2' -> TarEntryType.SYMLINK;
                    case '5' -> TarEntryType.DIRECTORY;
                    default -> TarEntryType.OTHER;
                };
        // Links, devices and directories have no content, whatever their size field says.
        boolean bare = header.type() >= '1' && header.type() <= '6';
        long size = bare ? 0 : size(header);
        Optional<String> link =
                type == TarEntryType.SYMLINK
                        ? Optional.of(extension.link().orElseGet(header::link))
                        : Optional.empty();
        TarEntry result =
                new TarEntry(
                        path(extension.path().orElseGet(header::path)),
                        type,
                        offset,
                        size,
                        header.mode(),
                        header.modifiedSeconds(),
                        link);
        extension = new TarExtension();
        return result;
    }

    private long size(TarHeader header) {
        try {
            long size = extension.size().orElseGet(header::size);
            if (size >= 0) {
                return size;
            }
        } catch (NumberFormatException _) {
            // Says the same as a size below zero.
        }
        throw corrupt("an entry without a size");
    }

    /**
     * The path without {@code ./} in front and {@code /} behind. A path that leads out of the
     * directory is refused.
     */
    private String path(String raw) {
        String path = raw;
        while (path.startsWith("./")) {
            path = path.substring(2);
        }
        while (path.endsWith("/")) {
            path = path.substring(0, path.length() - 1);
        }
        if (path.isEmpty()) {
            path = raw.startsWith("/") || raw.isEmpty() ? "/" : ".";
        }
        if (path.startsWith("/") || Arrays.asList(path.split("/", -1)).contains("..")) {
            throw corrupt("an entry outside of its directory");
        }
        return path;
    }

    private void beginEntry(TarEntry next) {
        entry = next;
        remaining = next.size();
        padding = paddingOf(remaining);
        visitor.entry(next);
        if (remaining == 0) {
            visitor.end(next);
            state = State.HEADER;
        } else {
            state = State.CONTENT;
        }
    }

    private int extension(byte[] bytes, int at, int available) {
        int taken = (int) Math.min(remaining, available);
        extensionContent.write(bytes, at, taken);
        remaining -= taken;
        if (remaining == 0) {
            endExtension();
        }
        return taken;
    }

    private void endExtension() {
        if (!extension.add(extensionType, extensionContent.toByteArray())) {
            throw corrupt("an extension header that cannot be read");
        }
        beginPadding();
    }

    private int content(byte[] bytes, int at, int available) {
        int taken = (int) Math.min(remaining, available);
        visitor.content(bytes, at, taken);
        remaining -= taken;
        if (remaining == 0) {
            visitor.end(entry);
            beginPadding();
        }
        return taken;
    }

    private void beginPadding() {
        remaining = padding;
        state = padding == 0 ? State.HEADER : State.PADDING;
    }

    private int padding(int available) {
        int taken = (int) Math.min(remaining, available);
        remaining -= taken;
        if (remaining == 0) {
            state = State.HEADER;
        }
        return taken;
    }

    private int zeros(byte[] bytes, int at, int available) {
        for (int i = at; i < at + available; i++) {
            if (bytes[i] != 0) {
                throw corrupt("bytes behind the end of the tar stream");
            }
        }
        return available;
    }

    private static int paddingOf(long size) {
        return (int) (-size & (BLOCK_BYTES - 1));
    }

    private CairnException corrupt(String what) {
        return new CairnException(
                ErrorCode.ARCHIVE_CORRUPT,
                archive + " has " + what + " near byte " + position,
                "it is not the tar stream that PostgreSQL sends: take the backup again, or restore from another copy");
    }
}
