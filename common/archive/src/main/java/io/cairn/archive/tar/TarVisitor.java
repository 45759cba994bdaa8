package io.cairn.archive.tar;

/** Is told what a {@link TarScanner} comes across, in the order of the stream. */
public interface TarVisitor {

    /** An entry begins; its content follows. */
    void entry(TarEntry entry);

    /** The next bytes of the entry's content; the array is not the visitor's to keep. */
    default void content(byte[] bytes, int offset, int length) {}

    /** The entry's content is complete. Called for every entry, with content or without. */
    default void end(TarEntry entry) {}
}
