package io.cairn.restore.engine;

import io.cairn.model.error.CairnException;
import io.cairn.restore.contents.ArchiveMap;
import io.cairn.restore.contents.BackupContents;
import io.cairn.restore.contents.BackupFile;
import io.cairn.restore.engine.TargetFile.Completion;
import io.cairn.restore.incremental.BackupLabelFile;
import io.cairn.restore.incremental.IncrementalChain;
import io.cairn.restore.incremental.IncrementalFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Where the files of a backup go that later ones are laid over: those that are needed to the places
 * of the last backup's files, the others nowhere.
 */
final class EarlierTargets implements FileTargets {

    /** They get their mode, owner and time, and are made durable, when the last backup has them. */
    private static final Completion WRITTEN = (_, _, channel) -> channel.close();

    private final Map<String, @Nullable TargetFile[]> files = new HashMap<>();
    private final List<TargetFile.InOneVolume> empty = new ArrayList<>();
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
            Reconstruction reconstruction) {
        for (ArchiveMap archive : contents.archives()) {
            files.put(archive.archive().name(), new TargetFile[archive.entries().size()]);
        }
        for (BackupFile file : contents.files()) {
            @Nullable TargetFile[] ofArchive = files.get(file.archive().archive().name());
            if (ofArchive != null) {
                ofArchive[file.number()] = target(link, file, chain, places, reconstruction);
            }
        }
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
        if (!chain.isNeeded(link, file)) {
            return new TargetFile.PassedOver(file);
        }
        String whole = chain.wholePath(link, file);
        Path path = places.path(whole);
        if (link > 0 && IncrementalFile.isPath(file.path())) {
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
        long size = file.entry().size();
        if (size > 0 && !file.archive().liesInOneVolume(file.entry())) {
            return new TargetFile.Spanning(file, path, WRITTEN, new AtomicLong(size));
        }
        TargetFile.InOneVolume target = new TargetFile.InOneVolume(file, path, WRITTEN);
        if (size == 0) {
            empty.add(target);
        }
        return target;
    }

    /** Files without content, which no volume brings. */
    void createEmpty() throws IOException {
        for (TargetFile.InOneVolume file : empty) {
            file.open().finish();
        }
    }

    BackupLabelFile label() {
        return label.map(kept -> BackupLabelFile.of(kept.content()))
                .orElseThrow(() -> CairnException.bug("a backup without a backup_label"));
    }

    @Override
    public TargetFile file(ArchiveMap archive, int number) {
        @Nullable TargetFile[] ofArchive = files.get(archive.archive().name());
        TargetFile file = ofArchive == null ? null : ofArchive[number];
        if (file == null) {
            throw CairnException.bug(
                    "entry " + number + " of " + archive.archive().name() + " is no file");
        }
        return file;
    }
}
