package io.cairn.postgres.server;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.cairn.config.Secret;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.UserPrincipal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.Driver;

class LocalServerIT {

    @TempDir Path directory;

    @ParameterizedTest
    @ValueSource(ints = {15, 16, 17, 18})
    void everyMajorVersionStartsAndAnswers(int major) throws SQLException {
        try (LocalServer server = LocalServer.on(binaries(major), newData(major)).start()) {
            assertThat(ask(server, "SHOW server_version_num")).startsWith(Integer.toString(major));
        }
    }

    @Test
    void whatIsCommittedSurvivesAKill() throws SQLException {
        try (LocalServer server = LocalServer.on(binaries(18), newData(18)).start()) {
            server.execute("postgres", "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (42)");
            assertThat(ask(server, "SHOW fsync")).isEqualTo("on");
            assertThat(ask(server, "SHOW synchronous_commit")).isEqualTo("on");

            server.kill();
            assertThat(server.isRunning()).isFalse();
            server.start();

            assertThat(ask(server, "SELECT n FROM kept")).isEqualTo("42");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 16, 17, 18})
    void aCopiedClusterIsAnotherAndRecoversFromItsWal(int major) throws Exception {
        Path other =
                DataDirectory.at(binaries(major), directory.resolve("other"))
                        .walSegmentMegabytes(1)
                        .copiedForTest()
                        .create();
        Path data =
                DataDirectory.at(binaries(major), directory.resolve("data"))
                        .walSegmentMegabytes(1)
                        .copiedForTest()
                        .create();
        try (LocalServer server = LocalServer.on(binaries(major), data).start();
                LocalServer another = LocalServer.on(binaries(major), other).start()) {
            String identifier = "SELECT system_identifier FROM pg_control_system()";
            assertThat(ask(server, identifier))
                    .isNotEqualTo(ask(another, identifier))
                    .matches("7\\d{18}");
            server.execute("postgres", "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (42)");

            // Recovery believes no page of WAL with another cluster's identifier.
            server.kill();
            server.start();

            assertThat(ask(server, "SELECT n FROM kept")).isEqualTo("42");
        }
    }

    @Test
    void aPasswordIsAskedForOverTcp() throws SQLException {
        Path data =
                DataDirectory.at(binaries(18), directory.resolve("data"))
                        .password(Secret.of("right"))
                        .withoutSync()
                        .create();
        try (LocalServer server =
                LocalServer.on(binaries(18), data).password(Secret.of("right")).start()) {
            assertThat(ask(server, "SELECT 1")).isEqualTo("1");
            assertThatThrownBy(() -> server.connect("postgres", "postgres", Secret.of("wrong")))
                    .isInstanceOf(SQLException.class)
                    .extracting(e -> ((SQLException) e).getSQLState())
                    .isEqualTo("28P01");
        }
    }

    @Test
    void aPrivateSocketAnswersWhileNothingListensOnTcp() throws SQLException {
        try (LocalServer server =
                LocalServer.on(binaries(18), newData(18)).privateSocket().start()) {
            assertThat(ask(server, "SELECT count(*) FROM pg_class, generate_series(1, 1000)"))
                    .isNotEqualTo("0");
            assertThat(ask(server, "SELECT inet_server_addr() IS NULL")).isEqualTo("t");
            assertThat(ask(server, "SHOW listen_addresses")).isEmpty();
        }
    }

    @Test
    void aReadThroughThePrivateSocketTimesOut() throws SQLException {
        try (LocalServer server =
                LocalServer.on(binaries(18), newData(18)).privateSocket().start()) {
            Properties properties = server.connectionProperties("postgres", Optional.empty());
            properties.setProperty("socketTimeout", "1");
            try (Connection connection =
                            new Driver().connect(server.jdbcUrl("postgres"), properties);
                    Statement statement = connection.createStatement()) {
                assertThatThrownBy(() -> statement.execute("SELECT pg_sleep(30)"))
                        .hasRootCauseInstanceOf(SocketTimeoutException.class);
            }
        }
    }

