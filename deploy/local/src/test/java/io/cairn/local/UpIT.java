package io.cairn.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The scripts beside the sources, as a user runs them, on small sample clusters and in a state
 * folder of their own.
 */
class UpIT {

    private static final Path HOME = Path.of(System.getProperty("cairn.home"));
    private static final Duration ONCE = Duration.ofMinutes(5);
    private static final Duration STARTED = Duration.ofMinutes(2);

    /** Longer than the path of a socket may be, with a blank in it. */
    private static final String FOLDER =
            "up it/a-folder-that-lies-deeper-than-the-107-bytes-of-a-socket-name-would-allow/state";

    private Path state = Path.of("target");
    private final List<Process> started = new ArrayList<>();

    @BeforeEach
    void makeStateFolder() throws IOException {
        Path folder = Path.of("target").toAbsolutePath();
        FileTrees.delete(folder.resolve("up it"));
        state = Files.createDirectories(folder.resolve(FOLDER));
    }

    @AfterEach
    void endEverything() throws Exception {
        assertThat(run("down").status()).isZero();
        for (Process process : started) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    @Test
    @Timeout(value = 8, unit = TimeUnit.MINUTES)
    void provesTheCircleAndGoesOnWithWhatWasStored() throws Exception {
        Result once = run("up", "--once");

        assertThat(once.status()).as(once.output()).isZero();
        for (String tier : List.of("oltp", "content", "queue", "olap")) {
            assertThat(once.output())
                    .containsPattern(tier + " .*Z-F  due")
                    .containsPattern(tier + " .*Z-F  backed up and catalogued, .* MB stored")
                    .containsPattern(tier + " .*Z-F  validated")
                    .containsPattern(tier + " .*Z-F  drilled")
                    .containsPattern(tier + " .*Z-F  copied");
        }
        assertThat(table(once.output()))
                .hasSize(4)
                .allSatisfy(row ->
                        assertThat(row)
                                .matches(
                                        "  (oltp|content|queue|olap) +\\d{8}T\\d{6}Z-F"
                                                + " +[\\d.]+ MB +[\\d.]+ MB +\\d+"
                                                + " +[\\d.]+ s +[\\d.]+ s +(\\d{4,}|–)"))
                .filteredOn(row -> row.startsWith("  oltp"))
                .singleElement()
                .satisfies(row -> assertThat(row).matches(".* \\d{4,}"));
        assertThat(parts()).isEmpty();
        assertThat(ownProcesses()).isEmpty();

        Properties ports = ports();
        refusesAWrongFileBeforeAnythingIsDeleted();
        Process again;
        try (ServerSocket taken = takePort(ports, "scheduler")) {
            again = start("up");
            awaitOutput(again, "Stop: Ctrl-C");
            assertThat(ports().remove("scheduler"))
                    .isNotNull()
                    .isNotEqualTo(Integer.toString(taken.getLocalPort()));
        }
        ports.remove("scheduler");
        assertThat(ports()).containsAllEntriesOf(ports);
        assertThat(output(again))
                .contains("shop: newest is ", "mail: newest is ", "jobs: newest is ")
                .contains("warehouse: newest is ")
                .contains("commits return when the bucket has them")
                .doesNotContain("asked for");
        assertThat(run("up").output()).contains("the platform is running already");
        scales();
        new CopyRestore(new StateFolder(state), HOME, state.resolveSibling("from-the-copy"))
                .run(Integer.parseInt(ports().getProperty("shop")));

        Result down = run("down");
        assertThat(down.output()).contains("Stopped.");
        assertThat(again.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(again.exitValue()).isZero();
        assertThat(parts()).isEmpty();
        assertThat(ownProcesses()).isEmpty();
    }

    private void refusesAWrongFileBeforeAnythingIsDeleted() throws Exception {
        Path file = userFile("keyz: {}");

        Result refused = run("up", "--fresh", "--config", file.toString());

        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.output())
                .endsWith(
                        "cairn: "
                                + file
                                + ", line 3: unknown key keyz hint: did you mean 'keys'?\n");
        assertThat(state.resolve("data/s3-primary")).isNotEmptyDirectory();
        assertThat(state.resolve("keys")).isNotEmptyDirectory();
    }

    private void scales() throws Exception {
        assertThat(run("scale", "oltp=2"))
                .isEqualTo(
                        new Result(0, "executor-oltp-2 takes runs of oltp\noltp: 2 executors\n"));
        assertThat(RunningParts.find(new StateFolder(state), "executor-oltp-2")).isPresent();
        assertThat(run("scale", "oltp=1"))
                .isEqualTo(
                        new Result(
                                0,
                                "executor-oltp-2 ends the runs it has begun …\n"
                                        + "executor-oltp-2 has ended\noltp: 1 executor\n"));
        assertThat(RunningParts.find(new StateFolder(state), "executor-oltp-2")).isEmpty();
    }

    @Test
    @Timeout(value = 3, unit = TimeUnit.MINUTES)
    void startsOverWithTheUsersFileAndEndsWhatAKilledSupervisorLeft() throws Exception {
        Path old = Files.createDirectories(state.resolve("data/old"));
        Process up =
                start(
                        "up",
                        "--fresh",
                        "--config",
                        userFile("postgres: {\"18\": programs}").toString());
        awaitOutput(up, "Services");
        assertThat(old).doesNotExist();
        assertThat(Files.readString(state.resolve("cairn.yaml")))
                .contains("orders", "cairn-primary", state.resolveSibling("programs").toString())
                .doesNotContain("warehouse");
        assertThat(run("scale", "oltp=2").output())
                .contains("error: the platform is still starting hint: ");
        RunningParts.find(new StateFolder(state), RunningParts.SUPERVISOR)
                .orElseThrow()
                .destroyForcibly();
        assertThat(up.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(parts()).contains("kafka", "s3-primary");
        assertThat(run("up").output()).contains("parts of an earlier start still run");

        Result down = run("down");

        assertThat(down.output()).contains("ended kafka", "ended s3-primary");
        assertThat(parts()).isEmpty();
        assertThat(ownProcesses()).isEmpty();
    }

    @Test
    void saysWhatIsWrongWithTheArguments() throws Exception {
        assertThat(run("up", "--bla")).isEqualTo(misuse("unknown argument '--bla'"));
        assertThat(run("up", "--config")).isEqualTo(misuse("--config needs a file"));
        assertThat(run("up", "--config", "no.yaml")).isEqualTo(misuse("cannot read no.yaml"));
        assertThat(run("up", "--help").output()).startsWith("usage: deploy/local/up");
        assertThat(run("down", "now").status()).isEqualTo(2);
        assertThat(run("down")).isEqualTo(new Result(0, "Nothing is running.\n"));
        assertThat(run("scale").status()).isEqualTo(2);
        assertThat(run("scale", "oltp=2"))
                .isEqualTo(
                        new Result(
                                8,
                                "scale: the platform is not running. hint: start it with deploy/local/up\n"));
    }

    /** One cluster, which nobody serves, and a line more. */
    private Path userFile(String line) throws IOException {
        return Files.writeString(
                state.resolveSibling("my.yaml"),
                "clusters:\n  orders: {tier: oltp, hosts: [\"127.0.0.1:1\"], tls: {mode: disable}}\n"
                        + line
                        + "\n");
    }

    private static ServerSocket takePort(Properties ports, String part) throws IOException {
        return new ServerSocket(
                Integer.parseInt(ports.getProperty(part)), 1, InetAddress.getLoopbackAddress());
    }

    private static Result misuse(String message) {
        return new Result(2, "cairn: " + message + ". hint: deploy/local/up --help\n");
    }

    /** What a script ended with, and what it wrote. */
    private record Result(int status, String output) {}

    private Result run(String script, String... arguments) throws Exception {
        Process process = start(script, arguments);
        assertThat(process.waitFor(ONCE.toSeconds(), TimeUnit.SECONDS))
                .as("%s does not end: %s", script, output(process))
                .isTrue();
        return new Result(process.exitValue(), output(process));
    }

    private Process start(String script, String... arguments) throws IOException {
        List<String> command =
                new ArrayList<>(List.of(HOME.resolve("deploy/local/" + script).toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment()
                .putAll(
                        Map.of(
                                "CAIRN_STATE",
                                state.toString(),
                                "CAIRN_SAMPLE_MEGABYTES",
                                "4",
                                "CAIRN_STARTUP_ARCHIVES",
                                "skip",
                                "CAIRN_BUILD",
                                "skip"));
        builder.redirectOutput(outputFile(started.size()).toFile());
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private Path outputFile(int number) {
        return state.resolve("../output-" + number).normalize();
    }

    private String output(Process process) throws IOException {
        return Files.readString(outputFile(started.indexOf(process)));
    }

    private void awaitOutput(Process process, String text) {
        Awaitility.await()
                .atMost(STARTED)
                .until(() -> output(process).contains(text) || !process.isAlive());
    }

    private List<String> parts() {
        return RunningParts.parts(new StateFolder(state));
    }

    private Properties ports() throws IOException {
        Properties ports = new Properties();
        try (var reader = Files.newBufferedReader(new StateFolder(state).ports())) {
            ports.load(reader);
        }
        return ports;
    }

    private static List<String> table(String output) {
        return output.lines()
                .dropWhile(line -> !line.startsWith("  tier "))
                .skip(1)
                .takeWhile(line -> line.startsWith("  "))
                .toList();
    }

    /** Command lines of processes that work in the state folder. */
    private List<String> ownProcesses() {
        return ProcessHandle.allProcesses()
                .map(process -> process.info().commandLine().orElse(""))
                .filter(line -> line.contains(state.toString()))
                .toList();
    }
}
