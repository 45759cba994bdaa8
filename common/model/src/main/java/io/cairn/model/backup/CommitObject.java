package io.cairn.model.backup;

import io.cairn.model.AttemptId;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Json;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.RunId;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Tier;
import io.cairn.model.Timeline;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * {@code backup.json}: the plain, secret-free object whose conditional PUT makes an attempt
 * <em>the</em> backup of its label. It lists every part with length and digest; what it does not
 * list does not belong to the backup.
 *
 * @param format version of the stored format, {@link #FORMAT}
 * @param epoch of the active region when it was committed; 0 until regions fail over
 * @param parent label of the backup that an incremental builds on
 * @param parentAttempt which attempt at it: two may have been committed, see {@link #FIRST}
 * @param serverVersion {@code server_version_num}, 180006 for 18.6
 * @param walSegmentBytes the server's WAL segment size
 * @param includesWal whether {@code base.tar} carries the WAL from start to stop LSN
 * @param gzipLevel 6 to 9
 * @param codec the compressor that was used, for information
 * @param keyId names the backup's key inside the volumes' KEK recipient (hex)
 * @param key the wrapped key
 * @param manifest the byte-exact {@code backup_manifest}
 * @param index which file lies where in the tar streams
 * @param files how many files the manifest lists
 * @param bytesIn bytes of all tar streams before compression
 * @param damage pages whose checksum failed at the source; not empty = the backup is
 *     <em>damaged</em>
 * @param settings the source's settings a restored server needs to start ({@code max_connections}
 *     …)
 * @param executorsManifest the manifest once more, for executors; absent where they have no
 *     certificate
 * @param reason why a backup of this kind was taken where another was due; absent where it was due
 *     itself
 */
public record CommitObject(
        int format,
        ClusterName cluster,
        SystemIdentifier systemIdentifier,
        Tier tier,
        BackupLabel label,
        AttemptId attempt,
        long epoch,
        Instant startedAt,
        Instant completedAt,
        Timeline timeline,
        Lsn startLsn,
        Lsn stopLsn,
        Optional<BackupLabel> parent,
        Optional<AttemptId> parentAttempt,
        int serverVersion,
        long walSegmentBytes,
        boolean includesWal,
        int gzipLevel,
        String codec,
        String keyId,
        StoredObject key,
        StoredObject manifest,
        StoredObject index,
        List<Archive> archives,
        long files,
        long bytesIn,
        List<PageDamage> damage,
        Map<String, String> settings,
        Optional<ExecutorsManifest> executorsManifest,
        Optional<String> reason) {

    public static final int FORMAT = 1;

    /**
     * Of two that were committed under one label, in different stores, the lesser keeps the name
     * {@code backup.json} everywhere.
     */
    public static final Comparator<CommitObject> FIRST =
            Comparator.comparingLong(CommitObject::epoch).thenComparing(CommitObject::attempt);

    /** Of the kind that was due, and nothing can be built on it. */
    public CommitObject(
            int format,
            ClusterName cluster,
            SystemIdentifier systemIdentifier,
            Tier tier,
            BackupLabel label,
            AttemptId attempt,
            long epoch,
            Instant startedAt,
            Instant completedAt,
            Timeline timeline,
            Lsn startLsn,
            Lsn stopLsn,
            Optional<BackupLabel> parent,
            int serverVersion,
            long walSegmentBytes,
            boolean includesWal,
            int gzipLevel,
            String codec,
            String keyId,
            StoredObject key,
            StoredObject manifest,
            StoredObject index,
            List<Archive> archives,
            long files,
            long bytesIn,
            List<PageDamage> damage,
            Map<String, String> settings) {
        this(
                format,
                cluster,
                systemIdentifier,
                tier,
                label,
                attempt,
                epoch,
                startedAt,
                completedAt,
                timeline,
                startLsn,
                stopLsn,
                parent,
                Optional.empty(),
                serverVersion,
                walSegmentBytes,
                includesWal,
                gzipLevel,
                codec,
                keyId,
                key,
                manifest,
                index,
                archives,
                files,
                bytesIn,
                damage,
                settings,
                Optional.empty(),
                Optional.empty());
    }

    public CommitObject {
        archives = List.copyOf(archives);
        damage = List.copyOf(damage);
        settings = Map.copyOf(settings);
    }

    /**
     * @param file path relative to the data directory
     * @param block number of the block, where the server named it
     */
    public record PageDamage(String file, Optional<Long> block) {}

    /**
     * The manifest under a key of its own, for the executors' certificate: an incremental backup
     * has to send its parent's manifest back to the server, and an executor can open nothing else.
     *
     * @param object as {@code manifest}, byte for byte, encrypted under the key of {@code
     *     wrappedKey}
     */
    public record ExecutorsManifest(StoredObject object, StoredObject wrappedKey) {

        public Stream<StoredObject> parts() {
            return Stream.of(object, wrappedKey);
        }
    }

    public RunId run() {
        return new RunId(cluster, label);
    }

    public BackupKind kind() {
        return label.kind();
    }

    public int majorVersion() {
        return serverVersion / 10_000;
    }

    public boolean damaged() {
        return !damage.isEmpty();
    }

    /**
     * Every part but the commit object itself and its signature: volumes of all archives, manifest,
     * index, key, and the executors' copy of the manifest with its key.
     */
    public Stream<StoredObject> parts() {
        return Stream.concat(
                archives.stream()
                        .flatMap(archive -> archive.volumes().stream())
                        .map(Volume::object),
                Stream.concat(
                        Stream.of(manifest, index, key),
                        executorsManifest.stream().flatMap(ExecutorsManifest::parts)));
    }

    /**
     * The parts that a store lacks, or has with another length. Rotation takes the first wrap of
     * the backup's key away: any other stands for it.
     *
     * @param lengths of what lies under {@link BackupLayout#attemptPrefix} and {@link
     *     BackupLayout#wrapsPrefix}
     */
    public Stream<StoredObject> missingParts(Map<ObjectKey, Long> lengths) {
        String wraps = layout().wrapsPrefix(attempt);
        boolean rotated =
                lengths.keySet().stream()
                        .anyMatch(found ->
                                found.value().startsWith(wraps) && !found.equals(key.key()));
        return parts().filter(part -> !Objects.equals(lengths.get(part.key()), part.length()))
                .filter(part -> !(rotated && part.equals(key)));
    }

    public long bytesStored() {
        return parts().mapToLong(StoredObject::length).sum();
    }

    public BackupLayout layout() {
        return new BackupLayout(new ClusterRoot(cluster, systemIdentifier), label);
    }

    public byte[] toJson() {
        return Json.writeIndented(this);
    }

    /**
     * Reads a commit object.
     *
     * @throws CairnException {@link ErrorCode#COMMIT_INVALID} if the bytes are no commit object,
     *     {@link ErrorCode#FORMAT_UNSUPPORTED} if a newer Cairn wrote it
     */
    public static CommitObject fromJson(byte[] json, String whence) {
        CommitObject commit;
        try {
            commit = Json.read(json, CommitObject.class);
        } catch (IOException | RuntimeException e) {
            throw new CairnException(
                    ErrorCode.COMMIT_INVALID,
                    whence + " is not a commit object",
                    "restore from another copy of this backup, or from another backup",
                    e);
        }
        if (commit.format() != FORMAT) {
            throw new CairnException(
                    ErrorCode.FORMAT_UNSUPPORTED,
                    whence + " has format " + commit.format() + ", this Cairn reads " + FORMAT,
                    "use the release of Cairn that wrote it, or a newer one");
        }
        return commit;
    }
}
