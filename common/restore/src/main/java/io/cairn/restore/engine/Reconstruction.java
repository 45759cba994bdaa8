package io.cairn.restore.engine;

import io.cairn.postgres.manifest.ChecksumAlgorithm;
import io.cairn.postgres.manifest.ChecksumAlgorithm.FileChecksum;
import io.cairn.postgres.manifest.ManifestFile.Checksum;
import io.cairn.restore.contents.BackupFile;
import io.cairn.restore.incremental.CombinedManifest;
import io.cairn.restore.incremental.IncrementalChain;
import io.cairn.restore.incremental.IncrementalFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What files have become that several backups make together. One that no backup changed is what the
 * manifest of the backup says that has it whole; another is read once more for the manifest of the
 * result. Thread-safe.
 */
final class Reconstruction {

    private static final int READ_BYTES = 1 << 20;

    private final IncrementalChain chain;
    private final Set<String> changed = ConcurrentHashMap.newKeySet();
    private final Map<String, CombinedManifest.Whole> files = new ConcurrentHashMap<>();

    Reconstruction(IncrementalChain chain) {
        this.chain = chain;
    }

    /** The most bytes that a file of the last backup may come to, in whole blocks of a segment. */
    long lengthMax(BackupFile file) {
        return chain.origin(file)
                .map(origin ->
                        Math.min(
                                origin.bytesMax() / IncrementalFile.BLOCK * IncrementalFile.BLOCK,
                                IncrementalFile.LENGTH_MAX))
                .orElse(file.entry().size());
    }

    /** A backup before the last one has laid its blocks over a file. */
    void laidOver(String path, boolean change) {
        if (change) {
            changed.add(path);
        }
    }

    /** The last backup has. */
    void finished(BackupFile last, FileChannel channel, boolean change) throws IOException {
        String path = IncrementalFile.whole(last.path());
        Optional<ChecksumAlgorithm> algorithm =
                last.manifest().flatMap(listed -> listed.checksum()).map(Checksum::algorithm);
        if (algorithm.isEmpty()) {
            return;
        }
        boolean untouched = !change && !changed.contains(path);
        Optional<Checksum> known =
                chain.origin(last)
                        .flatMap(IncrementalChain.Origin::checksum)
                        .filter(checksum ->
                                untouched && checksum.algorithm().equals(algorithm.get()));
        String hex =
                known.isPresent() ? known.get().hex() : checksum(channel, algorithm.get().start());
        files.put(path, new CombinedManifest.Whole(channel.size(), hex));
    }

    private static String checksum(FileChannel channel, FileChecksum checksum) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
        long position = 0;
        for (int read = channel.read(buffer, 0);
                read > 0;
                read = channel.read(buffer.clear(), position)) {
            checksum.update(buffer.array(), 0, read);
            position += read;
        }
        return checksum.hex();
    }

    /** The last backup's, unchanged if it stands alone. */
    byte[] manifest(byte[] last) {
        return files.isEmpty() ? last : CombinedManifest.of(last, files);
    }
}
