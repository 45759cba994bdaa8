package io.cairn.restore.mutation;

import io.cairn.model.ObjectKey;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.util.Arrays;
import java.util.Optional;

/** One change to one stored object. */
public sealed interface Mutation {

    int OBJECT_BYTES_MAX = 1 << 30;

    /** What lies there afterwards, if anything does. */
    Optional<Stored> of(Stored sound, ObjectStore store);

    /** An object with its bytes. */
    record Stored(ObjectInfo info, byte[] bytes) {

        static Stored read(ObjectKey key, ObjectStore store) {
            return new Stored(store.head(key).orElseThrow(), store.read(key, OBJECT_BYTES_MAX));
        }

        /** The store's own damage: what it tells of digest and metadata stays. */
        Stored with(byte[] other) {
            return new Stored(info(info, other.length), other);
        }

        /** Somebody's copy: digest and metadata come with it. */
        Stored copiedTo(ObjectInfo place) {
            return new Stored(
                    new ObjectInfo(
                            place.key(),
                            info.length(),
                            info.sha256(),
                            place.lastModified(),
                            place.versionId(),
                            place.storageClass(),
                            place.retention(),
                            place.legalHold(),
                            info.metadata(),
                            info.etag(),
                            place.thaw()),
                    bytes);
        }

        private static ObjectInfo info(ObjectInfo info, long length) {
            return new ObjectInfo(
                    info.key(),
                    length,
                    info.sha256(),
                    info.lastModified(),
                    info.versionId(),
                    info.storageClass(),
                    info.retention(),
                    info.legalHold(),
                    info.metadata(),
                    info.etag(),
                    info.thaw());
        }
    }

    /** The end is missing. */
    record Truncated(int bytes) implements Mutation {
        @Override
        public Optional<Stored> of(Stored sound, ObjectStore store) {
            return Optional.of(
                    sound.with(
                            Arrays.copyOf(
                                    sound.bytes(), Math.max(0, sound.bytes().length - bytes))));
        }
    }

    record Removed() implements Mutation {
        @Override
        public Optional<Stored> of(Stored sound, ObjectStore store) {
            return Optional.empty();
        }
    }

    /** Bits of one byte are others. */
    record Flipped(int position, int mask) implements Mutation {
        @Override
        public Optional<Stored> of(Stored sound, ObjectStore store) {
            byte[] bytes = sound.bytes().clone();
            bytes[position] ^= (byte) mask;
            return Optional.of(sound.with(bytes));
        }
    }

    /** The bytes of another object of its class. */
    record Swapped(ObjectKey other) implements Mutation {
        @Override
        public Optional<Stored> of(Stored sound, ObjectStore store) {
            return Optional.of(sound.with(store.read(other, OBJECT_BYTES_MAX)));
        }
    }

    /** Another object of its class, copied over it with all that the store knows of it. */
    record Overwritten(ObjectKey other) implements Mutation {
        @Override
        public Optional<Stored> of(Stored sound, ObjectStore store) {
            return Optional.of(Stored.read(other, store).copiedTo(sound.info()));
        }
    }

    /** Nothing: what finds something then finds too much. */
    record None() implements Mutation {
        @Override
        public Optional<Stored> of(Stored sound, ObjectStore store) {
            return Optional.of(sound);
        }
    }
}
