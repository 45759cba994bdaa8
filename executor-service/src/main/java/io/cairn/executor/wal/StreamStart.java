package io.cairn.executor.wal;

import io.cairn.model.Lsn;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.StoredWal;
import io.cairn.model.wal.WalFolder;
import java.util.Optional;

/**
 * Where a stream begins, as the store and the slots say it.
 *
 * @param from the first byte of a segment
 * @param stored segments that begin before this are in the store already: what comes for them is
 *     compared with it
 * @param acknowledged the slot's position: no earlier one is told to the server, which would take
 *     it back to WAL that may be gone
 * @param newestPiece of the segments from {@code stored} on, the one that ends last: what comes is
 *     compared with it before anything else is stored
 * @param missing what the server has removed before it was stored
 * @param rewound whether the server has less WAL than the store has of it
 */
record StreamStart(
        WalFolder folder,
        Lsn from,
        Lsn stored,
        Lsn acknowledged,
        Optional<StoredWal.Piece> newestPiece,
        Optional<LsnRange> missing,
        boolean rewound) {}
