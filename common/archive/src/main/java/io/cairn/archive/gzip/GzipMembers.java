package io.cairn.archive.gzip;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;

/**
 * Reads a sequence of members to its last byte: what follows a member is another member or the end,
 * never anything else. Not thread-safe; may be used for one sequence after another.
 */
public final class GzipMembers implements AutoCloseable {

    private final GzipDecompressor decompressor;
    private byte[] gzip = new byte[0];
    private int position;
    private int end;
    private String name = "";

    public GzipMembers(GzipCodec codec) {
        this.decompressor = codec.decompressor();
    }

    /**
     * Begins with the members in {@code gzip[from .. to)}, which must not change until they are
     * read.
     *
     * @param name of the object they came from, for errors
     */
    public void begin(byte[] gzip, int from, int to, String name) {
        if (from >= to) {
            throw corrupt(name);
        }
        this.gzip = gzip;
        this.position = from;
        this.end = to;
        this.name = name;
    }

    public boolean hasNext() {
        return position < end;
    }

    /**
     * Inflates the next member.
     *
     * @param output {@link GzipCodec#MEMBER_BYTES} long
     * @return bytes written to {@code output}; an empty member has none
     * @throws CairnException {@link ErrorCode#ARCHIVE_CORRUPT} if there is no valid member of at
     *     most 1 MiB here
     */
    public int next(byte[] output) {
        int bytes =
                MemberHeader.isAt(gzip, position, end)
                        ? decompressor.inflate(gzip, position, end, output)
                        : GzipDecompressor.CORRUPT;
        if (bytes == GzipDecompressor.CORRUPT) {
            throw corrupt(name);
        }
        position += decompressor.consumed();
        return bytes;
    }

    private static CairnException corrupt(String name) {
        return new CairnException(
                ErrorCode.ARCHIVE_CORRUPT,
                name + " does not inflate: it is not the gzip members that were written",
                "restore from another copy of this backup, or from another backup");
    }

    @Override
    public void close() {
        decompressor.close();
    }
}
