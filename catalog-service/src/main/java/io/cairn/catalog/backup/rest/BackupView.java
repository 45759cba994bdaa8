package io.cairn.catalog.backup.rest;

import io.cairn.catalog.backup.Backup;
import io.cairn.catalog.backup.BackupState;
import io.cairn.catalog.backup.CataloguedBackup;
import io.cairn.catalog.key.ShreddedKeys;
import io.cairn.model.BackupLabel;
import io.cairn.model.StoreName;
import io.cairn.model.record.Shredded;
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
 * @param shredded that its keys were removed on purpose
 * @param parent the backup an incremental one builds on
 * @param keyId names the backup's key, whose wrapped form lies under {@code key}
 */
public record BackupView(
        String run,
        String cluster,
        String label,
        String kind,
        String tier,
        @Schema(
                        enumeration = {
                            "damaged",
                            "shredded",
                            "invalid",
                            "protected",
                            "verified",
                            "complete"
                        })
                String state,
        Optional<ShreddedView> shredded,
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

    /**
     * When all keys of a cluster's life were removed.
     *
     * @param at what was completed until then opens no more
     */
    public record ShreddedView(Instant at, String by) {

        public static ShreddedView of(Shredded shredded) {
            return new ShreddedView(shredded.at(), shredded.by());
        }
    }

    public static BackupView of(
            CataloguedBackup catalogued, Collection<StoreName> required, ShreddedKeys keys) {
        Backup backup = catalogued.backup();
        Optional<Shredded> shredded = keys.of(backup.layout().root(), backup.completedAt());
        return new BackupView(
                backup.run().toString(),
                backup.cluster().value(),
                backup.label().value(),
                backup.kind().id(),
                backup.tier().id(),
                (shredded.isPresent() ? BackupState.SHREDDED : catalogued.state(required)).id(),
                shredded.map(ShreddedView::of),
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
