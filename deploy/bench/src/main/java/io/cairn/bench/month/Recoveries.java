package io.cairn.bench.month;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.archive.key.Identity;
import io.cairn.bench.Folders;
import io.cairn.model.error.CairnException;
import io.cairn.restore.backup.BackupLister;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.engine.RestoreEngine;
import io.cairn.restore.engine.RestoreProgress;
import io.cairn.restore.engine.RestoreSettings;
import io.cairn.restore.recovery.Recovery;
import io.cairn.restore.recovery.RecoveryPlan;
import io.cairn.restore.recovery.RecoveryPlanner;
import io.cairn.restore.recovery.RecoveryProgress;
import io.cairn.restore.recovery.RecoveryRequest;
import io.cairn.restore.recovery.RecoveryResult;
import io.cairn.restore.recovery.RecoverySettings;
import io.cairn.restore.recovery.RecoveryTarget;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Recoveries to the last of the WAL in all regions, booted and compared. */
final class Recoveries {

    private final RecoveryPlanner planner;
    private final Ledger ledger;
    private final Path directory;

    /**
     * @param readers of the regions
     * @param directory for restored clusters
     */
    Recoveries(List<BackupReader> readers, Identity identity, Ledger ledger, Path directory) {
        this.planner =
                new RecoveryPlanner(
                        new BackupLister(readers),
                        readers.stream().map(BackupReader::store).toList(),
                        identity,
                        GzipCodec.best());
        this.ledger = ledger;
        this.directory = directory;
    }

    /** Whether all comes back that was acknowledged. */
    Optional<Violation> lost(Streams.Acknowledged acknowledged)
            throws InterruptedException, IOException, SQLException {
        try {
            RecoveryPlan plan =
                    planner.plan(
                            RecoveryRequest.of(
                                    Source.CLUSTER, new RecoveryTarget.Latest(), directory));
            new RestoreEngine(RestoreSettings.defaults())
                    .restore(plan.base(), RestoreProgress.NONE);
            RecoveryResult result =
                    new Recovery(RecoverySettings.defaults()).run(plan, RecoveryProgress.NONE);
            return lost(acknowledged, result);
        } catch (CairnException e) {
            return isDamaged()
                    ? Optional.empty()
                    : Optional.of(
                            Invariant.RECOVERED.violated(
                                    "WAL up to %s is acknowledged, and is not recovered: %s"
                                            .formatted(acknowledged.lsn(), e.messageWithHint())));
        } finally {
            Folders.delete(directory);
        }
    }

    private Optional<Violation> lost(Streams.Acknowledged acknowledged, RecoveryResult result)
            throws SQLException {
        if (result.replayed().compareTo(acknowledged.lsn()) < 0) {
            return isDamaged()
                    ? Optional.empty()
                    : Optional.of(
                            Invariant.RECOVERED.violated(
                                    "WAL up to %s is acknowledged, and recovered up to %s"
                                            .formatted(acknowledged.lsn(), result.replayed())));
        }
        return Source.differences(acknowledged.contents(), directory).stream()
                .map(difference ->
                        Invariant.RECOVERED.violated(
                                "recovered up to %s, and came back wrong: %s"
                                        .formatted(result.replayed(), difference)))
                .findFirst();
    }

    private boolean isDamaged() {
        return ledger.anyDamage(key -> key.contains("/wal/") || key.contains("/pieces/"));
    }
}