    @Test
    void aDataDirectoryWithoutConfigurationFilesStartsWithOursOnly()
            throws IOException, SQLException {
        Path data = newData(18);
        for (String file : new String[] {"postgresql.conf", "pg_hba.conf", "pg_ident.conf"}) {
            Files.delete(data.resolve(file));
        }
        try (LocalServer server =
                LocalServer.on(binaries(18), data)
                        .privateSocket()
                        .ownConfigurationOnly()
                        .setting("shared_buffers", "16MB")
                        .start()) {
            assertThat(ask(server, "SHOW shared_buffers")).isEqualTo("16MB");
            assertThat(ask(server, "SHOW config_file")).doesNotStartWith(data.toString());
        }
    }

    @Test
    void aServerThatCannotStartSaysWhy() {
        Path data = newData(18);
        assertThatThrownBy(() ->
                        LocalServer.on(binaries(18), data)
                                .setting("shared_preload_libraries", "no_such_library")
                                .start())
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.POSTGRES_BOOT_FAILED);
                            assertThat(e.getMessage())
                                    .contains(data.toString())
                                    .contains("no_such_library");
                            assertThat(e.hint()).isPresent();
                        });
    }

    @Test
    void aServerThatNeverGetsReadyIsEnded() throws IOException {
        Path data = newData(18);
        // A standby with nothing to replay from and no connections allowed is never ready.
        Files.createFile(data.resolve("standby.signal"));
        assertThatThrownBy(() ->
                        LocalServer.on(binaries(18), data)
                                .setting("hot_standby", "off")
                                .startTimeout(Duration.ofSeconds(2))
                                .start())
                .isInstanceOf(CairnException.class)
                .hasMessageContaining("accepts no connections after 2 s");
        assertThat(data.resolve("postmaster.pid"))
                .satisfies(file -> {
                    if (Files.exists(file)) {
                        long pid = Long.parseLong(Files.readAllLines(file).getFirst());
                        assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
                    }
                });
    }

    @Test
    void theDirectoryIsGivenBackToItsOwner() throws IOException {
        UserPrincipal me = owner(directory);
        Path data = dataOf(me);
        try (LocalServer server = LocalServer.on(binaries(18), data).start()) {
            assertThat(server.isRunning()).isTrue();
        }
        assertThat(owner(data)).isEqualTo(me);
        assertThat(owner(data.resolve("PG_VERSION"))).isEqualTo(me);
    }

    @Test
    void filesMayComeAndGoInADirectoryThatChangesItsOwner() throws Exception {
        UserPrincipal me = owner(directory);
        Path data = dataOf(me);
        Path part = data.resolve("pg_wal/part.tmp");
        AtomicBoolean done = new AtomicBoolean();
        FutureTask<Void> renaming =
                new FutureTask<>(() -> {
                    while (!done.get()) {
                        Files.writeString(part, "WAL");
                        Files.move(part, data.resolve("pg_wal/part"), REPLACE_EXISTING);
                    }
                    return null;
                });
        Thread.ofVirtual().start(renaming);
        try (LocalServer server = LocalServer.on(binaries(18), data).start()) {
            assertThat(server.isRunning()).isTrue();
        } finally {
            done.set(true);
        }
        renaming.get();
        assertThat(owner(data.resolve("PG_VERSION"))).isEqualTo(me);
    }

    @Test
    void aTakenPortIsNamedByTheServersLog() throws IOException {
        Path data = newData(18);
        try (ServerSocket taken = new ServerSocket()) {
            taken.bind(new InetSocketAddress("127.0.0.1", 0));
            assertThatThrownBy(() ->
                            LocalServer.on(binaries(18), data)
                                    .loopback(taken.getLocalPort())
                                    .start())
                    .isInstanceOf(CairnException.class)
                    .hasMessageContaining("could not create any TCP/IP sockets");
        }
    }

    @Test
    void theSamePortIsUsedAfterARestart() throws IOException {
        try (LocalServer server = LocalServer.on(binaries(18), newData(18)).start()) {
            int before = server.address().port();
            server.stop();
            server.start();
            try (Socket socket = new Socket("127.0.0.1", before)) {
                assertThat(socket.isConnected()).isTrue();
            }
        }
    }

    @Test
    void theServerEndsWithTheProcessThatStartedIt() throws Exception {
        Path data = newData(18);
        Process parent =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Dcairn.servers=" + System.getProperty("cairn.servers"),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Forgetful.class.getName(),
                                data.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        long pid =
                Long.parseLong(
                        new String(
                                        parent.getInputStream().readAllBytes(),
                                        StandardCharsets.US_ASCII)
                                .strip());
        assertThat(parent.waitFor()).isZero();
        assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
        assertThat(data.resolve("postmaster.pid")).doesNotExist();
    }

    /** Where this machine allows neither, there is nothing to see. */
    @Test
    void aSandboxedServerHasNoNetworkAndEndsEvenWithAKilledProcess() throws Exception {
        Path data = newData(18);
        Process parent =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Dcairn.servers=" + System.getProperty("cairn.servers"),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Sandboxed.class.getName(),
                                data.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        String[] said = parent.inputReader().readLine().split(" ");
        ProcessHandle server = ProcessHandle.of(Long.parseLong(said[0])).orElseThrow();
        assumeThat(said[1]).isEqualTo("false");
        assertThat(Files.readSymbolicLink(Path.of("/proc", said[0], "ns/net")))
                .isNotEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns/net")));

        parent.destroyForcibly().waitFor();

        server.onExit().get(20, TimeUnit.SECONDS);
        assertThat(data.resolve("postmaster.pid")).doesNotExist();
    }

    @Test
    void aSocketIsNowhereWhereItsNameWouldBeTooLongToConnectTo() {
        String longestName = "/cairn-pg-" + Long.toUnsignedString(-1) + "/.s.PGSQL.5432";
        for (int length = 50; length < 80; length++) {
            Path run = Path.of("/" + "r".repeat(length - 1));
            Path chosen =
                    new Launch(LocalServer.on(binaries(18), directory).runDirectoryIn(run))
                            .runDirectories();
            // The JDK's limit; PostgreSQL's is one more.
            assertThat(chosen + longestName).hasSizeLessThanOrEqualTo(106);
        }
        Path shorter = Path.of("/" + "r".repeat(49));
        assertThat(
                        new Launch(LocalServer.on(binaries(18), directory).runDirectoryIn(shorter))
                                .runDirectories())
                .isEqualTo(shorter);
    }

    /** Starts a server, says its process id and whether it has a network, and waits. */
    static final class Sandboxed {
        public static void main(String[] arguments) throws Exception {
            Path data = Path.of(arguments[0]);
            Path run = Files.createDirectory(data.resolveSibling("run"));
            LocalServer server =
                    LocalServer.on(binaries(18), data).sandboxed().runDirectoryIn(run).start();
            server.execute("postgres", "CREATE TABLE t (n int)");
            System.out.println(server.pid() + " " + server.hasNetwork());
            Thread.sleep(Duration.ofMinutes(5));
        }
    }

    /** Starts a server, says its process id, and ends without stopping it. */
    static final class Forgetful {
        public static void main(String[] arguments) {
            LocalServer server = LocalServer.on(binaries(18), Path.of(arguments[0])).start();
            System.out.println(server.pid());
        }
    }

    @Test
    void aDirectoryWithFilesIsNotInitialized() throws IOException {
        Path occupied = Files.createDirectory(directory.resolve("occupied"));
        Files.createFile(occupied.resolve("precious"));
        assertThatThrownBy(() -> DataDirectory.at(binaries(18), occupied).create())
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.TARGET_NOT_EMPTY));
    }

    private static UserPrincipal owner(Path path) throws IOException {
        return Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .owner();
    }

    /** A fresh cluster whose files all belong to one user. */
    private Path dataOf(UserPrincipal owner) throws IOException {
        Path data = newData(18);
        FileTree.forEach(
                data,
                path -> Files.setAttribute(path, "posix:owner", owner, LinkOption.NOFOLLOW_LINKS));
        return data;
    }

    private Path newData(int major) {
        return DataDirectory.at(binaries(major), directory.resolve("data-" + major))
                .copiedForTest()
                .create();
    }

    private static PostgresBinaries binaries(int major) {
        return PostgresBinaries.find(major);
    }

    private static String ask(LocalServer server, String sql) throws SQLException {
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getString(1);
        }
    }
}
