package io.cairn.restore.incremental;

import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.basebackup.RelationFile;
import io.cairn.postgres.manifest.ManifestFile;
import io.cairn.restore.contents.BackupContents;
import io.cairn.restore.contents.BackupFile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * A full backup and the incremental ones on top of it: what of each is needed for the state of the
 * last. A file is taken whole from the newest backup that has it whole, then the blocks of those
 * after it are laid over it, so nothing is written that the last backup does not have. Immutable.
 */
public final class IncrementalChain {

    /**
     * A file of the last backup that it has blocks of.
     *
     * @param origin the newest backup that has it whole
     * @param file there
     * @param bytesMax the most it takes on disk while it is being made
     */
    public record Origin(int origin, BackupFile file, long bytesMax) {

        public Optional<ManifestFile.Checksum> checksum() {
            return file.manifest().flatMap(ManifestFile::checksum);
        }
    }

    private final List<BackupContents> links;
    private final List<Map<String, BackupFile>> files = new ArrayList<>();
    private final SequencedMap<String, Origin> origins = new LinkedHashMap<>();

    /**
     * @param links the full backup first
     * @throws CairnException {@link ErrorCode#ARCHIVE_INCOMPLETE} if a backup has blocks of a file
     *     that the one before has not
     */
    public IncrementalChain(List<BackupContents> links) {
        this.links = List.copyOf(links);
        for (BackupContents link : links) {
            Map<String, BackupFile> byPath = new HashMap<>();
            link.files().forEach(file -> byPath.put(file.path(), file));
            files.add(byPath);
        }
        if (links.size() > 1) {
            links.getLast().files().stream()
                    .map(BackupFile::path)
                    .filter(RelationFile::isIncremental)
                    .map(IncrementalFile::whole)
                    .forEach(path -> origins.put(path, origin(path)));
        }
    }

    private Origin origin(String path) {
        long blocks = 0;
        for (int link = links.size() - 1; link >= 0; link--) {
            BackupFile whole = files.get(link).get(path);
            if (whole != null) {
                return new Origin(link, whole, whole.entry().size() + blocks);
            }
            BackupFile incremental = files.get(link).get(IncrementalFile.incremental(path));
            if (incremental == null || link == 0) {
                throw new CairnException(
                        ErrorCode.ARCHIVE_INCOMPLETE,
                        run(link + 1)
                                + " has blocks of "
                                + path
                                + ", which "
                                + run(link)
                                + " does not have",
                        "restore the full backup before it");
            }
            blocks += incremental.entry().size();
        }
        throw CairnException.bug("a chain of nothing");
    }

    private String run(int link) {
        CommitObject commit = links.get(Math.min(link, links.size() - 1)).commit();
        return commit.run().toString();
    }

    /** The files of the last backup that it has blocks of, by the path of the whole file. */
    public SequencedMap<String, Origin> origins() {
        return origins;
    }

    /** Of a file of the last backup; empty if that is whole. */
    public Optional<Origin> origin(BackupFile incremental) {
        return RelationFile.isIncremental(incremental.path())
                ? Optional.ofNullable(origins.get(IncrementalFile.whole(incremental.path())))
                : Optional.empty();
    }

    public int last() {
        return links.size() - 1;
    }

    /** Whether a backup's file is a part of the last state, or of what later blocks lie on. */
    public boolean isNeeded(int link, BackupFile file) {
        if (link == last()) {
            return true;
        }
        boolean blocks = link > 0 && RelationFile.isIncremental(file.path());
        String path = blocks ? IncrementalFile.whole(file.path()) : file.path();
        Origin origin = origins.get(path);
        return origin != null && origin.origin() <= link;
    }

    /** The same for the whole file and for its blocks. */
    public String wholePath(int link, BackupFile file) {
        return link > 0 && RelationFile.isIncremental(file.path())
                ? IncrementalFile.whole(file.path())
                : file.path();
    }
}
