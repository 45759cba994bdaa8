package io.cairn.testing;

/** What one credential may do. */
@FunctionalInterface
public interface StoreRights {

    /**
     * @param key the object's key, or the prefix of a listing, which may be empty
     */
    boolean allows(StoreOperation operation, String key);
}
