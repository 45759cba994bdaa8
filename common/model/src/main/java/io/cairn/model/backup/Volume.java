package io.cairn.model.backup;

/**
 * One stored slice of an archive's tar stream.
 *
 * @param object the stored bytes
 * @param offset where the slice begins in the tar stream, in bytes
 * @param bytes length of the slice before compression, 1 or more
 */
public record Volume(StoredObject object, long offset, long bytes) {

    public Volume {
        if (offset < 0 || bytes < 1) {
            throw new IllegalArgumentException("not a slice: " + offset + "+" + bytes);
        }
    }

    /** First byte of the tar stream behind this slice. */
    public long end() {
        return offset + bytes;
    }
}
