package io.cairn.bench.wal;

import io.cairn.bench.Folders;
import io.cairn.bench.SourceCluster;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.WalSegment;
import io.cairn.postgres.wal.SlotNames;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;

/**
 * WAL that a server has written once and keeps, so that each tool archives the same: a slot holds
 * its begin, and is copied for whoever streams.
 */
final class Workload {

    static final ClusterName CLUSTER = new ClusterName("business");
    static final SlotNames SLOTS = SlotNames.of(CLUSTER);

    private static final SegmentSize SIZE = SegmentSize.DEFAULT;
    private static final Timeline TIMELINE = new Timeline(1);
    private static final String KEEPER = "bench_keeper";

    private final SourceCluster cluster;
    private final LsnRange wal;
    private final Lsn last;

    private Workload(SourceCluster cluster, LsnRange wal, Lsn last) {
        this.cluster = cluster;
        this.wal = wal;
        this.last = last;
    }

    /** Makes the slot that holds all WAL from now on. */
    static Lsn keepWal(SourceCluster cluster) throws SQLException {
        cluster.ask("SELECT pg_create_physical_replication_slot('" + KEEPER + "', true)");
        return SIZE.startOf(
                Lsn.parse(
                        cluster.ask(
                                "SELECT restart_lsn FROM pg_replication_slots WHERE slot_name = '"
                                        + KEEPER
                                        + "'")));
    }

    /** Writes rows until there is so much WAL since {@code begin}. */
    static Workload write(SourceCluster cluster, Lsn begin, long bytes, PrintStream out)
            throws SQLException, IOException {
        Lsn at = position(cluster);
        while (at.minus(begin) < bytes) {
            cluster.addChunk();
            at = position(cluster);
            out.printf(Locale.ROOT, "  %.0f of %.0f MB%n", at.minus(begin) / 1e6, bytes / 1e6);
        }
        cluster.execute("SELECT pg_switch_wal()");
        Lsn end = SIZE.startOf(position(cluster));
        return new Workload(cluster, new LsnRange(begin, end), at);
    }

    private static Lsn position(SourceCluster cluster) throws SQLException {
        return Lsn.parse(cluster.ask("SELECT pg_current_wal_insert_lsn()"));
    }

    SourceCluster cluster() {
        return cluster;
    }

    /** Whole segments. */
    LsnRange wal() {
        return wal;
    }

    /** Behind the last row that was written. */
    Lsn last() {
        return last;
    }

    long bytes() {
        return wal.bytes();
    }

    List<WalSegment> segments() {
        return WalSegment.of(TIMELINE, wal, SIZE);
    }

    /** How often {@code gzip -6} makes it smaller, by every eighth segment. */
    double ratio() throws IOException {
        long in = 0;
        long stored = 0;
        List<WalSegment> segments = segments();
        for (int i = Math.min(4, segments.size() - 1); i < segments.size(); i += 8) {
            byte[] content = Files.readAllBytes(file(segments.get(i)));
            ByteArrayOutputStream compressed = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
                gzip.write(content);
            }
            in += content.length;
            stored += compressed.size();
        }
        return (double) in / stored;
    }

    private Path file(WalSegment segment) {
        return walDirectory().resolve(segment.name());
    }

    /** Where the server keeps it. */
    Path walDirectory() {
        return cluster.dataDirectory().resolve("pg_wal");
    }

    /** Gives a slot the WAL from its begin on, whatever it had. Nobody may use it. */
    void rewind(String slot) throws SQLException {
        cluster.execute(
                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '"
                        + slot
                        + "'",
                "SELECT pg_copy_physical_replication_slot('" + KEEPER + "', '" + slot + "')");
    }

    /** Copies of the segments and of what the server has begun since. */
    void copy(Path directory) throws IOException, SQLException {
        for (WalSegment segment :
                WalSegment.between(TIMELINE, wal.start(), position(cluster).plus(1), SIZE)) {
            Path copy = directory.resolve(segment.name());
            Files.deleteIfExists(copy);
            Files.copy(file(segment), copy);
            Folders.give(copy, directory);
        }
    }
}
