package io.cairn.catalog.wal;

import io.cairn.model.BackupLabel;
import io.cairn.model.Lsn;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;
import io.cairn.model.wal.RecoverableWindow;
import java.time.Instant;
import java.util.Optional;

/**
 * A complete copy of a backup that nothing is known to be wrong with: where a recovery from its
 * store can begin.
 *
 * @param parent the backup that it is an increment of
 * @param walFrom the first byte of WAL that is needed beside the backup itself
 * @param proof when a server was last restored from this copy
 */
public record RecoveryBase(
        StoreName store,
        SystemIdentifier systemIdentifier,
        BackupLabel label,
        Optional<BackupLabel> parent,
        Timeline timeline,
        Lsn walFrom,
        Lsn stopLsn,
        Instant startedAt,
        Instant completedAt,
        Optional<RecoverableWindow.Proof> proof) {}
