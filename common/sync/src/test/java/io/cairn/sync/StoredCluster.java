package io.cairn.sync;

import static java.nio.charset.StandardCharsets.UTF_8;

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
import io.cairn.model.backup.Volume;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.WalFolder;
import io.cairn.model.wal.WalLayout;
import io.cairn.model.wal.WalMetadata;
import io.cairn.model.wal.WalSegment;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.PutOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** One of each kind of object of a cluster. The bytes mean nothing. */
final class StoredCluster {

    static final ClusterName SHOP = new ClusterName("shop");
    static final ClusterRoot ROOT =
            new ClusterRoot(SHOP, new SystemIdentifier(7_300_000_000_000_000_001L));
    static final WalLayout WAL = new WalLayout(ROOT);
    static final Timeline FIRST = new Timeline(1);
    static final WalFolder FOLDER = WalFolder.of(WAL, FIRST);
    static final BackupLabel LABEL = new BackupLabel("20261122T020000Z-F");

    private final Random random = new Random(7);
    private final Map<ObjectKey, byte[]> objects = new LinkedHashMap<>();
    final CommitObject commit;

    StoredCluster() {
        AttemptId attempt = AttemptId.random(random);
        BackupLayout layout = new BackupLayout(ROOT, LABEL);
        List<Volume> volumes = new ArrayList<>();
        for (int number = 0; number < 2; number++) {
            StoredObject volume = add(layout.volume(attempt, Archive.BASE, number), 400);
            volumes.add(new Volume(volume, number * 1000L, 1000));
        }
        commit =
                new CommitObject(
                        CommitObject.FORMAT,
                        SHOP,
                        ROOT.systemIdentifier(),
                        Tier.OLTP,
                        LABEL,
                        attempt,
                        0,
                        LABEL.due(),
                        LABEL.due().plusSeconds(60),
                        FIRST,
                        new Lsn(0x2000000),
                        new Lsn(0x2000100),
                        Optional.empty(),
                        180_006,
                        16 << 20,
                        true,
                        6,
                        "jdk",
                        "00112233445566778899aabbccddeeff",
                        add(layout.wrappedKey(attempt), 300),
                        add(layout.manifest(attempt), 200),
                        add(layout.index(attempt), 100),
                        List.of(new Archive(Archive.BASE, Optional.empty(), 2000, volumes)),
                        100,
                        2000,
                        List.of(),
                        Map.of());
        add(layout.signature(attempt), 60);
        objects.put(layout.commit(), commit.toJson());
        add(WAL.wrappedKey(FIRST, new Lsn(0x1000000), "0".repeat(32)), 50);
        add(FOLDER.segment(segment(2)), 500);
        add(FOLDER.segment(segment(3)), 500);
        add(piece(), 70);
        add(WAL.history(new Timeline(2)), 20);
        add(ROOT.record("verifications", LABEL.value(), "a"), 30);
    }

    static WalSegment segment(int number) {
        return new WalSegment(FIRST, number, SegmentSize.DEFAULT);
    }

    /** In segment 4, which is not complete yet. */
    static ObjectKey piece() {
        return FOLDER.piece(new LsnRange(new Lsn(0x4000000), new Lsn(0x4000100)));
    }

    private StoredObject add(ObjectKey key, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        objects.put(key, bytes);
        return new StoredObject(key, length, Sha256.of(bytes));
    }

    List<ObjectKey> keys() {
        return List.copyOf(objects.keySet());
    }

    byte[] bytes(ObjectKey key) {
        return objects.get(key).clone();
    }

    long length() {
        return objects.values().stream().mapToLong(bytes -> bytes.length).sum();
    }

    StoredCluster putInto(ObjectStore... stores) {
        for (ObjectStore store : stores) {
            objects.forEach((key, bytes) -> put(store, key, bytes));
        }
        return this;
    }

    static void put(ObjectStore store, ObjectKey key, byte[] bytes) {
        Map<String, String> metadata =
                key.value().contains("/wal/0") || key.value().contains("/pieces/")
                        ? Map.of(WalMetadata.PLAIN_SHA256, Sha256.of(plain(key)).toString())
                        : Map.of();
        store.putIfAbsent(key, ObjectBody.of(bytes), PutOptions.NONE.withMetadata(metadata));
    }

    private static byte[] plain(ObjectKey key) {
        return key.value().getBytes(UTF_8);
    }
}
