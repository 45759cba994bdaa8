package io.cairn.restore.wal;

import io.cairn.model.Lsn;

/**
 * The last record of some WAL that is all there.
 *
 * @param start its first byte
 * @param end where the next record begins, or would
 */
public record LastRecord(Lsn start, Lsn end) {}
