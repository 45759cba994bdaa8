package io.cairn.catalog.rebuild;

import io.cairn.events.CairnEvent;
import io.cairn.model.StoreName;
import java.util.List;

/**
 * What a store holds of what the catalog records.
 *
 * @param records the events under {@code records/}
 * @param unreadable objects that are not what their key says
 */
record StoreContents(
        StoreName store,
        List<StoredBackup> backups,
        List<CairnEvent> records,
        List<Unreadable> unreadable) {

    StoreContents {
        backups = List.copyOf(backups);
        records = List.copyOf(records);
        unreadable = List.copyOf(unreadable);
    }
}
