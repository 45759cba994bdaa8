package io.cairn.catalog.lock;

import io.cairn.catalog.lock.LockCandidates.Candidate;
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
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.WalLayout;
import io.cairn.model.wal.WalMetadata;
import io.cairn.model.wal.WalSegment;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.PutOptions;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * A full backup and an incremental, without their WAL inside, as executors leave them in a bucket:
 * two volumes each, two wraps of the full's key, the WAL in segments and the last of it in a piece,
 * by the session {@link #SESSION}, after an older session.
 */
public final class StoredChain {

    public static final ClusterRoot ROOT =
            new ClusterRoot(new ClusterName("shop"), new SystemIdentifier(7412345678901234567L));
    public static final BackupLabel FULL = new BackupLabel("20261122T020000Z-F");
    public static final BackupLabel INCREMENTAL = new BackupLabel("20261122T030000Z-I");
    public static final Timeline TIMELINE = new Timeline(1);
    static final String SESSION = "00112233445566778899aabbccddeeff";
    static final String OLDER_SESSION = "ffeeddccbbaa99887766554433221100";

    static final SegmentSize SEGMENT = new SegmentSize(1 << 20);
    public static final WalLayout WAL = new WalLayout(ROOT);

    /** From within segment 3 to the end of segment 5. */
    private static final LsnRange FULLS = new LsnRange(new Lsn(0x320000), new Lsn(0x600000));

    /** From within segment 8 to within segment 9. */
    private static final LsnRange INCREMENTALS = new LsnRange(new Lsn(0x820000), new Lsn(0x940000));

    private StoredChain() {}

    static AttemptId attempt(BackupLabel label) {
        return new AttemptId(label.equals(FULL) ? "00000000000000aa" : "00000000000000bb");
    }

    public static BackupLayout layout(BackupLabel label) {
        return new BackupLayout(ROOT, label);
    }

    static CommitObject commit(BackupLabel label) {
        BackupLayout layout = layout(label);
        AttemptId attempt = attempt(label);
        LsnRange wal = label.equals(FULL) ? FULLS : INCREMENTALS;
        return new CommitObject(
                CommitObject.FORMAT,
                ROOT.cluster(),
                ROOT.systemIdentifier(),
                Tier.OLTP,
                label,
                attempt,
                0,
                label.due(),
                label.due().plusSeconds(60),
                TIMELINE,
                wal.start(),
                wal.end(),
                label.equals(FULL) ? Optional.empty() : Optional.of(FULL),
                180006,
                SEGMENT.bytes(),
                false,
                6,
                "jdk",
                "0123456789abcdef0123456789abcdef",
                stored(layout.wrappedKey(attempt)),
                stored(layout.manifest(attempt)),
                stored(layout.index(attempt)),
                List.of(
                        new Archive(
                                Archive.BASE,
                                Optional.empty(),
                                200,
                                List.of(
                                        new Volume(
                                                stored(layout.volume(attempt, Archive.BASE, 0)),
                                                0,
                                                100),
                                        new Volume(
                                                stored(layout.volume(attempt, Archive.BASE, 1)),
                                                100,
                                                100)))),
                3,
                200,
                List.of(),
                Map.of());
    }

    private static StoredObject stored(ObjectKey key) {
        byte[] bytes = bytes(key);
        return new StoredObject(key, bytes.length, Sha256.of(bytes));
    }

    private static byte[] bytes(ObjectKey key) {
        return key.value().getBytes(StandardCharsets.UTF_8);
    }

    /** Everything of a backup but its WAL, the commit object last. */
    static void putBackup(ObjectStore store, BackupLabel label) {
        CommitObject commit = commit(label);
        commit.parts().forEach(part -> put(store, part.key(), Map.of()));
        if (label.equals(FULL)) {
            put(store, rotatedKey(), Map.of());
        }
        put(store, commit.layout().signature(commit.attempt()), Map.of());
        store.putIfAbsent(commit.layout().commit(), ObjectBody.of(commit.toJson())).orThrow();
    }

    private static ObjectKey rotatedKey() {
        return new ObjectKey(layout(FULL).wrapsPrefix(attempt(FULL)) + "0123456789abcdef.cms");
    }

    static void putWal(ObjectStore store) {
        put(store, sessionKey(0x100000, OLDER_SESSION), Map.of());
        put(store, sessionKey(0x300000, SESSION), Map.of());
        putSegment(store, 2, OLDER_SESSION);
        for (int number = 3; number <= 8; number++) {
            putSegment(store, number, SESSION);
        }
        put(store, piece(), keyed(SESSION));
    }

    public static void putAll(ObjectStore store) {
        putBackup(store, FULL);
        putBackup(store, INCREMENTAL);
        putWal(store);
    }

    private static void putSegment(ObjectStore store, int number, String session) {
        put(store, segment(number), keyed(session));
    }

    public static ObjectKey segment(int number) {
        return WAL.segment(new WalSegment(TIMELINE, number, SEGMENT));
    }

    static ObjectKey piece() {
        return WAL.piece(TIMELINE, new LsnRange(new Lsn(0x900000), new Lsn(0x950000)));
    }

    static ObjectKey sessionKey(long start, String id) {
        return WAL.wrappedKey(TIMELINE, new Lsn(start), id);
    }

    private static Map<String, String> keyed(String session) {
        return Map.of(WalMetadata.KEY_ID, session);
    }

    static void put(ObjectStore store, ObjectKey key, Map<String, String> metadata) {
        store.putIfAbsent(key, ObjectBody.of(bytes(key)), PutOptions.NONE.withMetadata(metadata))
                .orThrow();
    }

    /** What the lock of a backup has to be on. */
    static TreeSet<ObjectKey> needed(BackupLabel label) {
        CommitObject commit = commit(label);
        TreeSet<ObjectKey> keys = new TreeSet<>();
        commit.parts().map(StoredObject::key).forEach(keys::add);
        keys.add(commit.layout().commit());
        keys.add(commit.layout().signature(commit.attempt()));
        keys.add(sessionKey(0x300000, SESSION));
        if (label.equals(FULL)) {
            keys.add(rotatedKey());
            keys.addAll(List.of(segment(3), segment(4), segment(5)));
        } else {
            keys.addAll(List.of(segment(8), piece()));
        }
        return keys;
    }

    /** What a hold on a backup covers: with the incremental, the full and the WAL between. */
    public static TreeSet<ObjectKey> heldWith(BackupLabel label) {
        TreeSet<ObjectKey> keys = needed(FULL);
        if (label.equals(INCREMENTAL)) {
            keys.addAll(needed(INCREMENTAL));
            keys.addAll(List.of(segment(6), segment(7)));
        }
        return keys;
    }

    static Candidate candidate(BackupLabel label, StoreName... complete) {
        Map<StoreName, Optional<io.cairn.catalog.backup.CopyLock>> copies = new HashMap<>();
        for (StoreName store : complete) {
            copies.put(store, Optional.empty());
        }
        return new Candidate(layout(label), attempt(label), commit(label).parent(), copies);
    }
}
