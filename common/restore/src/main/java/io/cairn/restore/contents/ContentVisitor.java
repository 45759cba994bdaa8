package io.cairn.restore.contents;

import io.cairn.archive.tar.TarEntry;
import java.io.IOException;

/** Is told what is in one volume, in the order of the stream. */
public interface ContentVisitor extends AutoCloseable {

    /**
     * The next bytes of a file's content.
     *
     * @param number of the entry in its archive, from 0
     * @param position of the bytes in the file
     * @param bytes not the visitor's to keep
     */
    void content(int number, TarEntry entry, long position, byte[] bytes, int offset, int length)
            throws IOException;

    /** The volume has ended. Its last file may go on in the next one. */
    default void end() throws IOException {}

    /** The volume is left, whether it ended or not. */
    @Override
    default void close() {}
}
