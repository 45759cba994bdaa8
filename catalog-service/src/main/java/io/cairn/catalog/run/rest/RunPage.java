package io.cairn.catalog.run.rest;

import io.cairn.catalog.paging.Cursor;
import io.cairn.catalog.paging.Page;
import java.util.List;
import java.util.Optional;

/**
 * Runs, newest first.
 *
 * @param next the cursor of the next page; absent on the last
 */
public record RunPage(List<RunView> items, Optional<String> next) {

    static RunPage of(Page<RunView> page) {
        return new RunPage(page.items(), page.next().map(Cursor::toString));
    }
}
