package io.cairn.storage;

import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.archival.RetrievalTier;
import io.cairn.model.archival.StorageClass;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A bucket of write-once objects.
 *
 * <p>Thread-safe and blocking: call it from virtual threads. Every call is bounded in time and
 * retries what may pass by itself a bounded number of times; what then remains is a {@link
 * CairnException} of one of the {@code STORE_…} codes:
 *
 * <ul>
 *   <li>{@link ErrorCode#STORE_UNREACHABLE}: no connection, or it broke
 *   <li>{@link ErrorCode#STORE_UNAVAILABLE}: the store answered, but with 5xx, {@code SlowDown} or
 *       not in time
 *   <li>{@link ErrorCode#STORE_BUCKET_MISSING}, {@link ErrorCode#STORE_ACCESS_DENIED}, {@link
 *       ErrorCode#STORE_LOCKED}
 *   <li>{@link ErrorCode#STORE_OBJECT_MISSING}, {@link ErrorCode#STORE_OBJECT_DIFFERS}, {@link
 *       ErrorCode#STORE_OBJECT_ARCHIVED}
 *   <li>{@link ErrorCode#STORE_NO_OBJECT_LOCK}: a retention or legal hold was asked of a bucket
 *       without Object Lock; the object is not stored without
 *   <li>{@link ErrorCode#STORE_ERROR}: anything else that it refused
 * </ul>
 */
public interface ObjectStore extends AutoCloseable {

    StoreName name();

    /**
     * Stores an object under a key that holds none, in one request. Of several writers exactly one
     * creates it. A retry after a lost answer finds its own object and yields {@link
     * PutOutcome.AlreadyPresent}.
     *
     * <p>Never overwrites, and never leaves a part of an object: a body that fails while it is read
     * is not stored.
     *
     * <p>Tags are an aid, not a condition: where the store cannot tag, or the credential may not,
     * the object is stored without.
     */
    PutOutcome putIfAbsent(ObjectKey key, ObjectBody body, PutOptions options);

    default PutOutcome putIfAbsent(ObjectKey key, ObjectBody body) {
        return putIfAbsent(key, body, PutOptions.NONE);
    }

    /**
     * Has the store itself copy an object from another bucket, under the same key and with its user
     * metadata, so that the bytes do not pass through here. Creates only, as {@link #putIfAbsent}.
     * Length and digest of the copy are compared with {@code object} afterwards; where the store
     * does not tell the copy's SHA-256, the copy is read for it.
     *
     * <p>Empty, and nothing done, where that is not possible: the other bucket is behind another
     * endpoint or credential, or the store does not copy or not conditionally. The caller then
     * streams; {@link ObjectStores#copy} does all this.
     *
     * @param options of the copy; its metadata is not looked at
     * @throws CairnException {@link ErrorCode#STORE_OBJECT_MISSING}; {@link
     *     ErrorCode#STORE_OBJECT_ARCHIVED} in the source; {@link ErrorCode#STORE_OBJECT_DIFFERS} if
     *     the source's bytes are not {@code object}'s: the copy is then there, damaged as the
     *     source is
     */
    default Optional<PutOutcome> copyIfAbsent(
            ObjectStore source, StoredObject object, PutOptions options) {
        return Optional.empty();
    }

    /**
     * Stores a body over exactly the object that was looked at before: for repairing what is
     * damaged, and nothing else. In a versioned bucket that object stays beneath.
     *
     * @param present with its ETag
     * @return {@link PutOutcome.Different} if something else lies there by now, and was left alone
     * @throws CairnException {@link ErrorCode#STORE_OBJECT_MISSING} if nothing does
     */
    PutOutcome replace(ObjectInfo present, ObjectBody body, PutOptions options);

    /** What the store knows of the object, or empty if there is none. */
    Optional<ObjectInfo> head(ObjectKey key);

    /**
     * Opens an object for reading.
     *
     * @throws CairnException {@link ErrorCode#STORE_OBJECT_MISSING}; {@link
     *     ErrorCode#STORE_OBJECT_ARCHIVED} until it is thawed
     */
    ObjectContent get(ObjectKey key);

    /**
     * Opens {@code length} bytes of an object from {@code offset} on; {@link
     * ObjectContent#length()} is smaller where the object ends before.
     *
     * @param offset 0 or more, within the object
     * @param length 1 or more
     * @throws CairnException {@link ErrorCode#STORE_OBJECT_MISSING}; {@link
     *     ErrorCode#STORE_OBJECT_ARCHIVED} until it is thawed
     */
    ObjectContent get(ObjectKey key, long offset, long length);

    /**
     * Opens a part of a backup. Its length is checked at once, its digest before the last byte is
     * handed out.
     *
     * @throws CairnException {@link ErrorCode#STORE_OBJECT_MISSING}, {@link
     *     ErrorCode#STORE_OBJECT_DIFFERS}
     */
    default ObjectContent get(StoredObject part) {
        return get(part.key()).expecting(part.length(), part.sha256());
    }

    /**
     * Reads a whole object into memory; a read that breaks off is repeated, within {@link
     * Reads#ATTEMPTS}.
     *
     * @param limitBytes the most that is taken
     * @throws CairnException {@link ErrorCode#STORE_OBJECT_MISSING}; {@link ErrorCode#STORE_ERROR}
     *     if it is longer
     */
    default byte[] read(ObjectKey key, int limitBytes) {
        return Reads.all(key, limitBytes, () -> get(key));
    }

    /**
     * Reads a part of a backup into memory and checks its length and digest; a read that breaks off
     * is repeated, within {@link Reads#ATTEMPTS}. Bytes that differ are not read again.
     *
     * @throws CairnException {@link ErrorCode#STORE_OBJECT_MISSING}, {@link
     *     ErrorCode#STORE_OBJECT_DIFFERS}
     */
    default byte[] read(StoredObject part) {
        return Reads.all(part.key(), Math.toIntExact(part.length()), () -> get(part));
    }

    /**
     * One page of the objects whose keys begin with {@code prefix}, sorted by key (UTF-8 bytes).
     *
     * @param after the key behind which the page begins
     * @param limit 1 to {@link ObjectPage#LIMIT}
     */
    ObjectPage list(String prefix, Optional<ObjectKey> after, int limit);

    /**
     * All objects whose keys begin with {@code prefix}, sorted by key, fetched page by page as they
     * are consumed.
     */
    default Stream<ObjectInfo> list(String prefix) {
        return list(prefix, Optional.empty());
    }

    /**
     * {@link #list(String)}, from behind a key on.
     *
     * @param after need not exist; from the beginning if there is none
     */
    default Stream<ObjectInfo> list(String prefix, Optional<ObjectKey> after) {
        return ObjectPage.stream(after, page -> list(prefix, page, ObjectPage.LIMIT));
    }

    /**
     * The first key that begins with {@code prefix}, with one request: for whoever jumps over what
     * lies between.
     *
     * @param after as in {@link #list(String, Optional)}
     */
    default Optional<ObjectKey> first(String prefix, Optional<ObjectKey> after) {
        ObjectPage page = list(prefix, after, 1);
        while (page.objects().isEmpty() && page.next().isPresent()) {
            page = list(prefix, page.next(), 1);
        }
        return page.objects().stream().findFirst().map(ObjectInfo::key);
    }

    /** Whether an object is there, by listing: without the right to read it, which head takes. */
    default boolean isListed(ObjectKey key) {
        return first(key.value(), Optional.empty()).filter(key::equals).isPresent();
    }

    /**
     * Removes the object with all its versions, so that its bytes are gone; the one that is read
     * comes last, so that it stays where a lock on any of them ends it. Does nothing if there is
     * none.
     *
     * @throws CairnException {@link ErrorCode#STORE_LOCKED} if a lock or legal hold protects one of
     *     its versions
     */
    void delete(ObjectKey key);

    /**
     * Sets the retention of the object's newest version.
     *
     * @throws CairnException {@link ErrorCode#STORE_LOCKED} if it would end earlier, or be weaker,
     *     than what is set; {@link ErrorCode#STORE_NO_OBJECT_LOCK}
     */
    void retain(ObjectKey key, Retention retention);

    /**
     * The retention of the object's newest version, whether it has ended or not. Takes the right to
     * see locks, and not the one to read the object, which {@link #head} takes.
     *
     * @throws CairnException {@link ErrorCode#STORE_OBJECT_MISSING}; {@link
     *     ErrorCode#STORE_NO_OBJECT_LOCK}
     */
    default Optional<Retention> retention(ObjectKey key) {
        return Reads.required(this, key).retention();
    }

    /**
     * Whether a legal hold is on the object's newest version; takes no more rights than {@link
     * #retention}.
     *
     * @throws CairnException {@link ErrorCode#STORE_OBJECT_MISSING}; {@link
     *     ErrorCode#STORE_NO_OBJECT_LOCK}
     */
    default boolean held(ObjectKey key) {
        return Reads.required(this, key).legalHold();
    }

    /**
     * Places a legal hold on the object's newest version, or releases it.
     *
     * @throws CairnException {@link ErrorCode#STORE_NO_OBJECT_LOCK}
     */
    void hold(ObjectKey key, boolean placed);

    /**
     * Sets the tags of the object's newest version, instead of those it has. Neither a lock nor an
     * archive class stands against it.
     *
     * @param tags at most {@link PutOptions#TAGS}
     * @throws CairnException {@link ErrorCode#STORE_OBJECT_MISSING}; {@link ErrorCode#STORE_ERROR}
     *     if the store has no tags
     */
    void tag(ObjectKey key, Map<String, String> tags);

    /**
     * The tags of the object's newest version.
     *
     * @throws CairnException {@link ErrorCode#STORE_OBJECT_MISSING}; {@link ErrorCode#STORE_ERROR}
     *     if the store has no tags
     */
    Map<String, String> tags(ObjectKey key);

    /**
     * Asks for a readable copy of an archived object (S3's RestoreObject) and does not wait for it:
     * {@link #head} tells the state. Asked again while a thaw goes on, nothing changes; asked of a
     * thawed object, it stays readable for {@code days} from now; of one that is in no archive
     * class, nothing happens.
     *
     * @param days how long the copy is readable, 1 or more
     * @throws CairnException {@link ErrorCode#STORE_OBJECT_MISSING}; {@link
     *     ErrorCode#STORE_UNAVAILABLE} if S3 has no capacity for {@link RetrievalTier#EXPEDITED};
     *     {@link ErrorCode#STORE_ERROR} if the store has no archive, or the object's class no such
     *     retrieval ({@link StorageClass#thawTime})
     */
    void thaw(ObjectKey key, RetrievalTier tier, int days);

    @Override
    void close();
}
