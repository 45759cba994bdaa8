package io.cairn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.model.ObjectKey;
import io.cairn.model.backup.CommitObject;
import io.cairn.restore.fixture.SyntheticBackup;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.storage.FakeObjectStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * The command as an operator types it, {@code deploy/bin/cairn}, with the operator's rights in the
 * bucket. Each exit code is some test's.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CommandIT {

    private static final Path COMMAND =
            Path.of("..", "deploy", "bin", "cairn").toAbsolutePath().normalize();
    private static final Path CACHE = Path.of("target", "cache").toAbsolutePath();
    private static final Path ARCHIVE = CACHE.resolve("cairn").resolve("cli.jsa");
    private static final FileTime OLD = FileTime.from(Instant.EPOCH);
    private static final int PATIENCE_SECONDS = 60;

    /**
     * CPU time of {@code cairn list} by that of {@code cairn --version}, which is a JVM and nothing
     * of a store: 4 to 6 were measured, 0.6 s against 3.4 s on two cores that 20 others wanted.
     */
    private static final double START_TIMES_MAX = 10;

    /** As the shell's {@code times} writes it. */
    private static final Pattern TIME = Pattern.compile("(\\d+)m([\\d.]+)s");

    private static final String GOOD = "20261101T020000Z-F";
    private static final byte[] SECOND_CONTENT =
            "port = 5433 # of the second attempt\n".getBytes(StandardCharsets.UTF_8);
    private static final String FLIPPED = "20261102T020000Z-F";
    private static final String FORGED = "20261103T020000Z-F";
    private static final String UNSIGNED = "20261104T020000Z-F";

    @TempDir private Path folder = Path.of("");

    private OperatorStore store;
    private CommitObject good;
    private CommitObject second;

    @BeforeAll
    void start(@TempDir Path directory) throws IOException {
        if (Files.exists(ARCHIVE)) {
            Files.setLastModifiedTime(ARCHIVE, OLD);
        }
        store = new OperatorStore(directory);
        good = store.backup(GOOD).storeIn(store.executor(), store.keys());
        FakeObjectStore elsewhere = FakeObjectStore.plain("elsewhere");
        second =
                store.backup(GOOD)
                        .with("postgresql.conf", SECOND_CONTENT)
                        .storeIn(elsewhere, store.keys());
        SyntheticBackup.moveAsSecond(second, elsewhere, store.executor());
        CommitObject flipped = store.backup(FLIPPED).storeIn(store.executor(), store.keys());
        flip(flipped.archives().getFirst().volumes().getFirst().object().key());
        // Whoever can write into the bucket can leave a backup there that is whole and opens: only
        // the signature tells.
        TestKeys own = TestKeys.create();
        store.backup(FORGED)
                .storeIn(
                        store.executor(),
                        new TestKeys(own.authority(), store.keys().recipient(), own.signer()));
        CommitObject unsigned = store.backup(UNSIGNED).storeIn(store.executor(), store.keys());
        Files.delete(file(unsigned.layout().signature(unsigned.attempt())));
    }

    @AfterAll
    void stop() {
        store.close();
    }

    @Test
    void listShowAndVerifyNeedNoMoreThanTheOperatorsRights() throws Exception {
        Run list = command("list", "--cluster", "shop");
        Run show = cairn("show", "shop:" + GOOD);
        Run verify = command("verify", "shop:" + GOOD);

        assertThat(list.exit()).as(list.err()).isZero();
        assertThat(list.out()).contains(GOOD, "primary");
        assertThat(show.exit()).as(show.err()).isZero();
        assertThat(show.out()).contains("shop:" + GOOD, good.attempt().toString());
        assertThat(verify.exit()).as(verify.err()).isZero();
        assertThat(verify.out()).startsWith("ok ").contains("as the server's manifest says");
    }

    @Test
    void restoreNeedsNoMoreThanTheOperatorsRights() throws Exception {
        Path target = folder.resolve("restored");

        Run run =
                command(
                        "restore",
                        "--cluster",
                        "shop",
                        "--set",
                        GOOD,
                        "--target-dir",
                        target.toString(),
                        "--tablespace-map",
                        tablespace());

        assertThat(run.exit()).as(run.err()).isZero();
        assertThat(run.out()).contains("every file agrees with the server's manifest");
        for (var file : new SyntheticBackup().files().entrySet()) {
            assertThat(target.resolve(file.getKey())).hasBinaryContent(file.getValue());
        }
    }

    @Test
    void theSecondOfTwoAttemptsIsListedShownVerifiedAndRestoredByName() throws Exception {
        String name = GOOD + "@" + second.attempt();
        Path target = folder.resolve("second");

        Run list = cairn("list");
        Run show = cairn("show", "shop:" + GOOD);
        Run showSecond = cairn("show", name);
        Run verify = cairn("verify", "shop:" + name);
        Run restore =
                cairn(
                        "restore",
                        "--cluster",
                        "shop",
                        "--set",
                        name,
                        "--target-dir",
                        target.toString(),
                        "--tablespace-map",
                        store.tablespace() + "=" + folder.resolve("second-space"));

        assertThat(list.out().lines()).filteredOn(line -> line.contains(GOOD)).hasSize(2);
        assertThat(list.out()).contains(name).doesNotContain(GOOD + "@" + good.attempt());
        assertThat(cairn("list", "-o", "json").out())
                .contains("\"attempt\" : \"" + second.attempt() + "\"", "\"second\" : true");
        assertThat(show.out())
                .containsPattern("attempt +" + good.attempt())
                .containsPattern("second +shop:" + name + ", completed .* in primary");
        assertThat(showSecond.out()).containsPattern("attempt +" + second.attempt());
        assertThat(verify.exit()).as(verify.err()).isZero();
        assertThat(verify.out()).startsWith("ok ").contains("shop:" + name);
        assertThat(restore.exit()).as(restore.err()).isZero();
        assertThat(restore.err()).contains("plan: shop:" + name);
        assertThat(target.resolve("postgresql.conf")).hasBinaryContent(SECOND_CONTENT);
        refused(cairn("show", "shop:" + GOOD + "@0123456789abcdef"), 6, "0123456789abcdef");
        refused(cairn("verify", "shop:" + GOOD + "@first"), 2, "'first' is not an attempt");
    }

    @Test
    void aBackupThatNoExecutorSignedIsNeverListed() throws Exception {
        Run list = cairn("list");

        assertThat(list.exit()).isZero();
        assertThat(list.out()).contains(GOOD).doesNotContain(FORGED, UNSIGNED);
        assertThat(list.err().lines())
                .hasSize(2)
                .allMatch(line -> line.startsWith("cairn: warning: "))
                .anyMatch(line -> line.contains(FORGED))
                .anyMatch(line -> line.contains(UNSIGNED));
    }

    @Test
    void aBackupThatNoExecutorSignedIsNeitherShownNorRestored() throws Exception {
        for (String label : List.of(FORGED, UNSIGNED)) {
            Path target = folder.resolve("never");

            Run show = cairn("show", "shop:" + label);
            Run restore =
                    cairn(
                            "restore",
                            "--cluster",
                            "shop",
                            "--set",
                            label,
                            "--target-dir",
                            target.toString());

            refused(show, 9, label);
            refused(restore, 9, label);
            assertThat(show.out()).isEmpty();
            assertThat(target).doesNotExist();
        }
    }

    @Test
    void latestPassesOverWhatNoExecutorSigned() throws Exception {
        Run run =
                cairn(
                        "restore",
                        "--cluster",
                        "shop",
                        "--dry-run",
                        "--target-dir",
                        folder.resolve("planned").toString(),
                        "--tablespace-map",
                        tablespace());

        assertThat(run.exit()).as(run.err()).isZero();
        assertThat(run.out()).contains("plan: shop:" + FLIPPED);
        assertThat(run.err()).contains(FORGED, UNSIGNED);
    }

    @Test
    void aFlippedByteIsExitCode9() throws Exception {
        Run verify = cairn("verify", "shop:" + FLIPPED);
        Run restore =
                cairn(
                        "restore",
                        "--cluster",
                        "shop",
                        "--set",
                        FLIPPED,
                        "--target-dir",
                        folder.resolve("flipped").toString(),
                        "--tablespace-map",
                        tablespace());

        assertThat(verify.exit()).isEqualTo(9);
        assertThat(verify.out()).startsWith("FAILED ").contains("000000");
        assertThat(restore.exit()).as(restore.err()).isEqualTo(9);
        assertThat(folder.resolve("flipped").resolve("global/pg_control")).doesNotExist();
    }

    @Test
    void aKeyThatCannotDecryptIsExitCode4AndNothingIsWritten() throws Exception {
        String config = store.configWithAnotherKey().toString();
        Path target = folder.resolve("unopened");

        Run restore =
                Run.cairn(
                        "--config",
                        config,
                        "restore",
                        "--cluster",
                        "shop",
                        "--set",
                        GOOD,
                        "--target-dir",
                        target.toString());
        Run verify = Run.cairn("--config", config, "verify", "shop:" + GOOD);

        refused(restore, 4, "recipient");
        refused(verify, 4, "recipient");
        assertThat(target).doesNotExist();
    }

    @Test
    void aWrongCommandLineIsExitCode2() throws Exception {
        refused(command("list", "--everything"), 2, "--everything");
    }

    @Test
    void whatTheConfigurationHasWrongIsExitCode4() throws Exception {
        String right = Files.readString(store.config());
        Path folderOfKeys = store.config().getParent();
        Map<String, String> mistakes =
                Map.of(
                        right.replace("keys:", "kyes:"), "unknown key kyes",
                        right.replace("shop:", "sh/op:"), "'sh/op' is not a cluster name",
                        right.replace("keys/authority.pem", "password"), "password");
        int number = 0;
        for (var mistake : mistakes.entrySet()) {
            Path file =
                    Files.writeString(
                            folderOfKeys.resolve("wrong-" + number++ + ".yaml"), mistake.getKey());

            refused(Run.cairn("list", "--config", file.toString()), 4, mistake.getValue());
        }
    }

    @Test
    void aDirectoryInUseIsExitCode4() throws Exception {
        Path target = Files.createDirectory(folder.resolve("used"));
        Files.writeString(target.resolve("file"), "kept");

        refused(
                cairn("restore", "--cluster", "shop", "--target-dir", target.toString()),
                4,
                "not empty");
        assertThat(target.resolve("file")).hasContent("kept");
    }

    @Test
    void whatIsNotThereIsExitCode6() throws Exception {
        refused(cairn("show", "shop:20250101T020000Z-F"), 6, "20250101T020000Z-F");
    }

    @Test
    void aCatalogThatIsAwayIsExitCode8WhereverItsAddressComesFrom() throws Exception {
        Path file = folder.resolve("catalog.yaml");
        Files.writeString(file, "catalog: {url: 'http://127.0.0.1:2'}\n");
        Map<String, String> both =
                Map.of("CAIRN_CONFIG", file.toString(), "CAIRN_CATALOG", "http://127.0.0.1:1");

        refused(Run.cairn("--config", file.toString(), "backup", "shop"), 8, "http://127.0.0.1:2");
        refused(run(both, "backup", "shop"), 8, "http://127.0.0.1:1");
        refused(run(both, "backup", "shop", "--catalog", "http://127.0.0.1:3"), 8, ":3");
    }

    @Test
    void aRebuildIsFollowedToItsEnd() throws Exception {
        try (ScriptedCatalog catalog =
                new ScriptedCatalog(
                        rebuild("a", "running", ""),
                        rebuild("a", "running", ""),
                        rebuild("a", "completed", ", \"result\": {\"backups\": 12}"))) {
            Run run = cairn("catalog", "rebuild", "--catalog", catalog.url());

            assertThat(run.exit()).as(run.err()).isZero();
            assertThat(run.out()).containsPattern("backups +12");
            assertThat(catalog.asked()).containsExactly("POST", "GET", "GET");
        }
    }

    @Test
    void aRebuildThatFailedOrWasInterruptedIsSaidSo() throws Exception {
        String error =
                ", \"error\": {\"code\": \"STORE_UNREACHABLE\", \"message\": \"no store\", \"hint\": \"start it\"}";
        try (ScriptedCatalog catalog = new ScriptedCatalog(rebuild("a", "failed", error))) {
            refused(cairn("catalog", "rebuild", "--catalog", catalog.url()), 8, "no store");
        }
        try (ScriptedCatalog catalog =
                new ScriptedCatalog(rebuild("a", "running", ""), "{\"state\": \"none\"}")) {
            refused(cairn("catalog", "rebuild", "--catalog", catalog.url()), 8, "was restarted");
        }
    }

    @Test
    void aRunThatNobodyTakesIsNotWaitedForForEver() throws Exception {
        String run = "\"run\": \"shop:20261122T020000Z-F\"";
        try (ScriptedCatalog catalog =
                new ScriptedCatalog(
                        "{" + run + "}",
                        "{" + run + ", \"state\": \"queued\", \"overdue\": false}",
                        "{"
                                + run
                                + ", \"state\": \"queued\", \"overdue\": true,"
                                + " \"startDeadline\": \"2026-11-22T03:00:00Z\"}")) {
            Run backup = cairn("backup", "shop", "--catalog", catalog.url());

            refused(backup, 1, "2026-11-22T03:00:00Z");
        }
    }

    @Test
    void startsInAboutASecond() throws Exception {
        // The first command that succeeds with a store leaves its loaded classes for the next, and
        // so does the first of another build.
        assertThat(command("list").exit()).isZero();
        assertThat(ARCHIVE).isNotEmptyFile();
        assertThat(Files.getLastModifiedTime(ARCHIVE)).isGreaterThan(OLD);

        double times = Double.MAX_VALUE;
        for (int i = 0; i < 3 && times > START_TIMES_MAX; i++) {
            times = Math.min(times, cpuSeconds("list") / cpuSeconds("--version"));
        }

        assertThat(times).isLessThan(START_TIMES_MAX);
    }

    /** What the command and its processes took of the CPUs, whatever else runs there. */
    private double cpuSeconds(String verb) throws IOException, InterruptedException {
        Run run =
                execute(
                        Map.of("CAIRN_CONFIG", store.config().toString()),
                        List.of(
                                "sh",
                                "-c",
                                "\"$0\" \"$1\" >/dev/null 2>&1 && times",
                                COMMAND.toString(),
                                verb));
        assertThat(run.exit()).as(run.err()).isZero();
        String children = run.out().lines().toList().get(1);
        return TIME.matcher(children)
                .results()
                .mapToDouble(time ->
                        60 * Double.parseDouble(time.group(1)) + Double.parseDouble(time.group(2)))
                .sum();
    }

    @Test
    void aRunThatStandsStillIsNotFollowedForEver() throws Exception {
        String run = "shop:20261122T020000Z-F";
        try (ScriptedCatalog catalog =
                new ScriptedCatalog(
                        "{\"run\": \"" + run + "\"}",
                        "{\"state\": \"running\", \"bytesDone\": 5, \"bytesTotal\": 9}")) {
            Run backup =
                    cairn("backup", "shop", "--catalog", catalog.url(), "--stall-timeout", "1s");

            refused(backup, 8, run);
            assertThat(backup.err()).contains("cairn backup shop --type full --idempotency-key");
        }
    }

    private static String rebuild(String id, String state, String more) {
        return "{\"id\": \"%s\", \"state\": \"%s\", \"objectsFound\": 10, \"objectsRead\": 5%s}"
                .formatted(id, state, more);
    }

    private String tablespace() {
        return store.tablespace() + "=" + folder.resolve("space");
    }

    /** One line on stderr with a hint, nothing on stdout. */
    private static void refused(Run run, int exit, String named) {
        assertThat(run.exit()).as(run.err()).isEqualTo(exit);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().lines())
                .singleElement()
                .asString()
                .startsWith("cairn: ")
                .contains(named, "hint: ");
    }

    /** In this process, which takes a tenth of the time. */
    private Run cairn(String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of("--config", store.config().toString()));
        all.addAll(List.of(arguments));
        return Run.cairn(all.toArray(String[]::new));
    }

    private Run command(String... arguments) throws IOException, InterruptedException {
        return run(Map.of("CAIRN_CONFIG", store.config().toString()), arguments);
    }

    private Run run(Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(COMMAND.toString()));
        command.addAll(List.of(arguments));
        return execute(environment, command);
    }

    private Run execute(Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile(folder, "out", "");
        Path err = Files.createTempFile(folder, "err", "");
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("CAIRN_"));
        builder.environment().put("XDG_CACHE_HOME", CACHE.toString());
        // What a local platform beside this build wrote is not looked at.
        builder.environment().put("CAIRN_STATE", folder.resolve("none").toString());
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Run(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private Path file(ObjectKey key) {
        return store.objects().resolve(key.value());
    }

    private void flip(ObjectKey key) throws IOException {
        byte[] bytes = Files.readAllBytes(file(key));
        bytes[bytes.length / 2] ^= 1;
        Files.write(file(key), bytes);
    }
}
