package io.cairn.model.archival;

import java.time.Instant;

/** Whether an object's bytes can be had at once (S3's {@code x-amz-restore} and storage class). */
public sealed interface ThawState {

    /** It is in a class that is read like the standard one. */
    record NotArchived() implements ThawState {}

    /** It has to be thawed first. */
    record Archived(StorageClass storageClass) implements ThawState {}

    /** A thaw was asked for and goes on. */
    record Thawing(StorageClass storageClass) implements ThawState {}

    /**
     * A copy of it is readable for a while.
     *
     * @param until then it is archived again; by the store's clock
     */
    record Thawed(StorageClass storageClass, Instant until) implements ThawState {}

    default boolean readable() {
        return switch (this) {
            case NotArchived _, Thawed _ -> true;
            case Archived _, Thawing _ -> false;
        };
    }
}
