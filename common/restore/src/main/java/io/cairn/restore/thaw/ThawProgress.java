package io.cairn.restore.thaw;

/** Is told how far a thaw is, after each look. */
@FunctionalInterface
public interface ThawProgress {

    ThawProgress NONE = (_, _) -> {};

    /**
     * @param bytesReadable of the objects that can be read by now
     */
    void update(long bytesReadable, long bytes);
}
