package io.cairn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.cairn.model.ObjectKey;
import io.cairn.model.backup.CommitObject;
import io.cairn.restore.fixture.SyntheticBackup;
import io.cairn.restore.fixture.TestKeys;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
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
    private static final int PATIENCE_SECONDS = 60;

    private static final String GOOD = "20261101T020000Z-F";
    private static final String FLIPPED = "20261102T020000Z-F";
    private static final String FORGED = "20261103T020000Z-F";
    private static final String UNSIGNED = "20261104T020000Z-F";

    @TempDir private Path folder = Path.of("");

    private OperatorStore store;
    private CommitObject good;

    @BeforeAll
    void start(@TempDir Path directory) throws IOException {
        store = new OperatorStore(directory);
        good = store.backup(GOOD).storeIn(store.executor(), store.keys());
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
        Run list = cairn("list", "--cluster", "shop");
        Run show = cairn("show", "shop:" + GOOD);
        Run verify = cairn("verify", "shop:" + GOOD);

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
                cairn(
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
    void aKeyThatCannotDecryptIsExitCode1() throws Exception {
        Map<String, String> environment =
                Map.of("CAIRN_CONFIG", store.configWithAnotherKey().toString());

        refused(
                run(
                        environment,
                        "restore",
                        "--cluster",
                        "shop",
                        "--set",
                        GOOD,
                        "--target-dir",
                        folder.resolve("never").toString()),
                1,
                "recipient");
    }

    @Test
    void aWrongCommandLineIsExitCode2() throws Exception {
        refused(cairn("list", "--everything"), 2, "--everything");
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

            refused(cairn("list", "--config", file.toString()), 4, mistake.getValue());
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
    void aCatalogThatIsAwayIsExitCode8() throws Exception {
        Map<String, String> environment = Map.of("CAIRN_CATALOG", "http://127.0.0.1:1");

        refused(run(environment, "backup", "shop"), 8, "http://127.0.0.1:1");
    }

    @Test
    void theCatalogsAddressComesFromTheConfigurationUnlessTheEnvironmentHasIt() throws Exception {
        Path file = folder.resolve("catalog.yaml");
        Files.writeString(file, "catalog: {url: 'http://127.0.0.1:2'}\n");
        Map<String, String> configured = Map.of("CAIRN_CONFIG", file.toString());
        Map<String, String> both =
                Map.of("CAIRN_CONFIG", file.toString(), "CAIRN_CATALOG", "http://127.0.0.1:1");

        refused(run(configured, "backup", "shop"), 8, "http://127.0.0.1:2");
        refused(run(both, "backup", "shop"), 8, "http://127.0.0.1:1");
        refused(run(both, "backup", "shop", "--catalog", "http://127.0.0.1:3"), 8, ":3");
        refused(run(both, "backup", "shop", "--catalog", "127.0.0.1:3"), 4, "127.0.0.1:3");
    }

    @Test
    void aRebuildIsFollowedToItsEnd() throws Exception {
        try (Catalog catalog =
                new Catalog(
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
        try (Catalog catalog = new Catalog(rebuild("a", "failed", error))) {
            refused(cairn("catalog", "rebuild", "--catalog", catalog.url()), 8, "no store");
        }
        try (Catalog catalog = new Catalog(rebuild("a", "running", ""), "{\"state\": \"none\"}")) {
            refused(cairn("catalog", "rebuild", "--catalog", catalog.url()), 8, "was restarted");
        }
    }

    @Test
    void aRunThatNobodyTakesIsNotWaitedForForEver() throws Exception {
        String run = "\"run\": \"shop:20261122T020000Z-F\"";
        try (Catalog catalog =
                new Catalog(
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

    private Run cairn(String... arguments) throws IOException, InterruptedException {
        return run(Map.of("CAIRN_CONFIG", store.config().toString()), arguments);
    }

    private Run run(Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(COMMAND.toString()));
        command.addAll(List.of(arguments));
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

    /** Answers what it was given, one after the other. */
    private static final class Catalog implements AutoCloseable {

        private final HttpServer server;
        private final Deque<String> answers;
        private final List<String> asked = new ArrayList<>();

        Catalog(String... answers) throws IOException {
            this.answers = new ConcurrentLinkedDeque<>(List.of(answers));
            this.server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
            server.createContext(
                    "/api/v1/",
                    exchange -> {
                        asked.add(exchange.getRequestMethod());
                        byte[] body = this.answers.removeFirst().getBytes(StandardCharsets.UTF_8);
                        exchange.sendResponseHeaders(200, body.length);
                        try (OutputStream stream = exchange.getResponseBody()) {
                            stream.write(body);
                        }
                    });
            server.start();
        }

        String url() {
            return "http://127.0.0.1:" + server.getAddress().getPort();
        }

        List<String> asked() {
            return List.copyOf(asked);
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }
}
