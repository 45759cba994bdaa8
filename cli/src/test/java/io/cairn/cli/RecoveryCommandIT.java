package io.cairn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Json;
import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.wal.SegmentSize;
import io.cairn.postgres.server.DataDirectory;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.server.PostgresBinaries;
import io.cairn.restore.fixture.RealBackup;
import io.cairn.restore.fixture.WalArchive;
import io.cairn.restore.target.TargetDirectory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code cairn restore} to a point, with the operator's rights in the bucket. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RecoveryCommandIT {

    private static final int MAJOR = 18;
    private static final ClusterName CLUSTER = new ClusterName("shop");
    private static final BackupLabel LABEL = new BackupLabel("20261122T020000Z-F");
    private static final SegmentSize SEGMENT = new SegmentSize(1 << 20);

    @TempDir private Path folder = Path.of("");

    private OperatorStore store;
    private String afterTen = "";
    private Lsn end = new Lsn(0);

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        store = new OperatorStore(directory);
        PostgresBinaries binaries = PostgresBinaries.find(MAJOR);
        Path data =
                DataDirectory.at(binaries, directory.resolve("source"))
                        .walSegmentMegabytes(1)
                        .copiedForTest()
                        .create();
        try (LocalServer server = LocalServer.on(binaries, data).start()) {
            server.execute("postgres", "CREATE TABLE t (n int)");
            CommitObject commit =
                    RealBackup.take(server, CLUSTER, LABEL, store.executor(), store.keys());
            rows(server, 1, 10);
            afterTen = WalArchive.ask(server, "SELECT clock_timestamp()");
            rows(server, 11, 20);
            server.execute("postgres", "SELECT pg_switch_wal()");
            rows(server, 21, 30);
            Lsn from = SEGMENT.startOf(commit.startLsn());
            Timeline first = new Timeline(1);
            end =
                    new WalArchive(
                                    store.executor(),
                                    store.keys(),
                                    commit.layout().root(),
                                    SEGMENT,
                                    first,
                                    from)
                            .everything(server, first, from);
        }
    }

    @AfterAll
    void stop() {
        store.close();
    }

    private static void rows(LocalServer server, int from, int to) throws SQLException {
        for (int n = from; n <= to; n++) {
            server.execute("postgres", "INSERT INTO t VALUES (" + n + ")");
        }
    }

    @Test
    void everythingStoredComesBackUnlessAskedForLess() throws Exception {
        Path target = folder.resolve("latest");

        Run run = restore(target);

        assertThat(run.exit()).as(run.err()).isZero();
        assertThat(run.err())
                .contains(" of disk; expect about ", "assuming 100 MB/s of files")
                .contains("plan: shop:" + LABEL)
                .contains("then recover to latest on timeline 1 and promote: WAL from ")
                .contains(" to " + end + ", fetch at most ");
        assertThat(run.out()).contains("it is on timeline 2", "start it with PostgreSQL 18");
        assertThat(numbers(target)).isEqualTo("1-30");
    }

    @Test
    void aTimeBringsBackWhatWasCommittedThen() throws Exception {
        Path target = folder.resolve("time");

        Run run = restore(target, "--target-time", afterTen);

        assertThat(run.exit()).as(run.err()).isZero();
        assertThat(numbers(target)).isEqualTo("1-10");
    }

    @Test
    void startedItAnswersUntilCairnIsEnded() throws Exception {
        Path target = folder.resolve("started");
        PipedReader out = new PipedReader();
        CommandLine command = Cairn.commandLine();
        command.setOut(new PrintWriter(new PipedWriter(out), true));
        command.setErr(new PrintWriter(Writer.nullWriter()));
        Thread cairn =
                Thread.ofPlatform().start(() -> command.execute(arguments(target, "--start")));
        try (BufferedReader lines = new BufferedReader(out)) {
            String connect = lines.readLine();
            while (!connect.startsWith("connect: ")) {
                connect = lines.readLine();
            }

            assertThat(connect)
                    .matches("connect: psql -h /tmp/cairn-pg-\\S+ -U 'postgres' postgres");
            assertThat(target.resolve("postmaster.pid")).exists();
        } finally {
            cairn.interrupt();
            cairn.join();
        }
        assertThat(target.resolve("postmaster.pid")).doesNotExist();
        assertThat(numbers(target)).isEqualTo("1-30");
    }

    /**
     * SIGKILL while files are written, before the first record is replayed, and at the end. Who is
     * killed leaves its server running: that one waits, and has to be ended first.
     */
    @Test
    void killedAtAnyMomentTheSameCommandEndsIt() throws Exception {
        Path target = folder.resolve("killed");
        Path log = folder.resolve("killed.log");
        for (int files : new int[] {5, 300, 600}) {
            Process cairn = process(log, arguments(target));
            await(cairn, log, () -> files(target) >= files);
            cairn.destroyForcibly().waitFor();
            endServer(target);
            assertThat(TargetDirectory.isUnfinished(target)).isTrue();
        }
        Process cairn = process(log, arguments(target));
        await(cairn, log, () -> isServed(target));
        cairn.destroyForcibly().waitFor();
        assertThat(TargetDirectory.isUnfinished(target)).isTrue();
        assertThat(endServer(target)).isTrue();

        Run run = restore(target, "-o", "json");

        assertThat(run.exit()).as(run.err() + Files.readString(log)).isZero();
        long kept = Json.mapper().readTree(run.out()).at("/restored/bytesKept").asLong();
        assertThat(kept).isGreaterThan(10_000_000);
        assertThat(TargetDirectory.isUnfinished(target)).isFalse();
        assertThat(numbers(target)).isEqualTo("1-30");
    }

    private static Process process(Path log, String... arguments) throws IOException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "--enable-native-access=ALL-UNNAMED",
                                "-Dcairn.servers=" + System.getProperty("cairn.servers"),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Cairn.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    /** Looked at often: what is waited for lasts for tenths of a second. */
    private static void await(Process cairn, Path log, BooleanSupplier reached) throws Exception {
        while (cairn.isAlive() && !reached.getAsBoolean()) {
            Thread.sleep(5);
        }
        assertThat(cairn.isAlive()).as("killed before its end%n%s", Files.readString(log)).isTrue();
    }

    private static int files(Path target) {
        try (Stream<Path> files = Files.walk(target)) {
            return (int) files.count();
        } catch (IOException | UncheckedIOException _) {
            // It is being made.
            return 0;
        }
    }

    private static boolean isServed(Path target) {
        try {
            String pid = Files.readAllLines(target.resolve("postmaster.pid")).getFirst();
            return ProcessHandle.of(Long.parseLong(pid)).filter(ProcessHandle::isAlive).isPresent();
        } catch (IOException | NoSuchElementException | NumberFormatException _) {
            return false;
        }
    }

    private boolean endServer(Path target) throws Exception {
        if (!isServed(target)) {
            return false;
        }
        Path pidFile = target.resolve("postmaster.pid");
        String pid = Files.readAllLines(pidFile).getFirst();
        Run live = restore(target);
        assertThat(live.exit()).as(live.err()).isEqualTo(4);
        assertThat(live.err()).contains("end process " + pid + ", then run the restore again");
        assertThat(new ProcessBuilder("kill", "-INT", pid).start().waitFor()).isZero();
        for (int i = 0; i < 600 && Files.exists(pidFile); i++) {
            Thread.sleep(100);
        }
        assertThat(pidFile).doesNotExist();
        return true;
    }

    @Test
    void aBackupThatIsNamedComesBackAlone() throws Exception {
        Path target = folder.resolve("alone");

        Run run = restore(target, "--set", LABEL.toString());

        assertThat(run.exit()).as(run.err()).isZero();
        assertThat(run.err()).doesNotContain("recover");
        assertThat(numbers(target)).isEqualTo("none");
    }

    @Test
    void aDryRunEndsWithThePlan() {
        Path target = folder.resolve("planned");

        Run text = restore(target, "--dry-run");
        Run json = restore(target, "--dry-run", "-o", "json");

        assertThat(text.exit()).as(text.err()).isZero();
        assertThat(text.out()).contains("plan: shop:" + LABEL, "then recover to latest");
        assertThat(json.out())
                .contains(
                        "\"target\" : \"latest\"",
                        "\"timeline\" : 1",
                        "\"walTo\" : \"" + end + "\"",
                        "\"recoverableUntil\"");
        assertThat(target).doesNotExist();
    }

    @Test
    void whatCannotBeRecoveredIsExitCode4WithTheNearestThatCan() {
        Path target = folder.resolve("never");

        assertRefused(restore(target, "--target-time", "2020-01-01 00:00Z"), "before the end of");
        assertRefused(restore(target, "--target-time", "2999-01-01 00:00Z"), end.toString());
        assertRefused(restore(target, "--target-lsn", "FFF/0"), end.toString());
        assertRefused(restore(target, "--target-timeline", "9"), "timeline 9");
        assertThat(target).doesNotExist();
    }

    @Test
    void twoTargetsOrATimeWithoutAZoneAreMisuse() {
        Path target = folder.resolve("misuse");

        Run two = restore(target, "--target-immediate", "--target-name", "a release");
        Run zoneless = restore(target, "--target-time", "2026-11-22 18:00");

        assertThat(two.exit()).isEqualTo(2);
        assertThat(zoneless.exit()).isEqualTo(2);
        assertThat(zoneless.err()).contains("not a time with a zone", "hint: ");
    }

    private static void assertRefused(Run run, String named) {
        assertThat(run.exit()).as(run.err()).isEqualTo(4);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().lines()).singleElement().asString().contains(named, "hint: ");
    }

    private Run restore(Path target, String... more) {
        return Run.cairn(arguments(target, more));
    }

    private String[] arguments(Path target, String... more) {
        try {
            List<String> arguments =
                    new ArrayList<>(
                            List.of(
                                    "--config",
                                    store.config().toString(),
                                    "restore",
                                    "--cluster",
                                    "shop",
                                    "--target-dir",
                                    target.toString()));
            arguments.addAll(List.of(more));
            return arguments.toArray(String[]::new);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String numbers(Path directory) throws SQLException {
        try (LocalServer server =
                LocalServer.on(PostgresBinaries.find(MAJOR), directory).privateSocket().start()) {
            return WalArchive.ask(
                    server, "SELECT coalesce(min(n) || '-' || max(n), 'none') FROM t");
        }
    }
}
