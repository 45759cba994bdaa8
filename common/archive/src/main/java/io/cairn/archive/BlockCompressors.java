package io.cairn.archive;

import io.cairn.archive.gzip.GzipCompressor;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** The threads that compress blocks, each with a compressor of its own. */
final class BlockCompressors {

    private final ExecutorService threads;
    private final BlockingQueue<GzipCompressor> compressors;

    BlockCompressors(ArchiveSettings settings) {
        compressors = new ArrayBlockingQueue<>(settings.compressors());
        for (int i = 0; i < settings.compressors(); i++) {
            compressors.add(settings.codec().compressor(settings.gzipLevel()));
        }
        threads =
                Executors.newFixedThreadPool(
                        settings.compressors(),
                        Thread.ofPlatform().daemon().name("cairn-gzip-", 0).factory());
    }

    /** The block again, when its member is made. */
    Future<Block> compress(Block block) {
        return threads.submit(() -> {
            GzipCompressor compressor = compressors.take();
            try {
                block.compressedTo(compressor.compress(block.content(), block.memberSpace()));
                return block;
            } finally {
                compressors.add(compressor);
            }
        });
    }

    /** Drops what has not begun. */
    void stop() {
        threads.shutdownNow();
    }

    /**
     * After {@link #stop}: waits for the blocks at work (milliseconds) and frees the compressors.
     */
    void close() {
        // Not with a time limit: native memory must not be freed under a native call.
        Uninterruptibly.run(() -> {
            while (!threads.awaitTermination(1, TimeUnit.MINUTES)) {
                // A block takes at most a few hundred milliseconds of CPU time.
            }
        });
        compressors.forEach(GzipCompressor::close);
        compressors.clear();
    }
}
