package io.cairn.restore.engine;

import io.cairn.model.backup.Volume;
import io.cairn.model.error.CairnException;
import io.cairn.restore.contents.ArchiveMap;
import io.cairn.restore.contents.BackupContents;
import io.cairn.restore.contents.BackupFile;
import io.cairn.restore.engine.TargetFile.Completion;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Where the content of a backup's entries goes. */
abstract class FileTargets {

    private final Map<String, @Nullable TargetFile[]> files = new HashMap<>();
    private final List<TargetFile.InOneVolume> empty = new ArrayList<>();

    /** Finds a target for every file; for the constructor of each kind. */
    final void fill(BackupContents contents, Function<BackupFile, TargetFile> targets) {
        for (ArchiveMap archive : contents.archives()) {
            files.put(archive.archive().name(), new TargetFile[archive.entries().size()]);
        }
        for (BackupFile file : contents.files()) {
            put(file, targets.apply(file));
        }
    }

    private void put(BackupFile file, TargetFile target) {
        @Nullable TargetFile[] ofArchive = files.get(file.archive().archive().name());
        if (ofArchive != null) {
            ofArchive[file.number()] = target;
        }
    }

    /** The target of a file that is stored whole. */
    final TargetFile whole(BackupFile file, Path path, Completion completion) {
        long size = file.entry().size();
        if (size > 0 && !file.archive().liesInOneVolume(file.entry())) {
            return new TargetFile.Spanning(file, path, completion, new AtomicLong(size));
        }
        TargetFile.InOneVolume target = new TargetFile.InOneVolume(file, path, completion);
        if (size == 0) {
            empty.add(target);
        }
        return target;
    }

    /** Passes over what is complete from an earlier try. */
    final void resume(Remains remains) throws InterruptedException {
        List<TargetFile.Whole> candidates = new ArrayList<>();
        for (@Nullable TargetFile[] ofArchive : files.values()) {
            for (@Nullable TargetFile target : ofArchive) {
                if (target instanceof TargetFile.Whole whole && whole.file().entry().size() > 0) {
                    candidates.add(whole);
                }
            }
        }
        for (BackupFile kept : remains.keep(candidates)) {
            put(kept, new TargetFile.PassedOver(kept));
        }
    }

    /** Whether anything of a volume goes anywhere. */
    final boolean wants(ArchiveMap archive, Volume volume) {
        @Nullable TargetFile[] ofArchive = files.get(archive.archive().name());
        return ofArchive == null
                || archive.inVolume(volume)
                        .anyMatch(number -> !(ofArchive[number] instanceof TargetFile.PassedOver));
    }

    /** Creates the files without content, which no volume brings. */
    final void createEmpty() throws IOException {
        for (TargetFile.InOneVolume file : empty) {
            file.open().finish();
        }
    }

    final TargetFile file(ArchiveMap archive, int number) {
        @Nullable TargetFile[] ofArchive = files.get(archive.archive().name());
        TargetFile file = ofArchive == null ? null : ofArchive[number];
        if (file == null) {
            throw CairnException.bug(
                    "entry "
                            + number
                            + " of "
                            + archive.archive().name()
                            + " is no file, yet has content");
        }
        return file;
    }
}
