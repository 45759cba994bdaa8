package io.cairn.restore.wal;

import io.cairn.archive.VolumeDecoder;
import io.cairn.archive.cms.CmsOpener;
import io.cairn.archive.gzip.GzipCodec;
import io.cairn.archive.key.BackupKey;
import io.cairn.archive.key.Identity;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.Timeline;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.WalLayout;
import io.cairn.model.wal.WalMetadata;
import io.cairn.postgres.wal.TimelineHistory;
import io.cairn.restore.wal.WalPath.Part;
import io.cairn.storage.ObjectContent;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Reads stored WAL with a recipient's private key: fetched, decrypted, inflated, compared with the
 * digest of the plain bytes that it carries. A copy that is wrong or away is passed over as long as
 * another store has a good one. Thread-safe.
 *
 * <p>Memory for each object that is being read: what is stored of it, 1 MiB, and twice its plain
 * bytes where they are returned.
 */
public final class WalReader {

    /** Encryption and compression add little to bytes that do not compress. */
    private static final int STORED_BYTES_EXTRA = 1 << 20;

    private static final String OTHER_COPY =
            "use another store's copy; otherwise recover to a point before it, or from a newer"
                    + " backup";

    private final GzipCodec codec;
    private final WalKeys keys;

    /**
     * @param stores where session keys are looked for
     * @param identity a recipient's private key
     */
    public WalReader(
            ClusterRoot root, List<ObjectStore> stores, Identity identity, GzipCodec codec) {
        this.codec = codec;
        this.keys = new WalKeys(new WalLayout(root), List.copyOf(stores), identity);
    }

    /**
     * The plain bytes of an object.
     *
     * @throws CairnException if no copy can be read: {@code STORE_…}, {@link
     *     ErrorCode#ARCHIVE_CORRUPT}, {@link ErrorCode#KEY_CANNOT_DECRYPT}; one of category
     *     TRANSIENT as long as a copy may come back
     */
    public byte[] read(WalObject object) {
        return fromAnyCopy(
                object,
                store -> {
                    ByteArrayOutputStream plain =
                            new ByteArrayOutputStream((int) object.range().bytes());
                    read(store, object, plain::write);
                    return plain.toByteArray();
                });
    }

    /**
     * Some of an object's plain bytes. Errors as of {@link #read(WalObject)}, and {@link
     * ErrorCode#ARCHIVE_INCOMPLETE} if the object holds less.
     *
     * @param at where they begin in {@code target}
     */
    void read(Part part, ByteBuffer target, int at) {
        fromAnyCopy(
                part.object(),
                store -> {
                    PartCopy copy = new PartCopy(part, target, at);
                    read(store, part.object(), copy);
                    copy.requireWhole();
                    return copy;
                });
    }

    /**
     * Looks before anything is written whether this identity opens the keys of all stream sessions
     * that a range was stored by. A session whose key does not open is no obstacle where another
     * has stored the same WAL.
     *
     * @throws CairnException {@link ErrorCode#KEY_CANNOT_DECRYPT}
     */
    void requireKeys(WalPath path, LsnRange range) {
        for (WalPath.Leg leg : path.legs()) {
            List<WalKeys.Session> sessions =
                    keys.sessions().stream()
                            .filter(session -> session.timeline().equals(leg.timeline()))
                            .filter(session -> session.start().compareTo(range.end()) < 0)
                            .toList();
            for (int i = 0; i < sessions.size(); i++) {
                boolean endedBefore =
                        i + 1 < sessions.size()
                                && sessions.get(i + 1).start().compareTo(range.start()) <= 0;
                if (!endedBefore && !opens(sessions.get(i))) {
                    Lsn start = sessions.get(i).start();
                    requireReadable(
                            path, start.compareTo(range.start()) < 0 ? range.start() : start);
                }
            }
        }
    }

    private boolean opens(WalKeys.Session session) {
        try {
            keys.key(session.keyId(), session.key());
            return true;
        } catch (CairnException e) {
            // What is merely away is tried again when it is needed.
            return e.code() != ErrorCode.KEY_CANNOT_DECRYPT;
        }
    }

    private void requireReadable(WalPath path, Lsn position) {
        try {
            path.parts(new LsnRange(position, position.plus(1))).stream()
                    .flatMap(List::stream)
                    .forEach(part -> read(part.object()));
        } catch (CairnException e) {
            if (e.code() == ErrorCode.KEY_CANNOT_DECRYPT) {
                throw e;
            }
        }
    }

    /** The history file of a timeline. */
    public TimelineHistory history(Timeline timeline, WalObject file) {
        return TimelineHistory.parse(timeline, read(file));
    }

