package io.cairn.replication;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cairn.events.BackupCompleted;
import io.cairn.events.BackupReplicated;
import io.cairn.events.EventObject;
import io.cairn.events.ObjectStored;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Tier;
import io.cairn.model.Timeline;
import io.cairn.model.backup.Archive;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.backup.Volume;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

/**
 * A backup as an executor leaves it in a store: parts, signature, commit object. The bytes mean
 * nothing.
 */
public final class StoredBackup {

    public static final SystemIdentifier SYSTEM = new SystemIdentifier(7_300_000_000_000_000_001L);

    private final CommitObject commit;
    private final byte[] json;
    private final Map<ObjectKey, byte[]> objects = new LinkedHashMap<>();

    private StoredBackup(
            ClusterName cluster,
            BackupLabel label,
            int volumes,
            int volumeBytes,
            long epoch,
            Optional<BackupLabel> parent) {
        Random random = new Random(cluster.hashCode() * 31L + label.hashCode() + 7 * epoch);
        AttemptId attempt = AttemptId.random(random);
        BackupLayout layout = new BackupLayout(new ClusterRoot(cluster, SYSTEM), label);
        List<Volume> slices = new ArrayList<>();
        for (int number = 0; number < volumes; number++) {
            StoredObject volume =
                    add(layout.volume(attempt, Archive.BASE, number), random, volumeBytes);
            slices.add(new Volume(volume, number * 1000L, 1000));
        }
        this.commit =
                new CommitObject(
                        CommitObject.FORMAT,
                        cluster,
                        SYSTEM,
                        Tier.OLTP,
                        label,
                        attempt,
                        epoch,
                        label.due(),
                        label.due().plusSeconds(60),
                        new Timeline(1),
                        new Lsn(0x2000000),
                        new Lsn(0x2000100),
                        parent,
                        180_006,
                        16 << 20,
                        true,
                        6,
                        "jdk",
                        "00112233445566778899aabbccddeeff",
                        add(layout.wrappedKey(attempt), random, 300),
                        add(layout.manifest(attempt), random, 500),
                        add(layout.index(attempt), random, 400),
                        List.of(
                                new Archive(
                                        Archive.BASE, Optional.empty(), volumes * 1000L, slices)),
                        100,
                        volumes * 1000L,
                        List.of(),
                        Map.of());
        this.json = commit.toJson();
        objects.put(layout.signature(attempt), "signature".getBytes(UTF_8));
        objects.put(layout.commit(), json);
    }

    /** Three volumes of 2 kB. */
    public static StoredBackup of(String cluster, String label) {
        return of(cluster, label, 3, 2048);
    }

    public static StoredBackup of(String cluster, String label, int volumes, int volumeBytes) {
        return new StoredBackup(
                new ClusterName(cluster),
                new BackupLabel(label),
                volumes,
                volumeBytes,
                0,
                Optional.empty());
    }

    /** Another attempt at the same run, by an executor that knew another epoch. */
    public StoredBackup again(long epoch) {
        return new StoredBackup(commit.cluster(), commit.label(), 2, 1024, epoch, commit.parent());
    }

    /** An incremental on this one. */
    public StoredBackup child(String label) {
        return new StoredBackup(
                commit.cluster(), new BackupLabel(label), 1, 512, 0, Optional.of(commit.label()));
    }

    private StoredObject add(ObjectKey key, Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        objects.put(key, bytes);
        return new StoredObject(key, length, Sha256.of(bytes));
    }

    /** Puts all of it, the commit object last. */
    public StoredBackup putInto(ObjectStore store) {
        objects.forEach((key, bytes) -> store.putIfAbsent(key, ObjectBody.of(bytes)));
        return this;
    }

    public void put(ObjectStore store, ObjectKey key) {
        store.putIfAbsent(key, ObjectBody.of(objects.get(key)));
    }

    /** Puts the record that it was copied. */
    public void putReplicated(ObjectStore store, StoreName source, StoreName target) {
        EventObject record =
                EventObject.of(
                        new BackupReplicated(
                                commit.run(),
                                commit.attempt(),
                                source,
                                target,
                                commit.completedAt(),
                                Duration.ofSeconds(1),
                                keys().size(),
                                commit.bytesStored()));
        store.putIfAbsent(
                record.key(commit.layout().root(), EventObject.COPIES, commit.label()),
                ObjectBody.of(record.toJson()));
    }

    public CommitObject commit() {
        return commit;
    }

    public StoredObject commitStored() {
        return new StoredObject(commitKey(), json.length, Sha256.of(json));
    }

    public ObjectKey commitKey() {
        return commit.layout().commit();
    }

    /** Where its commit object lies when another attempt came before it. */
    public ObjectKey secondKey() {
        return commit.layout().secondCommit(commit.attempt());
    }

    public ObjectKey signatureKey() {
        return commit.layout().signature(commit.attempt());
    }

    /** Every object but the commit object. */
    public List<ObjectKey> keysBeforeCommit() {
        return objects.keySet().stream().filter(key -> !key.equals(commitKey())).toList();
    }

    public List<ObjectKey> keys() {
        return List.copyOf(objects.keySet());
    }

    public byte[] bytes(ObjectKey key) {
        return objects.get(key).clone();
    }

    public BackupCompleted completed(ObjectStore store) {
        return BackupCompleted.of(commit, commitStored(), store.name());
    }

    /** What an executor tells while it runs. */
    public Stream<ObjectStored> stored(ObjectStore store, Instant at) {
        return commit.parts()
                .map(part ->
                        new ObjectStored(
                                commit.run(),
                                commit.tier(),
                                commit.attempt(),
                                store.name(),
                                part,
                                at));
    }
}
