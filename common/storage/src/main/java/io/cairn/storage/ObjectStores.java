package io.cairn.storage;

import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.error.ErrorCode;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** What is done between two stores. */
public final class ObjectStores {

    private static final System.Logger LOG = System.getLogger(ObjectStores.class.getName());

    /**
     * How often a copy is begun that the source broke off. Each store retries its own calls
     * besides.
     */
    private static final int ATTEMPTS = 3;

    /**
     * Until when one is begun again: a store that answers nothing took much longer, with tries of
     * its own.
     */
    static final Duration AGAIN_WITHIN = Duration.ofMinutes(2);

    /**
     * From here on a store is asked to copy by itself. For less it is not worth the question; and
     * the objects that several writers may want to create at once, commit objects, are smaller.
     */
    static final long SERVER_SIDE_BYTES = 1 << 20;

    private ObjectStores() {}

    /**
     * Copies an object under the same key: by the target itself, where it can and the object is
     * large, else streamed with no more than a few kilobytes in memory. Length and digest are
     * checked, on the way of what is streamed: that copy comes into being only if the bytes read
     * are those that the source's metadata names. The copy gets the source's user metadata, and is
     * {@link #protectedLike protected like it}.
     *
     * @throws CairnException {@link ErrorCode#STORE_OBJECT_MISSING}; {@link
     *     ErrorCode#STORE_OBJECT_DIFFERS} if the source is damaged or carries no digest
     */
    public static PutOutcome copy(
            ObjectStore source, ObjectKey key, ObjectStore target, PutOptions options) {
        return copy(source, key, target, options, UnaryOperator.identity());
    }

    /**
     * As {@link #copy(ObjectStore, ObjectKey, ObjectStore, PutOptions)}.
     *
     * @param through what the streamed bytes pass through unchanged, for who bounds their rate
     */
    public static PutOutcome copy(
            ObjectStore source,
            ObjectKey key,
            ObjectStore target,
            PutOptions options,
            UnaryOperator<InputStream> through) {
        ObjectInfo info =
                source.head(key)
                        .orElseThrow(() ->
                                new CairnException(
                                        ErrorCode.STORE_OBJECT_MISSING,
                                        key + " is not in store '" + source.name() + "'",
                                        "it was deleted there, or never written"));
        Sha256 sha256 =
                info.sha256()
                        .orElseThrow(() ->
                                new CairnException(
                                        ErrorCode.STORE_OBJECT_DIFFERS,
                                        key + " carries no digest in store '" + source.name() + "'",
                                        "Cairn did not write it, or its metadata was lost; copy it by hand if it is wanted"));
        if (info.length() == 0) {
            throw new CairnException(
                    ErrorCode.STORE_OBJECT_DIFFERS,
                    key + " is empty in store '" + source.name() + "'",
                    "Cairn stores no empty object; use another copy");
        }
        return copy(
                source,
                info,
                new StoredObject(key, info.length(), sha256),
                target,
                options.withMetadata(info.metadata()),
                through);
    }

    public static PutOutcome copy(ObjectStore source, ObjectKey key, ObjectStore target) {
        return copy(source, key, target, PutOptions.NONE);
    }

    /**
     * Copies a part of a backup, checked against what the commit object says of it, and {@link
     * #protectedLike protected like it}. User metadata is not promised to come along.
     */
    public static PutOutcome copy(
            ObjectStore source, StoredObject part, ObjectStore target, PutOptions options) {
        return copy(source, part, target, options, UnaryOperator.identity());
    }

    /**
     * As {@link #copy(ObjectStore, StoredObject, ObjectStore, PutOptions)}.
     *
     * @param through what the streamed bytes pass through unchanged, for who bounds their rate
     */
    public static PutOutcome copy(
            ObjectStore source,
            StoredObject part,
            ObjectStore target,
            PutOptions options,
            UnaryOperator<InputStream> through) {
        return copy(source, Reads.required(source, part.key()), part, target, options, through);
    }

    private static PutOutcome copy(
            ObjectStore source,
            ObjectInfo original,
            StoredObject part,
            ObjectStore target,
            PutOptions options,
            UnaryOperator<InputStream> through) {
        return protectedLike(
                original, options, like -> create(source, part, target, like, through));
    }

    /**
     * Stores a copy under the lock and the legal hold of the object that it is made from, so that
     * what was called locked, or is held, is so in every copy and at any time. A bucket without
     * Object Lock takes it as it would without.
     *
     * @param put is called with them first, and without if the store cannot do that
     */
    public static PutOutcome protectedLike(
            ObjectInfo original, PutOptions options, Function<PutOptions, PutOutcome> put) {
        PutOptions locked = original.retention().map(options::withAtLeast).orElse(options);
        PutOptions like = original.legalHold() ? locked.withLegalHold() : locked;
        if (like.equals(options)) {
            return put.apply(options);
        }
        try {
            return put.apply(like);
        } catch (CairnException e) {
            return switch (e.code()) {
                case STORE_NO_OBJECT_LOCK -> put.apply(options);
                // A lock that has ended meanwhile cannot be asked for either, nor one that this
                // bucket does not allow for so long: whoever extends locks tells of that.
                case STORE_ERROR, STORE_ACCESS_DENIED ->
                        put.apply(original.legalHold() ? options.withLegalHold() : options);
                default -> throw e;
            };
        }
    }

    private static PutOutcome create(
            ObjectStore source,
            StoredObject part,
            ObjectStore target,
            PutOptions options,
            UnaryOperator<InputStream> through) {
        if (part.length() >= SERVER_SIDE_BYTES) {
            Optional<PutOutcome> copied = target.copyIfAbsent(source, part, options);
            if (copied.isPresent()) {
                return copied.get();
            }
        }
        ObjectBody body =
                ObjectBody.of(
                        part.length(),
                        part.sha256(),
                        () -> through.apply(source.get(part).stream()));
        return again(
                "copying "
                        + part.key()
                        + " from '"
                        + source.name()
                        + "' to '"
                        + target.name()
                        + "'",
                () -> target.putIfAbsent(part.key(), body, options),
                InstantSource.system());
    }

    /**
     * @param what is tried
     * @throws CairnException the last try's, which says how long all of them took
     */
    static PutOutcome again(String what, Supplier<PutOutcome> tried, InstantSource clock) {
        Instant begun = clock.instant();
        for (int attempt = 1; ; attempt++) {
            try {
                return tried.get();
            } catch (CairnException e) {
                Duration took = Duration.between(begun, clock.instant());
                if (e.category() != ErrorCategory.TRANSIENT) {
                    throw e;
                }
                if (attempt == ATTEMPTS || took.compareTo(AGAIN_WITHIN) >= 0) {
                    throw new CairnException(
                            e.code(),
                            "%s was given up after %d s: %s"
                                    .formatted(what, took.toSeconds(), e.getMessage()),
                            e.hint().orElse(null),
                            e);
                }
                LOG.log(
                        System.Logger.Level.WARNING,
                        "{0} is begun again after {1} s: {2}",
                        what,
                        took.toSeconds(),
                        e.getMessage());
            }
        }
    }
}
