package io.cairn.catalog.backup.rest;

import io.cairn.catalog.backup.Backup;
import io.cairn.catalog.backup.CataloguedBackup;
import io.cairn.model.BackupLabel;
import io.cairn.model.StoreName;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A backup as the API shows it.
 *
 * @param bytesIn of all tar streams before compression
 * @param bytesStored of all stored parts
 * @param parent the backup an incremental one builds on
 * @param keyId names the backup's key, whose wrapped form lies under {@code key}
 */
public record BackupView(
        String run,
        String cluster,
        String label,
        String kind,
        String tier,
        @Schema(enumeration = {"damaged", "invalid", "protected", "verified", "complete"})
                String state,
        String attempt,
        String systemIdentifier,
        int timeline,
        String startLsn,
        String stopLsn,
        Instant startedAt,
        Instant completedAt,
        int serverVersion,
        int gzipLevel,
        String codec,
        long files,
        long bytesIn,
        long bytesStored,
        boolean damaged,
        Optional<String> parent,
        Optional<String> keyId,
        String key,
        String commit,
        List<CopyView> copies) {

    public static BackupView of(CataloguedBackup catalogued, Collection<StoreName> required) {
        Backup backup = catalogued.backup();
        return new BackupView(
                backup.run().toString(),
                backup.cluster().value(),
                backup.label().value(),
                backup.kind().id(),
                backup.tier().id(),
                catalogued.state(required).id(),
                backup.attempt().value(),
                backup.systemIdentifier().toString(),
                backup.timeline().id(),
                backup.startLsn().toString(),
                backup.stopLsn().toString(),
                backup.startedAt(),
                backup.completedAt(),
                backup.serverVersion(),
                backup.gzipLevel(),
                backup.codec(),
                backup.files(),
                backup.bytesIn(),
                backup.bytesStored(),
                backup.damaged(),
                backup.parent().map(BackupLabel::value),
                backup.keyId(),
                backup.wrappedKey().value(),
                backup.commit().key().value(),
                CopyView.of(catalogued, required));
    }
}
