package io.cairn.archive;

import io.cairn.archive.key.BackupKey;
import io.cairn.archive.key.Certificates;
import io.cairn.archive.key.CommitSignature;
import io.cairn.archive.key.Identity;
import io.cairn.archive.key.KeyFiles;
import io.cairn.archive.key.WrappedKey;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Tier;
import io.cairn.model.Timeline;
import io.cairn.model.backup.Archive;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A small backup, complete with commit object and signature, as it lies in a bucket: one
 * tablespace, a base archive of several volumes, a manifest, an index. The files are no cluster's,
 * but look like one's.
 */
final class SampleBackup {

    static final BackupLayout LAYOUT =
            new BackupLayout(
                    new ClusterRoot(
                            new ClusterName("shop"), SystemIdentifier.parse("7000000000000000001")),
                    new BackupLabel("20261122T020000Z-F"));
    static final AttemptId ATTEMPT = new AttemptId("0123456789abcdef");
    static final String MANIFEST =
            "{ \"PostgreSQL-Backup-Manifest-Version\": 1,\n\"Files\": [\n],\n\"Manifest-Checksum\": \"…\"}\n";
    static final String TABLESPACE_MAP = "16385 /srv/fast disk/ts1\n";

    /** Does not compress, and is longer than a volume. */
    static final byte[] TABLE = SampleData.random(new Random(16384), 30_000);

    private static final Instant DUE = Instant.parse("2026-11-22T02:00:00Z");
    private static final int VOLUME_BYTES = 12_000;
    private static final int BLOCK_BYTES = 4096;

    private SampleBackup() {}

    static byte[] baseTar() {
        return new PostgresTar()
                .file(
                        "backup_label",
                        "START WAL LOCATION: 0/2000028 (file 000000010000000000000002)\n")
                .file("tablespace_map", TABLESPACE_MAP)
                .directory("global")
                .file("global/pg_control", SampleData.cluster(new Random(1), 8192))
                .directory("base")
                .directory("base/5")
                .file("base/5/16384", TABLE)
                .file("base/5/2619", new byte[0])
                .file("PG_VERSION", "18\n")
                .directory("pg_tblspc")
                .directory("pg_wal")
                .file("pg_wal/000000010000000000000002", SampleData.cluster(new Random(2), 20_000))
                .toBytes();
    }

    static byte[] tablespaceTar() {
        return new PostgresTar()
                .directory("PG_18_202506291")
                .directory("PG_18_202506291/5")
                .file("PG_18_202506291/5/16390", SampleData.cluster(new Random(3), 8192))
                .toBytes();
    }

    /** Writes the whole backup under {@code bucket}, in the order in which an executor does. */
    static CommitObject write(Path bucket, KeyFiles keys, char[] password, Instant now) {
        BackupKey key = BackupKey.random(new SecureRandom());
        VolumeSink sink = object -> store(bucket, object);
        ArchiveSettings settings =
                ArchiveSettings.defaults()
                        .withBlockBytes(BLOCK_BYTES)
                        .withVolumeBytes(VOLUME_BYTES);
        try (ArchiveWriter writer = ArchiveWriter.open(settings, LAYOUT, ATTEMPT, key, sink)) {
            writer.begin(
                    "16385.tar", Optional.of(new Archive.Tablespace(16385, "/srv/fast disk/ts1")));
            writer.write(tablespaceTar(), 0, tablespaceTar().length);
            writer.begin(Archive.BASE, Optional.empty());
            writer.write(baseTar(), 0, baseTar().length);
            List<Archive> archives = writer.finish();
            StoredObject manifest =
                    writer.store(
                            LAYOUT.manifest(ATTEMPT),
                            MANIFEST.getBytes(java.nio.charset.StandardCharsets.UTF_8));
            StoredObject index = writer.store(LAYOUT.index(ATTEMPT), writer.index().toJson());
            StoredObject wrapped =
                    put(
                            bucket,
                            LAYOUT.wrappedKey(ATTEMPT),
                            WrappedKey.wrap(
                                    key, Certificates.readAll(keys.recipientCertificate()), now));
            CommitObject commit = commit(settings, key, archives, manifest, index, wrapped);
            byte[] json = commit.toJson();
            put(
                    bucket,
                    LAYOUT.signature(ATTEMPT),
                    CommitSignature.sign(json, Identity.read(keys.signer(), password), now));
            put(bucket, LAYOUT.commit(), json);
            return commit;
        }
    }

    private static CommitObject commit(
            ArchiveSettings settings,
            BackupKey key,
            List<Archive> archives,
            StoredObject manifest,
            StoredObject index,
            StoredObject wrapped) {
        return new CommitObject(
                CommitObject.FORMAT,
                LAYOUT.root().cluster(),
                LAYOUT.root().systemIdentifier(),
                Tier.OLTP,
                LAYOUT.label(),
                ATTEMPT,
                0,
                DUE,
                DUE.plusSeconds(60),
                new Timeline(1),
                Lsn.parse("0/2000028"),
                Lsn.parse("0/2000158"),
                Optional.empty(),
                180_006,
                16L << 20,
                true,
                settings.gzipLevel(),
                settings.codec().name(),
                key.id(),
                wrapped,
                manifest,
                index,
                archives,
                8,
                archives.stream().mapToLong(Archive::bytes).sum(),
                List.of(),
                // Values that would mislead a reader of lines that is not careful.
                Map.of(
                        "log_line_prefix",
                        "\"key\" : \"x\"\n  \"archives\" : [ {",
                        "max_connections",
                        "100"));
    }

    static StoredObject store(Path bucket, SealedObject object) {
        byte[] bytes = new byte[object.length()];
        object.content().get(bytes);
        return put(bucket, object.key(), bytes);
    }

    static StoredObject put(Path bucket, ObjectKey key, byte[] bytes) {
        Path file = bucket.resolve(key.value());
        try {
            Files.createDirectories(file.getParent());
            Files.write(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new StoredObject(key, bytes.length, Sha256.of(bytes));
    }

    /** The objects that a commit object with its signature consists of. */
    static Set<ObjectKey> keys(CommitObject commit) {
        Collection<ObjectKey> parts = commit.parts().map(StoredObject::key).toList();
        return java.util.stream.Stream.concat(
                        parts.stream(),
                        java.util.stream.Stream.of(LAYOUT.commit(), LAYOUT.signature(ATTEMPT)))
                .collect(Collectors.toSet());
    }
}
