package io.cairn.sync;

import io.cairn.model.ObjectKey;
import java.util.function.Predicate;

/**
 * How closely objects are looked at that both stores have with the same length. Whatever differs is
 * looked at in full, whatever this says.
 *
 * @param digests whose digests are compared as the stores' metadata tells them
 * @param bytes whose bytes are read in full
 */
public record Depth(Predicate<ObjectKey> digests, Predicate<ObjectKey> bytes) {

    /** Keys and lengths. */
    public static final Depth LISTING = new Depth(_ -> false, _ -> false);

    /** Every digest, by metadata. */
    public static final Depth DIGESTS = new Depth(_ -> true, _ -> false);

    /** Every byte. */
    public static final Depth EVERYTHING = new Depth(_ -> true, _ -> true);

    /**
     * The bytes of those whose turn it is.
     *
     * @param digests whose digests are compared
     */
    public static Depth of(Predicate<ObjectKey> digests, Turns bytes) {
        return new Depth(digests, bytes);
    }
}
