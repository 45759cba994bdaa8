package io.cairn.restore.wal;

import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.Timeline;
import io.cairn.model.wal.LsnRange;
import io.cairn.storage.ObjectStore;
import java.util.List;

/**
 * A stored object that holds WAL.
 *
 * @param range the bytes it holds, all of {@code timeline}
 * @param length stored bytes
 * @param copies the stores that have it, in the order in which they are preferred; at least one
 */
public record WalObject(
        ObjectKey key, Timeline timeline, LsnRange range, long length, List<ObjectStore> copies) {

    /** History files have no place in the WAL. */
    public static final LsnRange NOWHERE = new LsnRange(new Lsn(0), new Lsn(1));

    public WalObject {
        copies = List.copyOf(copies);
    }

    WalObject within(LsnRange other) {
        return new WalObject(key, timeline, other, length, copies);
    }
}
