package io.cairn.restore.engine;

/** Is told how far a restore is. Called by several threads, often; must return quickly. */
@FunctionalInterface
public interface RestoreProgress {

    RestoreProgress NONE = (_, _) -> {};

    /**
     * @param bytesWritten of files so far
     * @param bytesTotal of all files
     */
    void advanced(long bytesWritten, long bytesTotal);
}
