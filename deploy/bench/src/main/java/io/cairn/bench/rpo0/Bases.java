package io.cairn.bench.rpo0;

import io.cairn.bench.Folders;
import io.cairn.config.CairnConfig;
import io.cairn.events.BackupDue;
import io.cairn.events.DueCause;
import io.cairn.executor.basebackup.BackupRuns;
import io.cairn.executor.basebackup.PipelineSettings;
import io.cairn.executor.basebackup.RunEnvironment;
import io.cairn.executor.basebackup.RunOutcome;
import io.cairn.executor.basebackup.RunSettings;
import io.cairn.executor.basebackup.postgres.PostgresSource;
import io.cairn.executor.publish.RunEvents;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.RunId;
import io.cairn.model.Tier;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.policy.RunPolicy;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.StoredWal;
import io.cairn.model.wal.WalSegment;
import io.cairn.storage.s3.S3ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
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

    private static final SegmentSize SIZE = new SegmentSize(Source.SEGMENT_MEGABYTES << 20);

    private final Source source;
    private final List<Region> regions;
    private final S3ObjectStore store;
    private final BackupRuns runs;

    private Bases(Source source, List<Region> regions, S3ObjectStore store, BackupRuns runs) {
        this.source = source;
        this.regions = regions;
        this.store = store;
        this.runs = runs;
    }

    /**
     * @param regions the first is backed up into
     */
    static Bases into(Source source, List<Region> regions, CairnConfig config) {
        S3ObjectStore store = S3ObjectStore.open(config.store(regions.getFirst().name()));
        return new Bases(
                source,
                regions,
                store,
                new BackupRuns(
                        config,
                        _ -> store,
                        PostgresSource::new,
                        RunSettings.DEFAULT.withAttempts(3),
                        PipelineSettings.DEFAULT,
                        RunEnvironment.of("bench/" + ProcessHandle.current().pid())));
    }

    /** Takes one while the writers write, and lets go of what lies before it. */
    void renew() throws InterruptedException, IOException, SQLException {
        CommitObject commit = take();
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

    private CommitObject take() throws InterruptedException {
        Instant now = Instant.now();
        BackupDue due =
                new BackupDue(
                        new RunId(Source.CLUSTER, BackupLabel.of(now, BackupKind.FULL)),
                        Tier.QUEUE,
                        now,
                        now.plus(Duration.ofHours(1)),
                        DueCause.REQUESTED,
                        new RunPolicy(
                                Duration.ofDays(30),
                                Duration.ofMinutes(5),
                                Duration.ZERO,
                                regions.stream().map(Region::name).toList(),
                                6,
                                RunPolicy.VOLUME_BYTES_DEFAULT));
        return switch (runs.run(due, RunEvents.NONE)) {
            case RunOutcome.Taken(var taken) -> taken.commit();
            case RunOutcome.Failed failed -> throw failed.failure();
            case RunOutcome other ->
                    throw new IllegalStateException("the base backup ended as " + other);
        };
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
        long first = SIZE.numberOf(needed) - 1;
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
                long number = WalSegment.parse(segment.name(), SIZE).number();
                found.add(new Stored(file, true, number, number));
            }
            case StoredWal.Piece piece ->
                    found.add(
                            new Stored(
                                    file,
                                    false,
                                    SIZE.numberOf(piece.range().start()),
                                    SIZE.numberOf(piece.range().end().plus(-1))));
            case StoredWal.Partial _, StoredWal.History _ -> {}
        }
    }

    @Override
    public void close() {
        store.close();
    }
}
