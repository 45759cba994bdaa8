package io.cairn.bench.backup;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.Deflater;

/**
 * How much a cluster's files shrink under {@code gzip -6}: measured on every eighth MiB of them,
 * WAL left out.
 *
 * @param bytes of the files, all of them
 * @param files how many
 * @param ratio input ÷ output
 */
record Entropy(long bytes, int files, double ratio) {

    private static final int PIECE = 1 << 20;
    private static final int EVERY = 8;

    static final double LEAST = 2;
    static final double MOST = 5;

    boolean isRealistic() {
        return ratio >= LEAST && ratio <= MOST;
    }

    static Entropy of(Path dataDirectory) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(dataDirectory)) {
            files =
                    all.filter(Files::isRegularFile)
                            .filter(file -> !file.startsWith(dataDirectory.resolve("pg_wal")))
                            .sorted()
                            .toList();
        }
        Sample sample = new Sample();
        for (Path file : files) {
            sample.add(file);
        }
        return new Entropy(sample.position, files.size(), (double) sample.in / sample.out);
    }

    private static final class Sample {

        private final ByteBuffer piece = ByteBuffer.allocate(PIECE);
        private final byte[] compressed = new byte[PIECE * 2];
        private long position;
        private long in;
        private long out;

        void add(Path file) throws IOException {
            try (FileChannel channel = FileChannel.open(file)) {
                while (channel.read(piece.limit(PIECE)) >= 0) {
                    if (!piece.hasRemaining()) {
                        take();
                    }
                }
            }
        }

        /** Small files fill a piece together, as they do in a tar stream. */
        private void take() {
            if (position / PIECE % EVERY == 0) {
                Deflater deflater = new Deflater(6, true);
                deflater.setInput(piece.array(), 0, PIECE);
                deflater.finish();
                out += deflater.deflate(compressed);
                in += PIECE;
                deflater.end();
            }
            position += PIECE;
            piece.clear();
        }
    }
}
