package io.cairn.postgres.basebackup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.model.Lsn;
import io.cairn.model.Sha256;
import io.cairn.model.backup.Archive;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.TestSource;
import io.cairn.postgres.basebackup.BaseBackupOptions.Checkpoint;
import io.cairn.postgres.connection.ServerConnection;
import io.cairn.postgres.manifest.FileVerifier;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class IncrementalBackupIT {

    private static final BaseBackupOptions FAST =
            BaseBackupOptions.labelled("incremental").with(Checkpoint.FAST);
    private static final Duration WAIT = Duration.ofSeconds(20);

    @TempDir Path directory;

    private TestSource start(int major) {
        TestSource source =
                TestSource.start(
                        major, directory, builder -> builder.setting("summarize_wal", "on"));
        source.execute(
                "CREATE TABLE big AS SELECT n, repeat('x', 1000) AS t FROM generate_series(1,"
                        + " 20000) n",
                "CREATE TABLE still AS SELECT * FROM big");
        return source;
    }

    private static TarReceiver full(TestSource source) throws InterruptedException {
        try (ServerConnection session = source.connect("full")) {
            TarReceiver receiver = new TarReceiver();
            new BaseBackup(session, FAST).stream(receiver);
            return receiver;
        }
    }

    private static InputStream manifestOf(TarReceiver backup) {
        return new ByteArrayInputStream(backup.manifestBytes());
    }

    private static TarReceiver incremental(ServerConnection session, TarReceiver parent)
            throws IOException, InterruptedException {
        assertThat(new ParentManifest(session).upload(manifestOf(parent), WAIT))
                .isEqualTo(parent.manifest().summary());
        TarReceiver receiver = new TarReceiver();
        new BaseBackup(session, FAST.asIncremental()).stream(receiver);
        return receiver;
    }

    private static void assertCode(ThrowingCallable call, ErrorCode code) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> {
                            assertThat(e.code()).as(e.messageWithHint()).isEqualTo(code);
                            assertThat(e.hint()).isPresent();
                            assertThat(e.getSuppressed()).isEmpty();
                        });
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 18})
    void onlyChangedBlocksComeAndEachBackupCanBeAParent(int major) throws Exception {
        try (TestSource source = start(major)) {
            TarReceiver full = full(source);
            source.execute("UPDATE big SET t = 'changed' WHERE n = 7777");
            try (ServerConnection session = source.connect("incremental")) {
                TarReceiver first = incremental(session, full);
                assertThat(first.archiveBytes()).isLessThan(full.archiveBytes() / 2);
                assertThat(first.verify().values())
                        .isNotEmpty()
                        .hasOnlyElementsOfType(FileVerifier.Outcome.Matches.class);
                String still = source.ask("SELECT pg_relation_filepath('still')");
                assertThat(first.manifest().byPath())
                        .containsKey(still.replaceFirst("/(\\d+)$", "/INCREMENTAL.$1"));
                assertThat(text(first))
                        .contains("changed")
                        .contains("INCREMENTAL FROM LSN: " + full.start().startLsn());

                source.execute("UPDATE big SET t = 'again' WHERE n = 5");
                TarReceiver second = incremental(session, first);
                assertThat(text(second))
                        .contains("again")
                        .contains("INCREMENTAL FROM LSN: " + first.start().startLsn());
                assertThat(session.value("SELECT 'still usable'")).isEqualTo("still usable");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 18})
    void whereRelationsWereCutIsReadFromTheSummariesOfTheBackup(int major) throws Exception {
        try (TestSource source = start(major)) {
            source.execute("CREATE TABLE goes AS TABLE still", "VACUUM FREEZE");
            TarReceiver full = full(source);
            Lsn parent = full.manifest().summary().walRanges().getFirst().start();
            source.execute(
                    "DELETE FROM big WHERE n > 7000",
                    "VACUUM big",
                    "CHECKPOINT",
                    "DROP TABLE goes",
                    "CREATE TABLE comes AS TABLE big");
            String cut = source.ask("SELECT pg_relation_size('big') / 8192");
            source.execute("INSERT INTO big SELECT n, 'more' FROM generate_series(1, 100) n");
            String number = source.ask("SELECT pg_relation_filenode('big')");
            try (ServerConnection session = source.connect("cuts")) {
                new ParentManifest(session).upload(manifestOf(full), WAIT);
                BaseBackupResult result =
                        new BaseBackup(session, FAST.asIncremental()).stream(new TarReceiver());

                RelationCuts cuts = RelationCuts.read(session, parent, result);

                long database =
                        Long.parseLong(
                                source.ask(
                                        "SELECT oid FROM pg_database WHERE datname = 'postgres'"));
                assertThat(cuts.segmentBlocks()).isEqualTo(131_072);
                assertThat(cuts.lengths())
                        .containsEntry(
                                new RelationFork(1663, database, Long.parseLong(number), 0),
                                Long.parseLong(cut));
                assertThat(cuts.lengths().keySet())
                        .allMatch(fork -> fork.number() == Long.parseLong(number));

                deleteSummaries(source);
                assertCode(
                        () -> RelationCuts.read(session, parent, result),
                        ErrorCode.POSTGRES_WAL_SUMMARIES_MISSING);
                assertThat(session.value("SELECT 'still usable'")).isEqualTo("still usable");
            }
        }
    }

    @Test
    void summariesFollowOnEachOtherWhereAPositionGetsOneDigitMore() throws Exception {
        try (TestSource source = start(18)) {
            while (source.ask("SELECT pg_current_wal_lsn() < '0/E000000'").equals("t")) {
                source.execute("CREATE TABLE IF NOT EXISTS one (n int)", "SELECT pg_switch_wal()");
                source.execute("INSERT INTO one VALUES (1)");
            }
            TarReceiver full = full(source);
            source.execute("SELECT pg_switch_wal()", "INSERT INTO one VALUES (2)", "CHECKPOINT");
            source.execute("SELECT pg_switch_wal()", "INSERT INTO one VALUES (3)", "CHECKPOINT");
            Lsn parent = full.manifest().summary().walRanges().getFirst().start();
            assertThat(parent).isLessThan(Lsn.parse("0/10000000"));
            try (ServerConnection session = source.connect("digits")) {
                new ParentManifest(session).upload(manifestOf(full), WAIT);
                BaseBackupResult result =
                        new BaseBackup(session, FAST.asIncremental()).stream(new TarReceiver());

                assertThat(result.startLsn()).isGreaterThan(Lsn.parse("0/10000000"));
                assertThat(RelationCuts.read(session, parent, result).lengths()).isEmpty();
            }
        }
    }

    private static String text(TarReceiver receiver) {
        return receiver.archives().get(Archive.BASE).toString(StandardCharsets.ISO_8859_1);
    }

    @Test
    void aServerWithoutIncrementalsSaysSo() {
        try (TestSource source = TestSource.start(16, directory);
                ServerConnection session = source.connect("old")) {
            assertCode(
                    () -> new ParentManifest(session).upload(InputStream.nullInputStream(), WAIT),
                    ErrorCode.KIND_UNSUPPORTED);
        }
    }

    @Test
    void everythingThatIsWrongWithAParentIsToldApartAndAFullCanStillBeTaken() throws Exception {
        try (TestSource source = start(18);
                TestSource foreign = TestSource.start(18, directory.resolve("foreign"));
                ServerConnection session = source.connect("refused")) {
            ParentManifest parent = new ParentManifest(session);
            byte[] manifest = full(source).manifestBytes();

            assertCode(
                    () -> parent.upload(manifestOf(full(foreign)), WAIT),
                    ErrorCode.POSTGRES_SYSTEM_IDENTIFIER_CHANGED);

            byte[] damaged = manifest.clone();
            damaged[damaged.length / 2] ^= 1;
            assertCode(
                    () -> parent.upload(new ByteArrayInputStream(damaged), WAIT),
                    ErrorCode.MANIFEST_MISMATCH);
            assertCode(
                    () ->
                            parent.upload(
                                    new ByteArrayInputStream(manifest, 0, manifest.length / 2),
                                    WAIT),
                    ErrorCode.MANIFEST_MISMATCH);
            assertCode(
                    () -> new BaseBackup(session, FAST.asIncremental()).stream(new TarReceiver()),
                    ErrorCode.POSTGRES_ERROR);

            source.execute("SELECT pg_switch_wal()", "CHECKPOINT");
            parent.upload(new ByteArrayInputStream(manifest), WAIT);
            deleteSummaries(source);
            assertCode(
                    () -> parent.upload(new ByteArrayInputStream(manifest), WAIT),
                    ErrorCode.POSTGRES_WAL_SUMMARIES_MISSING);
            // As when they are removed between the check and the backup.
            assertCode(
                    () -> new BaseBackup(session, FAST.asIncremental()).stream(new TarReceiver()),
                    ErrorCode.POSTGRES_WAL_SUMMARIES_MISSING);

            source.restart(builder -> builder.setting("summarize_wal", "off"));
            try (ServerConnection off = source.connect("off")) {
                assertCode(
                        () ->
                                new ParentManifest(off)
                                        .upload(new ByteArrayInputStream(manifest), WAIT),
                        ErrorCode.POSTGRES_SUMMARIZE_WAL_OFF);
                assertCode(
                        () -> new BaseBackup(off, FAST.asIncremental()).stream(new TarReceiver()),
                        ErrorCode.POSTGRES_SUMMARIZE_WAL_OFF);
                TarReceiver full = new TarReceiver();
                new BaseBackup(off, FAST).stream(full);
                assertThat(full.manifest().files()).isNotEmpty();
            }
        }
    }

    private static void deleteSummaries(TestSource source) throws IOException {
        Path summaries = source.server().dataDirectory().resolve("pg_wal/summaries");
        try (DirectoryStream<Path> files = Files.newDirectoryStream(summaries)) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
    }

    @Test
    void aSummarizerThatStandsStillIsWaitedForWithinTheBound() throws Exception {
        try (TestSource source = start(17);
                ServerConnection session = source.connect("lagging")) {
            byte[] manifest = full(source).manifestBytes();
            String pid = source.ask("SELECT summarizer_pid FROM pg_get_wal_summarizer_state()");
            signal("STOP", pid);
            source.execute("CREATE TABLE more AS SELECT * FROM big", "CHECKPOINT");
            try {
                long before = System.nanoTime();
                assertCode(
                        () ->
                                new ParentManifest(session)
                                        .upload(
                                                new ByteArrayInputStream(manifest),
                                                Duration.ofSeconds(1)),
                        ErrorCode.POSTGRES_WAL_SUMMARIES_LAGGING);
                assertThat(Duration.ofNanos(System.nanoTime() - before))
                        .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(5));
            } finally {
                signal("CONT", pid);
            }
            new ParentManifest(session).upload(new ByteArrayInputStream(manifest), WAIT);
        }
    }

    private static void signal(String name, String pid) throws IOException, InterruptedException {
        new ProcessBuilder("/bin/sh", "-c", "kill -" + name + " " + pid).start().waitFor();
    }

    @Test
    void aParentOfATimelineThatTheServerDoesNotHaveIsRefused() throws Exception {
        try (TestSource source = start(18)) {
            TarReceiver full = full(source);
            Path signal = source.server().dataDirectory().resolve("standby.signal");
            // The server goes back behind nothing: it is promoted, and a parent of the timeline
            // that it left is taken for one that went on after the fork.
            source.server().stop();
            Files.createFile(signal);
            source.server().start();
            source.execute("SELECT pg_promote()");
            try (ServerConnection session = source.connect("promoted")) {
                new ParentManifest(session).upload(manifestOf(full), WAIT);
                assertCode(
                        () ->
                                new ParentManifest(session)
                                        .upload(
                                                new ByteArrayInputStream(
                                                        endingLater(full.manifestBytes())),
                                                WAIT),
                        ErrorCode.POSTGRES_TIMELINE_DIVERGED);
            }
        }
    }

    /** The same backup, as if its WAL went on for a terabyte. */
    private static byte[] endingLater(byte[] manifest) {
        String text = new String(manifest, StandardCharsets.UTF_8);
        String later = text.replaceFirst("(\"End-LSN\": \")\\w+/", "$1FF/");
        String body = later.substring(0, later.indexOf("\"Manifest-Checksum\""));
        return (body
                        + "\"Manifest-Checksum\": \""
                        + Sha256.of(body.getBytes(StandardCharsets.UTF_8)).hex()
                        + "\"}\n")
                .getBytes(StandardCharsets.UTF_8);
    }
}
