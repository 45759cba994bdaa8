package io.cairn.replication;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cairn.events.WalArchived;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.Timeline;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.WalFolder;
import io.cairn.model.wal.WalLayout;
import io.cairn.model.wal.WalMetadata;
import io.cairn.model.wal.WalSegment;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.PutOptions;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** A cluster's WAL on its first timeline, as a stream stores it. Only the bytes are made up. */
public record TestWal(ClusterName cluster) {

    public static final String SESSION = "00112233445566778899aabbccddeeff";
    public static final Instant SENT = Instant.parse("2026-11-22T02:00:00Z");

    private static final Timeline FIRST = new Timeline(1);
    private static final Lsn START = Lsn.parse("0/1000000");

    public static TestWal of(String cluster) {
        return new TestWal(new ClusterName(cluster));
    }

    public WalLayout layout() {
        return new WalLayout(new ClusterRoot(cluster, StoredBackup.SYSTEM));
    }

    public WalFolder folder() {
        return WalFolder.of(layout(), FIRST);
    }

    /** The segment of that number; the first begins at 0/1000000. */
    public static WalSegment segment(int number) {
        return new WalSegment(FIRST, number, SegmentSize.DEFAULT);
    }

    public static LsnRange range(String start, String end) {
        return new LsnRange(Lsn.parse(start), Lsn.parse(end));
    }

    /** The event that tells it, from 0/1000000 on. */
    public WalArchived archived(StoreName store, String end, Instant until) {
        return new WalArchived(
                cluster,
                Tier.OLTP,
                StoredBackup.SYSTEM,
                FIRST,
                Optional.empty(),
                store,
                START,
                Lsn.parse(end),
                Optional.of(until),
                until);
    }

    public void putSession(ObjectStore store) {
        put(store, layout().wrappedKey(FIRST, START, SESSION), "key", Map.of());
    }

    public void putSegment(ObjectStore store, int number, String content) {
        put(store, folder().segment(segment(number)), content);
    }

    public void putPiece(ObjectStore store, String start, String end) {
        put(store, folder().piece(range(start, end)), start + end);
    }

    public static void put(ObjectStore store, ObjectKey key, String content) {
        put(store, key, content, metadata(content));
    }

    public static void put(
            ObjectStore store, ObjectKey key, String content, Map<String, String> metadata) {
        store.putIfAbsent(
                key,
                ObjectBody.of(content.getBytes(UTF_8)),
                PutOptions.NONE.withMetadata(metadata));
    }

    public static Map<String, String> metadata(String plain) {
        return Map.of(
                WalMetadata.PLAIN_SHA256,
                Sha256.of(plain.getBytes(UTF_8)).toString(),
                WalMetadata.SENT_AT,
                SENT.toString());
    }
}
