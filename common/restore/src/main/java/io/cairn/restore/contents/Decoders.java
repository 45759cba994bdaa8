package io.cairn.restore.contents;

import io.cairn.archive.VolumeDecoder;
import io.cairn.archive.gzip.GzipCodec;
import io.cairn.archive.key.BackupKey;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A decoder for each thread that asks, all closed at the end, when none of the threads works any
 * more.
 */
final class Decoders implements AutoCloseable {

    private final GzipCodec codec;
    private final BackupKey key;
    private final Map<Thread, VolumeDecoder> decoders = new ConcurrentHashMap<>();

    Decoders(GzipCodec codec, BackupKey key) {
        this.codec = codec;
        this.key = key;
    }

    VolumeDecoder mine() {
        return decoders.computeIfAbsent(Thread.currentThread(), _ -> new VolumeDecoder(codec, key));
    }

    @Override
    public void close() {
        decoders.values().forEach(VolumeDecoder::close);
    }
}