    /** Up to when everything is stored with this object; the latest that its copies tell. */
    public Optional<Instant> sentAt(WalObject object) {
        return object.copies().stream()
                .flatMap(store -> head(store, object.key()).stream())
                .flatMap(info -> WalMetadata.sentAt(info.metadata()).stream())
                .max(Comparator.naturalOrder());
    }

    /** A store that is away merely knows less. */
    private static Optional<ObjectInfo> head(ObjectStore store, ObjectKey key) {
        try {
            return store.head(key);
        } catch (CairnException _) {
            return Optional.empty();
        }
    }

    private static <T> T fromAnyCopy(WalObject object, Function<ObjectStore, T> question) {
        List<CairnException> problems = new ArrayList<>();
        for (ObjectStore store : object.copies()) {
            try {
                return question.apply(store);
            } catch (CairnException e) {
                problems.add(e);
            }
        }
        throw Problems.worst(problems)
                .orElseThrow(() -> CairnException.bug(object.key() + " has no copy"));
    }

    /**
     * @param output takes the plain bytes before they are known to be those that were stored: they
     *     count when this returns
     */
    private void read(ObjectStore store, WalObject object, VolumeDecoder.Output output) {
        try (ObjectContent content = store.get(object.key())) {
            byte[] stored = stored(content, object);
            Sha256 digest = content.info().sha256().orElseGet(() -> Sha256.of(stored));
            MessageDigest plain = Sha256.newDigest();
            open(
                    stored,
                    digest,
                    object,
                    (bytes, offset, length) -> {
                        plain.update(bytes, offset, length);
                        output.accept(bytes, offset, length);
                    });
            requireDigest(Sha256.of(plain), content.info(), store);
        } catch (IOException e) {
            throw new CairnException(
                    ErrorCode.STORE_UNREACHABLE,
                    "the transfer of " + object.key() + " broke off",
                    "try again",
                    e);
        }
    }

    private static byte[] stored(ObjectContent content, WalObject object) throws IOException {
        long limit = object.range().bytes() + STORED_BYTES_EXTRA;
        if (content.length() > limit) {
            throw corrupt(object.key(), "is longer than any object of its kind");
        }
        byte[] stored = new byte[(int) content.length()];
        if (content.stream().readNBytes(stored, 0, stored.length) < stored.length) {
            throw new EOFException(object.key().value());
        }
        return stored;
    }

    private void open(byte[] stored, Sha256 digest, WalObject object, VolumeDecoder.Output output)
            throws IOException {
        String name = object.key().value();
        BackupKey key = keys.key(CmsOpener.keyId(stored, 0, stored.length, name), object.key());
        try (VolumeDecoder decoder = new VolumeDecoder(codec, key)) {
            decoder.decode(stored, new StoredObject(object.key(), stored.length, digest), output);
        }
    }

    private static void requireDigest(Sha256 plain, ObjectInfo info, ObjectStore store) {
        Sha256 expected =
                WalMetadata.plainSha256(info.metadata())
                        .orElseThrow(() ->
                                corrupt(
                                        info.key(),
                                        "carries no digest of its WAL in store '"
                                                + store.name()
                                                + "'"));
        if (!expected.equals(plain)) {
            throw corrupt(info.key(), "does not hold the WAL that was stored under its name");
        }
    }

    /** Takes a part's bytes out of those of its object, as these come. */
    private static final class PartCopy implements VolumeDecoder.Output {

        private final Part part;
        private final long from;
        private final ByteBuffer target;
        private final int at;
        private long seen;

        PartCopy(Part part, ByteBuffer target, int at) {
            this.part = part;
            this.from = part.range().start().minus(part.object().range().start());
            this.target = target;
            this.at = at;
        }

        @Override
        public void accept(byte[] bytes, int offset, int length) {
            long begin = Math.max(seen, from);
            long end = Math.min(seen + length, from + part.range().bytes());
            if (begin < end) {
                target.put(
                        at + (int) (begin - from),
                        bytes,
                        offset + (int) (begin - seen),
                        (int) (end - begin));
            }
            seen += length;
        }

        void requireWhole() {
            if (seen < from + part.range().bytes()) {
                throw new CairnException(
                        ErrorCode.ARCHIVE_INCOMPLETE,
                        part.object().key() + " holds " + seen + " bytes of WAL, too few",
                        "use another store's copy; otherwise recover to a point before it");
            }
        }
    }

    private static CairnException corrupt(ObjectKey key, String what) {
        return new CairnException(ErrorCode.ARCHIVE_CORRUPT, key + " " + what, OTHER_COPY);
    }
}
