package io.cairn.postgres.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.cairn.config.ClusterConfig;
import io.cairn.config.ClusterConfig.Tls;
import io.cairn.config.ClusterConfig.TlsMode;
import io.cairn.config.HostPort;
import io.cairn.config.Secret;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.TestSource;
import io.cairn.postgres.server.LocalServer;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClusterConnectorIT {

    private Path directory;
    private TestSource source;
    private SelfSignedCertificate certificate;

    @BeforeAll
    void startTheServer(@TempDir Path temporary) throws Exception {
        directory = temporary;
        certificate =
                SelfSignedCertificate.create(
                        Files.createDirectory(directory.resolve("tls")), "ip:127.0.0.1");
        Path keys = Files.createDirectory(directory.resolve("server-keys"));
        Path key = Files.copy(certificate.key(), keys.resolve("server.key"));
        Path chain = Files.copy(certificate.certificate(), keys.resolve("server.crt"));
        source =
                TestSource.start(
                        18,
                        directory,
                        builder ->
                                builder.alsoOwned(keys)
                                        .setting("ssl", "on")
                                        .setting("ssl_key_file", key.toString())
                                        .setting("ssl_cert_file", chain.toString())
                                        .setting("max_wal_senders", "6")
                                        .hostBasedAuthentication(
                                                "host all,replication closed 127.0.0.1/32 reject",
                                                "hostssl all only_tls 127.0.0.1/32 scram-sha-256",
                                                "host all only_tls 127.0.0.1/32 reject",
                                                "host all all 127.0.0.1/32 scram-sha-256",
                                                "host replication "
                                                        + TestSource.ROLE
                                                        + " 127.0.0.1/32 scram-sha-256"));
        source.execute(
                "CREATE ROLE plain LOGIN PASSWORD 'x'",
                "CREATE ROLE nologin REPLICATION PASSWORD 'x'",
                "CREATE ROLE closed LOGIN REPLICATION PASSWORD 'x'",
                "CREATE ROLE only_tls LOGIN REPLICATION PASSWORD 'x'",
                "CREATE ROLE database_line_only LOGIN REPLICATION PASSWORD 'x'",
                "CREATE ROLE limited LOGIN REPLICATION PASSWORD 'x' CONNECTION LIMIT 0",
                "CREATE ROLE hasty LOGIN REPLICATION PASSWORD 'x'",
                "ALTER ROLE hasty SET idle_session_timeout = '500ms'",
                "ALTER ROLE hasty SET statement_timeout = '500ms'",
                "CREATE DATABASE closed",
                "REVOKE CONNECT ON DATABASE closed FROM PUBLIC");
    }

    @AfterAll
    void stopTheServer() {
        source.close();
    }

    @Test
    void aSessionIsNamedAfterTheRunAndNoTimeoutOfTheRoleEndsIt() {
        ClusterConfig hasty = source.cluster("hasty", "x", addresses());
        try (ServerConnection session =
                new ClusterConnector(hasty).connectToPrimary("shop:20261122T020000Z-F")) {
            assertThat(
                            source.ask(
                                    "SELECT application_name FROM pg_stat_activity WHERE pid = "
                                            + session.backendPid()))
                    .isEqualTo("shop:20261122T020000Z-F");
            assertThat(session.value("SELECT 'slept' FROM pg_sleep(0.6)")).isEqualTo("slept");
            assertThat(session.value("SHOW idle_session_timeout")).isEqualTo("0");
            assertThat(session.majorVersion()).isEqualTo(18);
            assertThat(session.identify().timeline().id()).isEqualTo(1);
        }
    }

    @Test
    void aWrongPasswordIsSaidAndNotShown() {
        assertFails(
                () -> connect(source.cluster(TestSource.ROLE, "guess", addresses())),
                ErrorCode.POSTGRES_AUTHENTICATION_FAILED,
                "does not accept the password",
                "password-");
        assertThatThrownBy(() -> connect(source.cluster(TestSource.ROLE, "guess", addresses())))
                .satisfies(e ->
                        assertThat(((CairnException) e).messageWithHint()).doesNotContain("guess"));
    }

    @Test
    void aRoleWithoutReplicationGetsTheStatementThatMendsIt() {
        assertFails(
                () -> connect(source.cluster("plain", "x", addresses())),
                ErrorCode.POSTGRES_NOT_PERMITTED,
                "plain",
                "ALTER ROLE \"plain\" REPLICATION;");
    }

    @Test
    void aRoleThatMayNotLogInGetsTheStatementThatMendsIt() {
        assertFails(
                () -> connect(source.cluster("nologin", "x", addresses())),
                ErrorCode.POSTGRES_NOT_PERMITTED,
                "cannot log in",
                "ALTER ROLE \"nologin\" LOGIN REPLICATION;");
    }

    @Test
    void aRoleThatPgHbaDoesNotAdmitGetsTheLineThatMendsIt() {
        assertFails(
                () -> connect(source.cluster("closed", "x", addresses())),
                ErrorCode.POSTGRES_NOT_PERMITTED,
                "pg_hba.conf",
                "host postgres closed 127.0.0.1/32 scram-sha-256");
        assertFails(
                () ->
                        new ClusterConnector(source.cluster("closed", "x", addresses()))
                                .connect(
                                        source.server().address(),
                                        ConnectionMode.PHYSICAL_REPLICATION,
                                        "test")
                                .close(),
                ErrorCode.POSTGRES_NOT_PERMITTED,
                "replication",
                "host replication closed 127.0.0.1/32 scram-sha-256");
    }

    @Test
    void aLineForTheDatabaseDoesNotAdmitPhysicalReplication() {
        ClusterConfig cluster = source.cluster("database_line_only", "x", addresses());
        connect(cluster);
        assertFails(
                () ->
                        new ClusterConnector(cluster)
                                .connect(
                                        source.server().address(),
                                        ConnectionMode.PHYSICAL_REPLICATION,
                                        "test")
                                .close(),
                ErrorCode.POSTGRES_NOT_PERMITTED,
                "pg_hba.conf",
                "host replication database_line_only 127.0.0.1/32 scram-sha-256");
    }

    @Test
    void aRoleAtItsConnectionLimitIsNotBlamedOnWalSenders() {
        assertFails(
                () ->
                        new ClusterConnector(source.cluster("limited", "x", addresses()))
                                .connect(source.server().address(), ConnectionMode.SQL, "test")
                                .close(),
                ErrorCode.POSTGRES_UNREACHABLE,
                "no more connections",
                "CONNECTION LIMIT");
    }

    @Test
    void usedUpWalSendersAreSaid() {
        List<ServerConnection> taken = new ArrayList<>();
        try {
            assertFails(
                    () -> {
                        while (taken.size() <= 6) {
                            taken.add(source.connect("one of many"));
                        }
                    },
                    ErrorCode.POSTGRES_WAL_SENDERS_EXHAUSTED,
                    "max_wal_senders",
                    "pg_stat_replication");
        } finally {
            taken.forEach(ServerConnection::close);
        }
        // What a session takes is free a moment after it has ended.
        await().ignoreExceptions().untilAsserted(() -> source.connect("next").close());
    }

    @Test
    void aDatabaseThatIsMissingOrClosedIsSaid() {
        assertFails(
                () -> connect(inDatabase("nowhere")),
                ErrorCode.CONFIG_INVALID,
                "nowhere",
                "set database");
        assertFails(
                () -> connect(inDatabase("closed")),
                ErrorCode.POSTGRES_NOT_PERMITTED,
                "closed",
                "GRANT CONNECT ON DATABASE \"closed\"");
    }

    private ClusterConfig inDatabase(String database) {
        ClusterConfig cluster = source.cluster();
        return new ClusterConfig(
                cluster.name(),
                cluster.tier(),
                cluster.hosts(),
                cluster.user(),
                cluster.password(),
                database,
                cluster.tls(),
                cluster.maxRateKilobytes());
    }

    @Test
    void anUnreachableHostIsSaid() throws IOException {
        assertFails(
                () ->
                        connect(
                                source.cluster(
                                        TestSource.ROLE,
                                        TestSource.PASSWORD,
                                        List.of(closedPort()))),
                ErrorCode.POSTGRES_UNREACHABLE,
                "Connection refused",
                "listen_addresses");
        assertFails(
                () ->
                        connect(
                                source.cluster(
                                        TestSource.ROLE,
                                        TestSource.PASSWORD,
                                        List.of(new HostPort("no-such-host.invalid", 5432)))),
                ErrorCode.POSTGRES_UNREACHABLE,
                "no-such-host.invalid",
                "address");
    }

    @Test
    void aHostThatAcceptsAndSaysNothingIsGivenUp() throws IOException {
        try (ServerSocket silent =
                new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            HostPort address = new HostPort("127.0.0.1", silent.getLocalPort());
            ClusterConfig cluster =
                    source.cluster(TestSource.ROLE, TestSource.PASSWORD, List.of(address));
            ConnectionSettings impatient =
                    new ConnectionSettings(Duration.ofSeconds(1), Duration.ofSeconds(1));
            assertFails(
                    () -> new ClusterConnector(cluster, impatient).connectToPrimary("test"),
                    ErrorCode.POSTGRES_UNREACHABLE,
                    address.toString(),
                    "address");
        }
    }

    @Test
    void thePrimaryIsFoundAmongStandbysAndDeadHosts() throws Exception {
        try (LocalServer standby = startStandby()) {
            List<HostPort> hosts =
                    List.of(closedPort(), standby.address(), source.server().address());
            ClusterConfig cluster = source.cluster(TestSource.ROLE, TestSource.PASSWORD, hosts);
            try (ServerConnection session =
                    new ClusterConnector(cluster).connectToPrimary("test")) {
                assertThat(session.host()).isEqualTo(source.server().address());
            }
            ClusterConfig onlyStandby =
                    source.cluster(TestSource.ROLE, TestSource.PASSWORD, hosts.subList(0, 2));
            assertFails(
                    () -> connect(onlyStandby),
                    ErrorCode.POSTGRES_NO_PRIMARY,
                    standby.address() + " is a standby",
                    "promote");
        }
    }

    /** A copy that waits for WAL for ever. */
    private LocalServer startStandby() throws IOException, InterruptedException {
        Path copy = directory.resolve("standby");
        source.server().stop();
        try {
            assertThat(
                            new ProcessBuilder(
                                            "cp",
                                            "-a",
                                            source.server().dataDirectory().toString(),
                                            copy.toString())
                                    .inheritIO()
                                    .start()
                                    .waitFor())
                    .isZero();
        } finally {
            source.server().start();
        }
        Files.createFile(copy.resolve("standby.signal"));
        return LocalServer.on(source.server().binaries(), copy)
                .password(Secret.of("super"))
                .setting("shared_buffers", "16MB")
                .start();
    }

    @Test
    void tlsWithAVerifiedNameWorksAndTheServerSeesIt() {
        try (ServerConnection session =
                new ClusterConnector(
                                withTls(
                                        "only_tls",
                                        TlsMode.VERIFY_FULL,
                                        Optional.of(certificate.certificate())))
                        .connectToPrimary("tls")) {
            assertThat(
                            source.ask(
                                    "SELECT ssl FROM pg_stat_ssl WHERE pid = "
                                            + session.backendPid()))
                    .isEqualTo("t");
        }
    }

    @Test
    @Timeout(10)
    void aSessionThatWaitsForTheServerOverTlsIsAbortedAtOnce() throws InterruptedException {
        ClusterConfig cluster =
                withTls("only_tls", TlsMode.VERIFY_FULL, Optional.of(certificate.certificate()));
        try (ServerConnection session = new ClusterConnector(cluster).connectToPrimary("tls")) {
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            session.wire().query("SELECT pg_sleep(30)");
            Thread reader =
                    Thread.ofPlatform()
                            .start(() ->
                                    thrown.set(
                                            catchThrowable(() -> {
                                                session.wire().expect('T');
                                                session.wire().body();
                                                session.wire().next();
                                            })));
            await().until(() ->
                    Arrays.stream(reader.getStackTrace())
                            .anyMatch(frame ->
                                    frame.getClassName().equals("sun.nio.ch.NioSocketImpl")));

            session.abort();

            reader.join();
            assertThat(thrown.get())
                    .isInstanceOf(CairnException.class)
                    .hasMessageContaining("aborted by this side");
        }
    }

    @Test
    @Timeout(10)
    void anAbortOverTlsDoesNotWaitForAServerThatIsBusy() {
        ClusterConfig cluster =
                withTls("only_tls", TlsMode.VERIFY_FULL, Optional.of(certificate.certificate()));
        try (ServerConnection session = new ClusterConnector(cluster).connectToPrimary("tls")) {
            session.wire().query("SELECT pg_sleep(30)");
            session.abort();
            assertThatThrownBy(() -> session.wire().expect('T'))
                    .isInstanceOf(CairnException.class)
                    .hasMessageContaining("aborted by this side");
        }
    }

    @Test
    void aRoleThatIsAdmittedByTlsOnlyIsToldSo() {
        assertFails(
                () -> connect(source.cluster("only_tls", "x", addresses())),
                ErrorCode.POSTGRES_NOT_PERMITTED,
                "pg_hba.conf",
                "host");
    }

    @Test
    void aCertificateThatIsNotTrustedIsRefused() throws Exception {
        SelfSignedCertificate other =
                SelfSignedCertificate.create(
                        Files.createDirectory(directory.resolve("other")), "ip:127.0.0.1");
        assertFails(
                () ->
                        connect(
                                withTls(
                                        "only_tls",
                                        TlsMode.VERIFY_FULL,
                                        Optional.of(other.certificate()))),
                ErrorCode.CERTIFICATE_INVALID,
                "TLS with",
                "tls.rootCertificate");
        assertFails(
                () -> connect(withTls("only_tls", TlsMode.VERIFY_FULL, Optional.empty())),
                ErrorCode.CERTIFICATE_INVALID,
                "TLS with",
                "tls.rootCertificate");
    }

    @Test
    void aCertificateThatDoesNotParseIsNamedBeforeAnythingIsSent() throws IOException {
        Path broken =
                Files.writeString(
                        directory.resolve("broken.pem"), "-----BEGIN CERTIFICATE-----\nnonsense\n");
        assertFails(
                () -> connect(withTls("only_tls", TlsMode.VERIFY_CA, Optional.of(broken))),
                ErrorCode.CERTIFICATE_INVALID,
                "broken.pem",
                "PEM");
        assertFails(
                () ->
                        connect(
                                withTls(
                                        "only_tls",
                                        TlsMode.VERIFY_CA,
                                        Optional.of(directory.resolve("missing.pem")))),
                ErrorCode.CERTIFICATE_INVALID,
                "missing.pem",
                "PEM");
    }

    private ClusterConfig withTls(String user, TlsMode mode, Optional<Path> root) {
        ClusterConfig cluster = source.cluster(user, "x", addresses());
        return new ClusterConfig(
                cluster.name(),
                cluster.tier(),
                cluster.hosts(),
                user,
                cluster.password(),
                "postgres",
                new Tls(mode, root),
                Optional.empty());
    }

    @Test
    void aServerThatIsTooOldIsRefused() throws IOException {
        try (OldServer old = OldServer.start("140009")) {
            assertFails(
                    () ->
                            connect(
                                    source.cluster(
                                            TestSource.ROLE,
                                            TestSource.PASSWORD,
                                            List.of(old.address()))),
                    ErrorCode.POSTGRES_TOO_OLD,
                    "PostgreSQL 14",
                    "upgrade");
        }
    }

    @Test
    void factsHoldWhatARestoredServerNeedsAndNoSecrets() {
        source.execute(
                "ALTER SYSTEM SET primary_conninfo = 'host=nowhere password=hidden'",
                "ALTER SYSTEM SET archive_command = 'hidden'",
                "ALTER SYSTEM SET work_mem = '7MB'",
                "SELECT pg_reload_conf()");
        try (ServerConnection session = source.connect("facts")) {
            assertThat(ServerFacts.of(session).databaseBytes()).isEmpty();
            source.execute("GRANT pg_monitor TO " + TestSource.ROLE);

            ServerFacts facts = ServerFacts.of(session);

            assertThat(facts.identity()).isEqualTo(session.identify());
            assertThat(facts.walSegmentBytes()).isEqualTo(16 << 20);
            assertThat(facts.dataChecksums()).isTrue();
            assertThat(facts.inRecovery()).isFalse();
            assertThat(facts.databaseBytes())
                    .hasValueSatisfying(bytes -> assertThat(bytes).isGreaterThan(10_000_000));
            assertThat(facts.settings())
                    .containsEntry("max_connections", "100")
                    .containsEntry("max_wal_senders", "6")
                    .containsEntry("work_mem", "7MB")
                    .containsKeys(
                            "max_worker_processes",
                            "max_prepared_transactions",
                            "max_locks_per_transaction",
                            "wal_level")
                    .doesNotContainKeys(
                            "primary_conninfo",
                            "archive_command",
                            "statement_timeout",
                            "idle_session_timeout");
            assertThat(facts.settings().values()).noneMatch(value -> value.contains("hidden"));
        } finally {
            source.execute(
                    "REVOKE pg_monitor FROM " + TestSource.ROLE,
                    "ALTER SYSTEM RESET ALL",
                    "SELECT pg_reload_conf()");
        }
    }

    private List<HostPort> addresses() {
        return List.of(source.server().address());
    }

    private static void connect(ClusterConfig cluster) {
        new ClusterConnector(cluster).connectToPrimary("test").close();
    }

    private static HostPort closedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return new HostPort("127.0.0.1", socket.getLocalPort());
        }
    }

    private static void assertFails(
            ThrowingCallable call, ErrorCode code, String message, String hint) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> {
                            assertThat(e.code()).as(e.messageWithHint()).isEqualTo(code);
                            assertThat(e.getMessage()).contains(message);
                            assertThat(e.hint())
                                    .hasValueSatisfying(text -> assertThat(text).contains(hint));
                        });
    }
}
