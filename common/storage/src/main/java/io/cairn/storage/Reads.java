package io.cairn.storage;

import io.cairn.model.ObjectKey;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.util.function.Supplier;

/** Reads objects into memory, again from the start where a connection breaks off. */
final class Reads {

    /**
     * How often one object is opened before its error counts. The store has retried the opening
     * itself, with pauses.
     */
    static final int ATTEMPTS = 3;

    private Reads() {}

    static ObjectInfo required(ObjectStore store, ObjectKey key) {
        return store.head(key)
                .orElseThrow(() ->
                        new CairnException(
                                ErrorCode.STORE_OBJECT_MISSING,
                                key + " is not in store '" + store.name() + "'",
                                "it was deleted, or never written; use another copy"));
    }

    static byte[] all(ObjectKey key, int limitBytes, Supplier<ObjectContent> open) {
        for (int attempt = 1; ; attempt++) {
            try (ObjectContent content = open.get()) {
                return all(key, limitBytes, content);
            } catch (CairnException e) {
                if (e.category() != ErrorCategory.TRANSIENT || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private static byte[] all(ObjectKey key, int limitBytes, ObjectContent content) {
        if (content.length() > limitBytes) {
            throw new CairnException(
                    ErrorCode.STORE_ERROR,
                    key
                            + " has "
                            + content.length()
                            + " bytes, more than the "
                            + limitBytes
                            + " expected at most",
                    "Cairn did not write this object; see who did");
        }
        byte[] bytes = new byte[(int) content.length()];
        try {
            content.stream().readNBytes(bytes, 0, bytes.length);
        } catch (IOException e) {
            throw WholeStream.broken(key, e);
        }
        return bytes;
    }
}
