package io.cairn.executor.wal;

import io.cairn.archive.VolumeDecoder;
import io.cairn.archive.cms.CmsOpener;
import io.cairn.archive.gzip.GzipCodec;
import io.cairn.archive.key.BackupKey;
import io.cairn.archive.key.Identity;
import io.cairn.archive.key.WrappedKey;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.Timeline;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.StoredWal;
import io.cairn.model.wal.WalLayout;
import io.cairn.model.wal.WalSegment;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A cluster's stored WAL, read back with the recipient's key and nothing else. */
final class StoredWalReader {

    private static final int LIMIT = 64 << 20;

    /**
     * What an S3 server was writing when it was killed: its file is renamed to the key at the end.
     */
    private static final Pattern UNFINISHED =
            Pattern.compile(".*-\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");

    private final ObjectStore store;
    private final WalLayout layout;
    private final Identity recipient;
    private final Map<ObjectKey, byte[]> decoded = new HashMap<>();
    private final Map<ObjectKey, BackupKey> keys = new TreeMap<>();

    StoredWalReader(ObjectStore store, WalLayout layout, Identity recipient) {
        this.store = store;
        this.layout = layout;
        this.recipient = recipient;
    }

    /** Bytes of the WAL and where they belong. */
    record Stretch(StoredWal stored, LsnRange range, byte[] bytes) {}

    List<StoredWal> listed() {
        return Stream.of(layout.walPrefix(), layout.piecesPrefix())
                .flatMap(store::list)
                .map(ObjectInfo::key)
                .filter(key -> !UNFINISHED.matcher(key.value()).matches())
                .map(key ->
                        StoredWal.of(key)
                                .orElseThrow(() -> new IllegalStateException("no WAL: " + key)))
                .toList();
    }

    /** Every segment, partial and piece of a timeline's own folder or of a divergence. */
    List<Stretch> stretches(Timeline timeline, boolean diverged, SegmentSize size) {
        return listed().stream()
                .filter(it -> it.timeline().equals(timeline))
                .filter(it -> it.divergence().isPresent() == diverged)
                .filter(it -> !(it instanceof StoredWal.History))
                .map(it -> stretch(it, size))
                .toList();
    }

    private Stretch stretch(StoredWal stored, SegmentSize size) {
        byte[] bytes = decode(stored.key());
        LsnRange range =
                switch (stored) {
                    case StoredWal.Segment segment ->
                            WalSegment.parse(segment.name(), size).range();
                    case StoredWal.Partial partial -> {
                        Lsn start = WalSegment.parse(partial.name(), size).start();
                        yield new LsnRange(start, start.plus(bytes.length));
                    }
                    case StoredWal.Piece piece -> piece.range();
                    case StoredWal.History _ -> throw new IllegalArgumentException();
                };
        return new Stretch(stored, range, bytes);
    }

    /** The WAL from {@code from} on, as far as it goes without a hole, of segments and pieces. */
    byte[] contiguous(Timeline timeline, Lsn from, SegmentSize size) {
        List<Stretch> all = new ArrayList<>(stretches(timeline, false, size));
        Lsn position = from;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        while (true) {
            Lsn at = position;
            Optional<Stretch> next =
                    all.stream()
                            .filter(it -> it.range().contains(at))
                            .max((a, b) -> a.range().end().compareTo(b.range().end()));
            if (next.isEmpty()) {
                return out.toByteArray();
            }
            int skip = (int) at.minus(next.get().range().start());
            out.write(next.get().bytes(), skip, next.get().bytes().length - skip);
            position = next.get().range().end();
        }
    }

    /** What was read once is not read again: nothing that is stored changes. */
    byte[] decode(ObjectKey key) {
        return decoded.computeIfAbsent(key, this::read);
    }

    private byte[] read(ObjectKey key) {
        byte[] sealed = store.read(key, LIMIT);
        ObjectInfo info = store.head(key).orElseThrow();
        for (BackupKey candidate : candidates(sealed, key)) {
            try (VolumeDecoder decoder = new VolumeDecoder(GzipCodec.best(), candidate)) {
                byte[] plain =
                        decoder.decode(
                                new ByteArrayInputStream(sealed),
                                new StoredObject(key, sealed.length, info.sha256().orElseThrow()));
                if (!Sha256.of(plain).hex().equals(info.metadata().get("plain-sha256"))) {
                    throw new AssertionError(key + " does not hold what its metadata says");
                }
                return plain;
            } catch (CairnException e) {
                if (e.code() != ErrorCode.KEY_CANNOT_DECRYPT) {
                    throw e;
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        throw new AssertionError("no stored key opens " + key);
    }

    Map<String, String> metadata(ObjectKey key) {
        return store.head(key).orElseThrow().metadata();
    }

    /** The key that the object names, if it is known already, without listing. */
    private List<BackupKey> candidates(byte[] sealed, ObjectKey name) {
        String id = CmsOpener.keyId(sealed, 0, sealed.length, name.value());
        if (keys.values().stream().noneMatch(key -> key.id().equals(id))) {
            readKeys();
        }
        return keys.values().stream().filter(key -> key.id().equals(id)).toList();
    }

    private void readKeys() {
        store.list(layout.keysPrefix())
                .forEach(info ->
                        keys.computeIfAbsent(
                                info.key(),
                                name ->
                                        WrappedKey.unwrap(
                                                store.read(name, LIMIT), recipient, name.value())));
    }
}
