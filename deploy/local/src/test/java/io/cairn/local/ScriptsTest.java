package io.cairn.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scripts in a tree of their own, with a JDK and an npm that do what a test says. */
class ScriptsTest {

    private static final Path DEPLOY = Path.of("..").toAbsolutePath().normalize();

    @TempDir private Path root;
    private final List<Process> started = new ArrayList<>();
    private final Map<String, String> environment = new TreeMap<>();

    @BeforeEach
    void copyScripts() throws IOException {
        for (String script :
                List.of(
                        "bin/cairn",
                        "bin/find-jdk",
                        "bin/fetch-postgres-tools",
                        "local/down",
                        "local/scale",
                        "local/environment")) {
            Path copy = root.resolve("deploy").resolve(script);
            Files.createDirectories(copy.getParent());
            Files.copy(DEPLOY.resolve(script), copy);
        }
        Files.createDirectories(root.resolve("jdk/bin"));
        Files.writeString(root.resolve("jdk/release"), "JAVA_VERSION=\"25\"\n");
        program("jdk/bin/javac", "exit 0");
        environment.put("JAVA_HOME", root.resolve("jdk").toString());
        environment.put("XDG_CACHE_HOME", root.resolve("cache").toString());
        environment.put("CAIRN_STATE", root.resolve("state").toString());
    }

    @AfterEach
    void endEverything() {
        for (Process process : started) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    @Test
    void whatEndsTheFirstCommandAfterABuildEndsItsJavaToo() throws Exception {
        Files.createDirectories(root.resolve("cli/target"));
        Files.createFile(root.resolve("cli/target/cairn.jar"));
        Path said = root.resolve("said");
        program(
                "jdk/bin/java",
                "trap 'echo ended >> " + said + "; exit 143' TERM",
                "echo begun > " + said,
                "while :; do sleep 0.1; done");
        Process cairn = start("bin/cairn", "restore");
        awaitLine(said, "begun");

        cairn.destroy();

        assertThat(cairn.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(said).content().isEqualTo("begun\nended\n");
        assertThat(cairn.exitValue()).isEqualTo(143);
    }

    @Test
    void theFirstCommandAfterABuildHasItsInputAndItsStatus() throws Exception {
        Files.createDirectories(root.resolve("cli/target"));
        Files.createFile(root.resolve("cli/target/cairn.jar"));
        program("jdk/bin/java", "read line; echo \"got $line\"; exit 7");

        assertThat(run("bin/cairn", "list")).isEqualTo(new Result(7, "got the input\n"));
    }

    @Test
    void testsGoOnWithoutToolsThatCannotBeFetched() throws Exception {
        environment.put("PATH", root.resolve("programs") + ":" + System.getenv("PATH"));
        environment.put("CAIRN_CACHE", root.resolve("cache").toString());
        Files.createDirectories(root.resolve("programs"));
        program("programs/uname", "echo Linux x86_64");
        program("programs/npm", "exit 1");
        skips("npm cannot fetch");

        program("programs/npm", "echo changed > pg.tgz");
        skips("is not what it was when it was pinned");

        program("programs/sha512sum", "exit 0");
        skips("cannot be unpacked");

        Files.writeString(root.resolve("package"), "no folder");
        program("programs/npm", "mkdir package; touch package/a.node; tar -czf pg.tgz package");
        skips("has no pg_verifybackup that runs here");

        environment.put("CAIRN_CACHE", root.resolve("package").toString());
        skips("cannot write to ");
    }

    private void skips(String reason) throws Exception {
        Result fetched = run("bin/fetch-postgres-tools");
        assertThat(fetched.output()).contains("note: ", reason, "are skipped");
        assertThat(fetched.status()).isZero();
    }

    @Test
    void aJdkIsFoundWithoutAHome() throws Exception {
        environment.put("HOME", "");

        assertThat(run("bin/find-jdk"))
                .isEqualTo(new Result(0, environment.get("JAVA_HOME") + "\n"));
    }

    @Test
    void whatIsNotBuiltIsSaidInOneLine() throws Exception {
        Path state = Files.createDirectories(root.resolve("state"));
        assertThat(run("local/down")).isEqualTo(new Result(0, "Nothing is running.\n"));
        assertThat(run("local/scale", "oltp=2").output())
                .isEqualTo(
                        "scale: Cairn is not built. hint: deploy/local/up builds and starts it\n");

        Files.createFile(Files.createDirectory(state.resolve("running")).resolve("kafka"));
        Result down = run("local/down");
        assertThat(down.status()).isEqualTo(1);
        assertThat(down.output()).contains("hint: run deploy/bin/build").hasLineCount(1);
    }

    private void program(String path, String... lines) throws IOException {
        Path file = root.resolve(path);
        Files.writeString(file, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** What a script ended with, and what it wrote. */
    private record Result(int status, String output) {}

    private Result run(String script, String... arguments) throws Exception {
        Process process = start(script, arguments);
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).as(output).isTrue();
        return new Result(process.exitValue(), output);
    }

    private Process start(String script, String... arguments) throws IOException {
        List<String> command =
                new ArrayList<>(List.of(root.resolve("deploy").resolve(script).toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("CAIRN_"));
        builder.environment().putAll(environment);
        if (environment.getOrDefault("HOME", "-").isEmpty()) {
            builder.environment().remove("HOME");
        }
        Path input = root.resolve("input");
        Files.writeString(input, "the input\n", StandardOpenOption.CREATE);
        builder.redirectInput(input.toFile());
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private static void awaitLine(Path file, String line) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> Files.exists(file) && Files.readString(file).contains(line));
    }
}
