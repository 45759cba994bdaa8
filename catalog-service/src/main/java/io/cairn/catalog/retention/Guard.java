package io.cairn.catalog.retention;

/** What keeps something. The tests leave out one at a time and see that it is missed. */
enum Guard {
    RETENTION,
    CHAIN,
    WINDOW_BASE,
    NEWEST_PROVEN,
    UNPROVEN,
    HOLD,
    LOCK,
    BUSY,
    READ_WAL,
    BACKUP_WAL,
    WINDOW_WAL,
    HOLD_WAL
}
