package io.cairn.catalog.backup.rest;

import io.cairn.catalog.paging.Cursor;
import io.cairn.catalog.paging.Page;
import java.util.List;
import java.util.Optional;

/**
 * Backups, newest first.
 *
 * @param next the cursor of the next page; absent on the last
 */
public record BackupPage(List<BackupView> items, Optional<String> next) {

    static BackupPage of(Page<BackupView> page) {
        return new BackupPage(page.items(), page.next().map(Cursor::toString));
    }
}
