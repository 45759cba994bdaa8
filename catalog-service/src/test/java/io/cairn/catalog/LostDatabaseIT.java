package io.cairn.catalog;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import io.cairn.events.BackupFailed;
import io.cairn.model.RunId;
import io.cairn.model.Tier;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.server.LocalServer;
import io.cairn.service.events.EventPublisher;
import io.cairn.testing.KafkaServer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packaged service as a process of its own, with a database and a consumer group of its own.
 */
@QuarkusTest
@QuarkusTestResource(CatalogServers.class)
class LostDatabaseIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Path LOG = Path.of("target", "lost-database-it.log");
    private static final Path JAR = Path.of("target", "quarkus-app", "quarkus-run.jar");

    @Inject EventPublisher publisher;

    @ConfigProperty(name = "cairn.config")
    String configuration;

    LocalServer postgres;
    KafkaServer kafka;

    @TempDir Path directory;

    private Optional<Process> service = Optional.empty();
    private int port;

    @AfterEach
    void stop() {
        service.ifPresent(Process::destroyForcibly);
    }

    @Test
    void aDatabaseThatWasLostIsFilledAgainFromTheLogAlthoughTheGroupHasReadIt() throws Exception {
        RunId run = Histories.runId("shop", Instant.parse("2026-01-30T02:00:00Z"));
        publisher.publish(
                new BackupFailed(
                        run,
                        Tier.OLTP,
                        Optional.empty(),
                        Instant.parse("2026-01-30T02:01:00Z"),
                        ErrorCode.POSTGRES_NOT_PERMITTED,
                        "role cairn may not replicate",
                        Optional.of("ALTER ROLE cairn REPLICATION"),
                        false));
        createDatabase();
        start();
        awaitFailed(run);
        service.orElseThrow().destroy();
        assertThat(service.orElseThrow().waitFor(30, TimeUnit.SECONDS)).isTrue();

        postgres.execute("postgres", "drop database second");
        createDatabase();
        start();

        awaitFailed(run);
    }

    private void createDatabase() throws SQLException {
        postgres.execute("postgres", "create database second");
    }

    private void start() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        ProcessBuilder command =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx256m",
                                "-XX:TieredStopAtLevel=1",
                                "-jar",
                                JAR.toAbsolutePath().toString())
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(LOG.toFile()));
        command.environment()
                .putAll(
                        Map.of(
                                "CAIRN_CONFIG",
                                configuration,
                                "KAFKA_BOOTSTRAP_SERVERS",
                                kafka.bootstrapServers(),
                                "QUARKUS_HTTP_PORT",
                                Integer.toString(port),
                                "QUARKUS_DATASOURCE_JDBC_URL",
                                postgres.jdbcUrl("second"),
                                "QUARKUS_DATASOURCE_REACTIVE_URL",
                                "postgresql://" + postgres.address() + "/second",
                                "QUARKUS_DATASOURCE_USERNAME",
                                "postgres",
                                "QUARKUS_DATASOURCE_PASSWORD",
                                "",
                                "MP_MESSAGING_INCOMING_EVENTS_GROUP_ID",
                                "lost-database-it",
                                "CAIRN_CATALOG_ROUNDS_RECONCILE",
                                "off"));
        Process process = command.start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        service = Optional.of(process);
    }

    private void awaitFailed(RunId run) {
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .untilAsserted(() ->
                        given().port(port)
                                .get("/api/v1/runs/{run}", run.toString())
                                .then()
                                .statusCode(200)
                                .body("state", equalTo("failed"))
                                .body("error.hint", equalTo("ALTER ROLE cairn REPLICATION")));
    }
}
