package io.cairn.restore.engine;

import io.cairn.model.error.CairnException;
import io.cairn.postgres.basebackup.RelationFile;
import io.cairn.restore.contents.BackupContents;
import io.cairn.restore.contents.BackupFile;
import io.cairn.restore.database.DatabaseSelection;
import io.cairn.restore.engine.TargetFile.Completion;
import io.cairn.restore.incremental.BackupLabelFile;
import io.cairn.restore.incremental.IncrementalChain;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the files of a backup go that later ones are laid over: those that are needed to the places
 * of the last backup's files, the others nowhere.
 */
final class EarlierTargets extends FileTargets {

    /** They get their mode, owner and time, and are made durable, when the last backup has them. */
    private static final Completion WRITTEN = (_, _, channel) -> channel.close();

    private final DatabaseSelection databases;
    private Optional<TargetFile.Kept> label = Optional.empty();

    /**
     * @param link number of the backup in the chain
     * @param places of the last backup's files
     */
    EarlierTargets(
            int link,
            BackupContents contents,
            IncrementalChain chain,
            RestoreTargets places,
            Reconstruction reconstruction,
            DatabaseSelection databases) {
        this.databases = databases;
        fill(contents, file -> target(link, file, chain, places, reconstruction));
    }

    private TargetFile target(
            int link,
            BackupFile file,
            IncrementalChain chain,
            RestoreTargets places,
            Reconstruction reconstruction) {
        if (file.path().equals(BackupLabelFile.NAME)) {
            TargetFile.Kept kept = TargetFile.Kept.of(file);
            label = Optional.of(kept);
            return kept;
        }
        if (!chain.isNeeded(link, file) || databases.leavesOut(file)) {
            return new TargetFile.PassedOver(file);
        }
        String whole = chain.wholePath(link, file);
        Path path = places.path(whole);
        if (link > 0 && RelationFile.isIncremental(file.path())) {
            return new TargetFile.Blocks(
                    file,
                    new BlocksFile(
                            file,
                            path,
                            (channel, changed) -> {
                                channel.close();
                                reconstruction.laidOver(whole, changed);
                            }));
        }
        return whole(file, path, WRITTEN);
    }

    BackupLabelFile label() {
        return label.map(kept -> BackupLabelFile.of(kept.content()))
                .orElseThrow(() -> CairnException.bug("a backup without a backup_label"));
    }
}
