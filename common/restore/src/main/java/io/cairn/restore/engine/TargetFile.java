package io.cairn.restore.engine;

import io.cairn.model.error.CairnException;
import io.cairn.postgres.manifest.FileVerifier;
import io.cairn.restore.contents.BackupFile;
import io.cairn.restore.contents.FileMismatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** A file to be restored, and how its content gets to its place. */
sealed interface TargetFile {

    BackupFile file();

    /** Opens it for the part that lies in one volume. */
    FilePart open() throws IOException;

    /** The part of a file that lies in one volume, written by one thread. */
    interface FilePart {
        void write(long position, byte[] bytes, int offset, int length) throws IOException;

        /** The volume has no more of it. */
        void finish() throws IOException;

        /** Gives up. */
        void abort() throws IOException;
    }

    /** What is done with a file whose content is complete. */
    @FunctionalInterface
    interface Completion {
        /**
         * @param channel open on the file; taken over
         */
        void complete(BackupFile file, Path path, FileChannel channel) throws IOException;
    }

    private static FileChannel create(Path path, OpenOption... options) throws IOException {
        return FileChannel.open(
                path,
                Set.of(options),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    private static void writeFully(
            FileChannel channel, long position, byte[] bytes, int offset, int length)
            throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
        while (buffer.hasRemaining()) {
            channel.write(buffer, position + buffer.position() - offset);
        }
    }

    /** A file that is stored whole. */
    sealed interface Whole extends TargetFile {

        Path path();

        Completion completion();
    }

    /** A file within one volume: its checksum is computed as the bytes pass. */
    record InOneVolume(BackupFile file, Path path, Completion completion) implements Whole {

        @Override
        public FilePart open() throws IOException {
            Optional<FileVerifier> verifier = file.manifest().map(listed -> listed.verifier());
            FileChannel channel =
                    create(
                            path,
                            StandardOpenOption.CREATE_NEW,
                            StandardOpenOption.WRITE,
                            LinkOption.NOFOLLOW_LINKS);
            return new FilePart() {
                @Override
                public void write(long position, byte[] bytes, int offset, int length)
                        throws IOException {
                    verifier.ifPresent(running -> running.update(bytes, offset, length));
                    writeFully(channel, position, bytes, offset, length);
                }

                @Override
                public void finish() throws IOException {
                    verifier.ifPresent(running -> FileMismatch.require(file, running.finish()));
                    completion.complete(file, path, channel);
                }

                @Override
                public void abort() throws IOException {
                    channel.close();
                }
            };
        }
    }

    /**
     * A file in several volumes, written by several threads in any order: whoever writes its last
     * missing byte reads it once more, from the page cache, for its checksum.
     */
    record Spanning(BackupFile file, Path path, Completion completion, AtomicLong missing)
            implements Whole {

        private static final int READ_BYTES = 1 << 20;

        @Override
        public FilePart open() throws IOException {
            FileChannel channel =
                    create(
                            path,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            LinkOption.NOFOLLOW_LINKS);
            return new FilePart() {
                private long written;

                @Override
                public void write(long position, byte[] bytes, int offset, int length)
                        throws IOException {
                    writeFully(channel, position, bytes, offset, length);
                    written += length;
                }

                @Override
                public void finish() throws IOException {
                    if (missing.addAndGet(-written) == 0) {
                        verify(channel);
                        completion.complete(file, path, channel);
                    } else {
                        channel.close();
                    }
                }

                @Override
                public void abort() throws IOException {
                    channel.close();
                }
            };
        }

        private void verify(FileChannel channel) throws IOException {
            if (file.manifest().isEmpty()) {
                return;
            }
            FileVerifier verifier = file.manifest().get().verifier();
            ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
            long position = 0;
            for (int read = channel.read(buffer, 0);
                    read > 0;
                    read = channel.read(buffer.clear(), position)) {
                verifier.update(buffer.array(), 0, read);
                position += read;
            }
            FileMismatch.require(file, verifier.finish());
        }
    }

    /** Blocks of a file that an earlier backup has. */
    record Blocks(BackupFile file, BlocksFile blocks) implements TargetFile {

        @Override
        public FilePart open() {
            return blocks.part();
        }
    }

    /** A file that a later backup of the chain has whole, or has no more. */
    record PassedOver(BackupFile file) implements TargetFile {

        private static final FilePart NOTHING =
                new FilePart() {
                    @Override
                    public void write(long position, byte[] bytes, int offset, int length) {}

                    @Override
                    public void finish() {}

                    @Override
                    public void abort() {}
                };

        @Override
        public FilePart open() {
            return NOTHING;
        }
    }

    /** A small file that is kept in memory, to be written when everything else is durable. */
    record Kept(BackupFile file, byte[] content, AtomicLong missing) implements TargetFile {

        static Kept of(BackupFile file) {
            long size = file.entry().size();
            if (size > BYTES_MAX) {
                throw CairnException.bug(
                        file.path() + " has " + size + " bytes, too many to be kept");
            }
            return new Kept(file, new byte[(int) size], new AtomicLong(size));
        }

        private static final long BYTES_MAX = 16 << 20;

        @Override
        public FilePart open() {
            return new FilePart() {
                private long written;

                @Override
                public void write(long position, byte[] bytes, int offset, int length) {
                    System.arraycopy(bytes, offset, content, (int) position, length);
                    written += length;
                }

                @Override
                public void finish() {
                    if (missing.addAndGet(-written) == 0) {
                        requireManifests();
                    }
                }

                @Override
                public void abort() {}
            };
        }

        private void requireManifests() {
            file.manifest()
                    .ifPresent(listed -> {
                        FileVerifier verifier = listed.verifier();
                        verifier.update(content, 0, content.length);
                        FileMismatch.require(file, verifier.finish());
                    });
        }
    }
}
