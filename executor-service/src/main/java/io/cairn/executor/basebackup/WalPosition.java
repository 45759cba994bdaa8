package io.cairn.executor.basebackup;

import io.cairn.model.Lsn;
import io.cairn.model.wal.SegmentSize;
import io.cairn.postgres.wal.TimelineHistory;

/**
 * Where a server's WAL ends.
 *
 * @param history of the server's timeline
 * @param end the first byte that is not durable yet, or the one behind the switch that closed its
 *     segment
 * @param serverVersion {@code server_version_num}
 */
public record WalPosition(TimelineHistory history, Lsn end, SegmentSize size, int serverVersion) {}
