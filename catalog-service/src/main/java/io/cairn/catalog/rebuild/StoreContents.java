package io.cairn.catalog.rebuild;

import io.cairn.events.CairnEvent;
import io.cairn.events.WalArchived;
import io.cairn.model.StoreName;
import java.util.List;

/**
 * What a store holds of what the catalog records.
 *
 * @param records the events under {@code records/}
 * @param wal what would have told of the ranges of WAL
 * @param unreadable objects that are not what their key says
 */
record StoreContents(
        StoreName store,
        List<StoredBackup> backups,
        List<CairnEvent> records,
        List<WalArchived> wal,
        List<Unreadable> unreadable) {

    StoreContents {
        backups = List.copyOf(backups);
        records = List.copyOf(records);
        wal = List.copyOf(wal);
        unreadable = List.copyOf(unreadable);
    }
}
