package io.cairn.restore.contents;

import io.cairn.model.backup.CommitObject;
import io.cairn.storage.ObjectStore;
import java.util.List;
import java.util.stream.Stream;

/**
 * A backup that is complete where it will be read, and whose key opens.
 *
 * @param store where it is read
 * @param others that hold a copy too, whole or not: for parts that the store turns out to lack
 */
public record OpenedBackup(BackupContents contents, ObjectStore store, List<ObjectStore> others) {

    public OpenedBackup {
        others = List.copyOf(others);
    }

    /** Every store that may have a part, in the order in which they are asked. */
    public List<ObjectStore> copies() {
        return Stream.concat(Stream.of(store), others.stream()).toList();
    }

    public CommitObject commit() {
        return contents.commit();
    }
}
