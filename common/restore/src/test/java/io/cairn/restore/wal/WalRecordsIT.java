package io.cairn.restore.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.WalSegment;
import io.cairn.postgres.server.DataDirectory;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.server.PostgresBinaries;
import io.cairn.restore.fixture.WalArchive;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the server's own reader says of the same WAL is right. */
class WalRecordsIT {

    private static final SegmentSize SIZE = new SegmentSize(1 << 20);
    private static final Timeline FIRST = new Timeline(1);
    private static final int CUTS = 1000;

    @TempDir private Path temporary;

    /**
     * @param whole where its last byte is there: up to seven more fill it up, and behind a switch
     *     the whole segment
     */
    private record Record(Lsn start, Lsn whole, Lsn end) {}

    @ParameterizedTest
    @ValueSource(ints = {15, 18})
    void whereverWalIsCutTheLastWholeRecordIsFound(int major) throws Exception {
        PostgresBinaries binaries = PostgresBinaries.find(major);
        Path data =
                DataDirectory.at(binaries, temporary.resolve("source"))
                        .walSegmentMegabytes(1)
                        .copiedForTest()
                        .create();
        try (LocalServer server =
                LocalServer.on(binaries, data).setting("wal_keep_size", "1GB").start()) {
            Lsn from = SIZE.startOf(WalArchive.flushed(server)).plus(SIZE.bytes());
            work(server);
            Lsn to = WalArchive.flushed(server);
            List<Record> records = records(server, from, to);
            assertThat(records).hasSizeGreaterThan(3000);
            assertThat(records)
                    .anyMatch(record -> record.end().minus(record.start()) > SIZE.bytes());

            Random random = new Random(20261122);
            List<Lsn> cuts = new ArrayList<>(List.of(to));
            for (int i = 0; i < CUTS; i++) {
                cuts.add(from.plus(1 + random.nextLong(to.minus(from) - 1)));
            }
            records.forEach(record -> {
                cuts.add(record.whole());
                cuts.add(record.whole().plus(-1));
            });
            NavigableMap<Lsn, Record> byWhole = new TreeMap<>();
            records.forEach(record -> byWhole.put(record.whole(), record));
            byte[] bytes = bytes(data, from, to);
            for (Lsn cut : cuts) {
                assertThat(found(bytes, from, cut)).as("%s", cut).isEqualTo(expected(byWhole, cut));
            }
        }
    }

    /** Small records, some larger than a page, one larger than a segment, switches. */
    private static void work(LocalServer server) throws SQLException {
        server.execute(
                "postgres",
                "CREATE EXTENSION pg_walinspect",
                "CREATE TABLE t (n int PRIMARY KEY, s text)",
                "SELECT pg_switch_wal()",
                "INSERT INTO t SELECT g, md5(g::text) FROM generate_series(1, 1500) g",
                "SELECT pg_logical_emit_message(false, 'x', repeat('y', 100000))",
                "SELECT pg_switch_wal()",
                "UPDATE t SET s = s || 'x'",
                "CHECKPOINT",
                "UPDATE t SET n = -n",
                "SELECT pg_logical_emit_message(false, 'x', repeat('z', 2500000))",
                "DELETE FROM t WHERE n % 3 = 0",
                "SELECT pg_logical_emit_message(true, 'end', repeat('y', 30000))");
    }

    private static List<Record> records(LocalServer server, Lsn from, Lsn to) throws SQLException {
        List<Record> records = new ArrayList<>();
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT start_lsn::text, (CASE record_type WHEN 'SWITCH' THEN start_lsn + 24"
                                        + " ELSE end_lsn - (8 - record_length % 8) % 8 END)::text,"
                                        + " end_lsn::text FROM pg_get_wal_records_info('"
                                        + from
                                        + "', '"
                                        + to
                                        + "') ORDER BY start_lsn")) {
            while (rows.next()) {
                records.add(new Record(lsn(rows, 1), lsn(rows, 2), lsn(rows, 3)));
            }
        }
        return records;
    }

    private static Lsn lsn(ResultSet rows, int column) throws SQLException {
        return Lsn.parse(rows.getString(column));
    }

    private static byte[] bytes(Path data, Lsn from, Lsn to) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (WalSegment segment : WalSegment.of(FIRST, new LsnRange(from, to), SIZE)) {
            bytes.write(Files.readAllBytes(data.resolve("pg_wal").resolve(segment.name())));
        }
        return bytes.toByteArray();
    }

    private static Optional<LastRecord> found(byte[] bytes, Lsn from, Lsn cut) {
        return WalRecords.last(bytes, (int) cut.minus(from), from, SIZE.bytes());
    }

    private static Optional<LastRecord> expected(NavigableMap<Lsn, Record> byWhole, Lsn cut) {
        return Optional.ofNullable(byWhole.floorEntry(cut))
                .map(Map.Entry::getValue)
                .map(record -> new LastRecord(record.start(), record.end()));
    }
}
