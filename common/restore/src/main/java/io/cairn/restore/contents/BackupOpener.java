package io.cairn.restore.contents;

import io.cairn.archive.VolumeDecoder;
import io.cairn.archive.gzip.GzipCodec;
import io.cairn.archive.key.BackupKey;
import io.cairn.archive.key.Identity;
import io.cairn.archive.tar.TarIndex;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.restore.key.BackupWraps;
import io.cairn.storage.ObjectStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Opens a backup with a recipient's private key: reads the key object, then manifest and index.
 * Thread-safe.
 */
public final class BackupOpener {

    private final List<ObjectStore> copies;
    private final Identity identity;
    private final GzipCodec codec;

    /** Opens one copy, and asks nobody else. */
    public BackupOpener(ObjectStore store, Identity identity, GzipCodec codec) {
        this(List.of(store), identity, codec);
    }

    /**
     * Takes each part from the first store that has it as it was written.
     *
     * @param copies in the order in which they are asked, at least one
     */
    public BackupOpener(List<ObjectStore> copies, Identity identity, GzipCodec codec) {
        this.copies = List.copyOf(copies);
        this.identity = identity;
        this.codec = codec;
        if (copies.isEmpty()) {
            throw new IllegalArgumentException("a backup is opened in one store at least");
        }
    }

    /**
     * Everything at once.
     *
     * @throws CairnException as the single steps do, and as {@link BackupContents#of}
     */
    public BackupContents open(CommitObject commit) {
        BackupKey key = key(commit);
        return BackupContents.of(commit, key, manifest(commit, key), index(commit, key));
    }

    /**
     * @throws CairnException as {@link BackupWraps#open}
     */
    public BackupKey key(CommitObject commit) {
        return fromAny(store -> new BackupWraps(store, commit).open(identity));
    }

    /** The bytes of {@code backup_manifest}. */
    public byte[] manifest(CommitObject commit, BackupKey key) {
        return decode(commit.manifest(), key);
    }

    public TarIndex index(CommitObject commit, BackupKey key) {
        return TarIndex.fromJson(decode(commit.index(), key), commit.index().key().value());
    }

    private byte[] decode(StoredObject object, BackupKey key) {
        return fromAny(store -> {
            try (VolumeDecoder decoder = new VolumeDecoder(codec, key)) {
                return decoder.decode(new ByteArrayInputStream(store.read(object)), object);
            } catch (IOException e) {
                throw new AssertionError("an array can be read", e);
            }
        });
    }

    private <T> T fromAny(Function<ObjectStore, T> part) {
        List<CairnException> problems = new ArrayList<>();
        for (ObjectStore store : copies) {
            try {
                return part.apply(store);
            } catch (CairnException e) {
                problems.add(e);
            }
        }
        CairnException first = problems.removeFirst();
        problems.stream().filter(other -> other != first).forEach(first::addSuppressed);
        throw first;
    }
}
