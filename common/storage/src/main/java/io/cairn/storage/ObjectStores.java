package io.cairn.storage;

import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.error.ErrorCode;

/** What is done between two stores. */
public final class ObjectStores {

    /**
     * How often a copy is begun that the source broke off. Each store retries its own calls
     * besides.
     */
    private static final int ATTEMPTS = 3;

    private ObjectStores() {}

    /**
     * Copies an object under the same key, streamed with no more than a few kilobytes in memory.
     * Length and digest are checked on the way: the copy comes into being only if the bytes read
     * are those that the source's metadata names. The copy gets the source's user metadata.
     *
     * @throws CairnException {@link ErrorCode#STORE_OBJECT_MISSING}; {@link
     *     ErrorCode#STORE_OBJECT_DIFFERS} if the source is damaged or carries no digest
     */
    public static PutOutcome copy(
            ObjectStore source, ObjectKey key, ObjectStore target, PutOptions options) {
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
        return copy(
                source, key, info.length(), sha256, target, options.withMetadata(info.metadata()));
    }

    public static PutOutcome copy(ObjectStore source, ObjectKey key, ObjectStore target) {
        return copy(source, key, target, PutOptions.NONE);
    }

    /**
     * Copies a part of a backup, checked against what the commit object says of it, without user
     * metadata.
     */
    public static PutOutcome copy(
            ObjectStore source, StoredObject part, ObjectStore target, PutOptions options) {
        return copy(source, part.key(), part.length(), part.sha256(), target, options);
    }

    private static PutOutcome copy(
            ObjectStore source,
            ObjectKey key,
            long length,
            Sha256 sha256,
            ObjectStore target,
            PutOptions options) {
        ObjectBody body =
                ObjectBody.of(
                        length, sha256, () -> source.get(key).expecting(length, sha256).stream());
        for (int attempt = 1; ; attempt++) {
            try {
                return target.putIfAbsent(key, body, options);
            } catch (CairnException e) {
                if (e.category() != ErrorCategory.TRANSIENT || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }
}
