package io.cairn.bench.rpo0;

import io.cairn.bench.CairnRuns;
import io.cairn.bench.Folders;
import io.cairn.bench.Installation;
import io.cairn.bench.SmallServer;
import io.cairn.executor.basebackup.RunSettings;
import io.cairn.model.BackupKind;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.wal.StoredWal;
import io.cairn.model.wal.WalSegment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The base backups that restores begin with: taken as an executor takes them, copied to the other
 * region as the replication service would, and what lies before them expired as the catalog would.
 */
final class Bases implements AutoCloseable {

    private final Source source;
    private final List<Region> regions;
    private final CairnRuns runs;

    private Bases(Source source, List<Region> regions, CairnRuns runs) {
        this.source = source;
        this.regions = regions;
        this.runs = runs;
    }

    /**
     * @param regions the first is backed up into
     */
    static Bases into(Source source, List<Region> regions, Installation installation) {
        return new Bases(
                source,
                regions,
                CairnRuns.of(
                        installation,
                        Source.CLUSTER,
                        regions.getFirst().name(),
                        RunSettings.DEFAULT.withAttempts(3)));
    }

    /** Takes one while the writers write, and lets go of what lies before it. */
    void renew() throws InterruptedException, IOException, SQLException {
        CommitObject commit = runs.take(BackupKind.FULL, Instant.now());
        Path first = regions.getFirst().files();
        Path root = Path.of(commit.layout().root().prefix());
        for (Region region : regions.subList(1, regions.size())) {
            for (String folder : List.of("keys", "backups")) {
                ObjectFiles.link(
                        first.resolve(root).resolve(folder),
                        region.files().resolve(root).resolve(folder));
            }
        }
        for (Region region : regions) {
            expire(region.files().resolve(root), commit);
        }
    }

    /** A region that is behind keeps the last segment it has, which its stream goes on from. */
    private void expire(Path root, CommitObject commit) throws IOException, SQLException {
        try (Stream<Path> backups = Files.list(root.resolve("backups"))) {
            for (Path backup : backups.toList()) {
                if (!backup.endsWith(commit.label().value())) {
                    Files.deleteIfExists(backup.resolve("backup.json"));
                    Folders.delete(backup);
                }
            }
        }
        Lsn retained = source.retained();
        Lsn needed = retained.compareTo(commit.startLsn()) < 0 ? retained : commit.startLsn();
        long first = SmallServer.SEGMENT.numberOf(needed) - 1;
        for (Stored stored : stored(root)) {
            if (stored.last() < first) {
                Files.deleteIfExists(stored.file());
            }
        }
    }

    /** Deletes the pieces of whole segments: restores and streams list less. */
    void dropCoveredPieces() throws IOException {
        for (Region region : regions) {
            List<Stored> all = stored(region.files());
            Set<Long> segments = new HashSet<>();
            all.stream().filter(Stored::whole).forEach(stored -> segments.add(stored.first()));
            for (Stored stored : all) {
                if (!stored.whole()
                        && segments.contains(stored.first())
                        && segments.contains(stored.last())) {
                    Files.deleteIfExists(stored.file());
                }
            }
        }
    }

    /** A segment or piece, with the numbers of the segments it begins and ends in. */
    private record Stored(Path file, boolean whole, long first, long last) {}

    private static List<Stored> stored(Path root) throws IOException {
        List<Stored> found = new ArrayList<>();
        for (Path file : ObjectFiles.in(root)) {
            StoredWal.of(key(file)).ifPresent(it -> add(found, file, it));
        }
        return found;
    }

    /** From the cluster's name on, whatever lies before. */
    private static ObjectKey key(Path file) {
        int depth = Math.min(file.getNameCount(), 5);
        return new ObjectKey(
                file.subpath(file.getNameCount() - depth, file.getNameCount()).toString());
    }

    private static void add(List<Stored> found, Path file, StoredWal stored) {
        switch (stored) {
            case StoredWal.Segment segment -> {
                long number = WalSegment.parse(segment.name(), SmallServer.SEGMENT).number();
                found.add(new Stored(file, true, number, number));
            }
            case StoredWal.Piece piece ->
                    found.add(
                            new Stored(
                                    file,
                                    false,
                                    SmallServer.SEGMENT.numberOf(piece.range().start()),
                                    SmallServer.SEGMENT.numberOf(piece.range().end().plus(-1))));
            case StoredWal.Partial _, StoredWal.History _ -> {}
        }
    }

    @Override
    public void close() {
        runs.close();
    }
}
