package io.cairn.catalog;

import static io.cairn.catalog.Histories.POLICY;
import static io.cairn.catalog.Histories.PRIMARY;
import static io.cairn.catalog.Histories.SECONDARY;
import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import io.cairn.catalog.archive.Archives;
import io.cairn.catalog.archive.DrilledCopies;
import io.cairn.catalog.archive.DrilledCopies.DrilledCopy;
import io.cairn.catalog.backup.BackupRecord;
import io.cairn.catalog.key.ShreddedKeys;
import io.cairn.catalog.lock.LockCandidates;
import io.cairn.catalog.projection.Projection;
import io.cairn.catalog.rebuild.Reconciliation;
import io.cairn.config.CairnConfigReader;
import io.cairn.events.BackupCompleted;
import io.cairn.events.BackupDue;
import io.cairn.events.BackupFailed;
import io.cairn.events.BackupLocked;
import io.cairn.events.BackupProgressed;
import io.cairn.events.BackupReplicated;
import io.cairn.events.BackupRequested;
import io.cairn.events.BackupSkipped;
import io.cairn.events.BackupStarted;
import io.cairn.events.CairnEvent;
import io.cairn.events.DueCause;
import io.cairn.events.EventCodec;
import io.cairn.events.EventEnvelope;
import io.cairn.events.FailbackRefused;
import io.cairn.events.FailbackRequested;
import io.cairn.events.MonitoringCheckDue;
import io.cairn.events.RegionEvent;
import io.cairn.events.RegionFailedOver;
import io.cairn.events.RegionReturned;
import io.cairn.events.RestoreDrillCompleted;
import io.cairn.events.Topics;
import io.cairn.events.ValidationDue;
import io.cairn.events.ValidationPassed;
import io.cairn.events.WalArchived;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.Timeline;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.ObjectLockMode;
import io.cairn.model.record.Shredded;
import io.cairn.postgres.server.LocalServer;
import io.cairn.service.events.EventPublisher;
import io.cairn.service.storage.Stores;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.s3.S3ObjectStore;
import io.cairn.testing.KafkaServer;
import io.cairn.testing.StoreOperation;
import io.cairn.testing.StoreProxy;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.path.json.JsonPath;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/**
 * The whole catalog on a real broker, a real PostgreSQL and real buckets. Each test has a day of
 * its own for its runs.
 */
@QuarkusTest
@QuarkusTestResource(CatalogServers.class)
class CatalogIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Path OPENAPI = Path.of("..", "docs", "openapi.yaml");

    @Inject EventPublisher publisher;

    @Inject ShreddedKeys shreddedKeys;

    @Inject Stores stores;

    @Inject Reconciliation reconciliation;

    @Inject LockCandidates locks;

    @Inject DrilledCopies drilledCopies;

    @Inject Archives archives;

    @ConfigProperty(name = CatalogServers.EXECUTORS_CONFIG)
    Path executors;

    KafkaServer kafka;
    LocalServer postgres;
    StoreProxy proxy;

    @Test
    void aConfiguredClusterWithoutABackupIsShownAsSuch() {
        when().get("/api/v1/clusters")
                .then()
                .statusCode(200)
                .body("name", hasItems("shop", "mail", "jobs", "empty"))
                .body("find {it.name == 'empty'}.configured", equalTo(true))
                .body("find {it.name == 'empty'}.protected", equalTo(false))
                .body(
                        "find {it.name == 'empty'}.unprotectedBecause",
                        equalTo("there is no backup yet"))
                .body("find {it.name == 'empty'}.objectives.rto", equalTo("PT15M"))
                .body(
                        "find {it.name == 'empty'}.objectives.copies",
                        contains("primary", "secondary"))
                .body("find {it.name == 'empty'}.lastBackup", nullValue());
    }

    @Test
    void aRunIsFollowedFromItsDueTimeUntilItsClusterIsProtected() {
        Instant due = Instant.parse("2026-01-01T02:00:00Z");
        RunId run = Histories.runId("shop", due);
        AttemptId dead = new AttemptId("00000000000000d0");
        AttemptId attempt = new AttemptId("00000000000000d1");
        CommitObject commit =
                Histories.commit(run, Tier.OLTP, attempt, due.plusSeconds(300), false);

        publish(
                new BackupDue(
                        run, Tier.OLTP, due, due.plusSeconds(3600), DueCause.SCHEDULED, POLICY));
        awaitRun(run, "queued");
        publish(
                new BackupStarted(run, Tier.OLTP, dead, PRIMARY, "executor-1", due.plusSeconds(10)),
                new BackupFailed(
                        run,
                        Tier.OLTP,
                        Optional.of(dead),
                        due.plusSeconds(20),
                        ErrorCode.POSTGRES_CONNECTION_LOST,
                        "the server closed the connection",
                        Optional.of("look at its log"),
                        true),
                new BackupStarted(
                        run, Tier.OLTP, attempt, PRIMARY, "executor-2", due.plusSeconds(30)),
                new BackupProgressed(run, attempt, 400, 1000, 90, due.plusSeconds(40)));
        awaitRun(run, "running");
        // The first of the events says so; the others may come with a later batch.
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        when().get("/api/v1/runs/{run}", run.toString())
                                .then()
                                .body("executor", equalTo("executor-2"))
                                .body("bytesDone", equalTo(400))
                                .body("bytesTotal", equalTo(1000))
                                .body("bytesStored", equalTo(90))
                                .body("error.code", equalTo("POSTGRES_CONNECTION_LOST"))
                                .body("error.hint", equalTo("look at its log"))
                                .body("attempts", hasSize(2)));

        publish(BackupCompleted.of(commit, Histories.object(commit), PRIMARY));
        awaitRun(run, "completed");
        assertThat(cluster("shop").getBoolean("protected")).isFalse();
        publish(
                new BackupReplicated(
                        run,
                        attempt,
                        PRIMARY,
                        SECONDARY,
                        due.plusSeconds(320),
                        Duration.ofSeconds(20),
                        5,
                        1000),
                new ValidationPassed(
                        run,
                        attempt,
                        PRIMARY,
                        due.plusSeconds(310),
                        due.plusSeconds(340),
                        4,
                        1000,
                        90),
                drilled(
                        run,
                        attempt,
                        due.plusSeconds(340),
                        due.plusSeconds(400),
                        Duration.ofSeconds(42)));

        await().atMost(PATIENCE)
                .untilAsserted(() -> {
                    JsonPath shop = cluster("shop");
                    assertThat(shop.getBoolean("protected")).isTrue();
                    assertThat(shop.getString("lastDrill.rto")).isEqualTo("PT42S");
                });
        JsonPath shop = cluster("shop");
        assertThat(shop.getString("protectedBy")).isEqualTo("20260101T020000Z-F");
        assertThat(shop.getString("lastVerifiedBackup.label")).isEqualTo("20260101T020000Z-F");
        when().get("/api/v1/backups/20260101T020000Z-F")
                .then()
                .statusCode(200)
                .body("backup.state", equalTo("protected"))
                .body("backup.copies.store", contains("primary", "secondary"))
                .body("backup.copies.state", contains("verified", "complete"))
                .body("backup.copies.lag", contains("PT0S", "PT20S"))
                .body("backup.keyId", equalTo("00ff00ff"))
                .body("backup.completedAt", equalTo("2026-01-01T02:05:00Z"))
                .body(
                        "history.type",
                        hasItems("io.cairn.ValidationPassed.v1", "io.cairn.BackupReplicated.v1"))
                .body(
                        "history.find {it.type == 'io.cairn.ValidationPassed.v1'}.data.files",
                        equalTo(90));
    }

    @Test
    void whatWasFoundOutAboutACopyIsKeptInTheActiveStore() {
        Instant due = Instant.parse("2026-01-02T02:00:00Z");
        RunId run = Histories.runId("mail", due);
        AttemptId attempt = new AttemptId("00000000000000e1");
        CommitObject commit =
                Histories.commit(run, Tier.OLTP, attempt, due.plusSeconds(300), false);
        ValidationPassed passed =
                new ValidationPassed(
                        run,
                        attempt,
                        PRIMARY,
                        due.plusSeconds(310),
                        due.plusSeconds(340),
                        4,
                        1000,
                        90);

        // The proof before the backup it is of: its place in the bucket is known only then.
        publish(passed, BackupCompleted.of(commit, Histories.object(commit), PRIMARY));

        BackupRecord record = Projection.of(passed).records().byId().values().iterator().next();
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(stores.store(PRIMARY).head(record.key(commit.layout().root())))
                                .isPresent());
        assertThat(stores.store(PRIMARY).read(record.key(commit.layout().root()), 10_000))
                .isEqualTo(record.object().toJson());
    }

    @Test
    void aPoisonEventGoesToTheDeadLettersWithItsReasonAndTheRestIsProjected() {
        RunId run = Histories.runId("mail", Instant.parse("2026-01-03T02:00:00Z"));
        String poison = "poison " + UUID.randomUUID();

        send(Topics.VALIDATION, "mail", poison);
        publish(
                new BackupSkipped(
                        run,
                        Tier.OLTP,
                        Instant.parse("2026-01-03T03:00:00Z"),
                        "not started in time"));

        awaitRun(run, "skipped");
        when().get("/api/v1/runs/{run}", run.toString())
                .then()
                .body("reason", equalTo("not started in time"));
        ConsumerRecord<byte[], byte[]> letter =
                awaitRecord(Topics.deadLetter(Topics.VALIDATION), poison);
        assertThat(
                        new String(
                                letter.headers().lastHeader("cairn_dlq_reason").value(),
                                StandardCharsets.UTF_8))
                .startsWith("EVENT_UNREADABLE: cannot read record cairn.validation-");
    }

    @Test
    void aDatabaseThatGoesAwayIsSaidSoAndWaitedFor() {
        RunId run = Histories.runId("mail", Instant.parse("2026-01-04T02:00:00Z"));
        postgres.stop();
        try {
            publish(
                    new BackupSkipped(
                            run,
                            Tier.OLTP,
                            Instant.parse("2026-01-04T03:00:00Z"),
                            "not started in time"));
            when().get("/api/v1/clusters")
                    .then()
                    .statusCode(503)
                    .contentType("application/problem+json")
                    .body("code", equalTo("SERVICE_UNREACHABLE"))
                    .body("hint", containsString("PostgreSQL"));
        } finally {
            postgres.start();
        }

        awaitRun(run, "skipped");
    }

    @Test
    void aRequestBecomesAnEventAndARunToFollow() {
        String key = UUID.randomUUID().toString();
        Instant before = Instant.now();

        String run =
                request(key, "{\"cluster\": \"jobs\", \"kind\": \"full\", \"requestedBy\": \"op\"}")
                        .statusCode(202)
                        .header("Location", containsString("/api/v1/runs/jobs:"))
                        .body("cluster", equalTo("jobs"))
                        .extract()
                        .path("run");

        when().get("/api/v1/runs/{run}", run)
                .then()
                .statusCode(200)
                .body("state", equalTo("queued"))
                .body("requestedBy", equalTo("op"))
                .body("requestedAt", notNullValue());
        BackupRequested event =
                requests().stream()
                        .filter(told -> told.idempotencyKey().equals(key))
                        .findFirst()
                        .orElseThrow();
        assertThat(event.cluster()).isEqualTo(new ClusterName("jobs"));
        assertThat(event.requestedAt()).isAfterOrEqualTo(before.truncatedTo(ChronoUnit.MILLIS));
        assertThat(run).isEqualTo("jobs:" + BackupLabel.of(event.requestedAt(), BackupKind.FULL));
    }

    @Test
    void theSameKeyLeadsToTheSameRun() {
        String key = UUID.randomUUID().toString();
        String body = "{\"cluster\": \"jobs\", \"kind\": \"full\"}";
        String run = request(key, body).statusCode(202).extract().path("run");

        await().pollDelay(Duration.ofMillis(1100)).until(() -> true);

        request(key, body).statusCode(202).body("run", equalTo(run));
        assertThat(requests().stream().filter(told -> told.idempotencyKey().equals(key)).distinct())
                .hasSize(1);
    }

    @Test
    void requestsThatCannotBeMetAreRefusedWithAHint() {
        request("k", "{\"cluster\": \"nowhere\", \"kind\": \"full\"}")
                .statusCode(404)
                .contentType("application/problem+json")
                .body("code", equalTo("CLUSTER_UNKNOWN"))
                .body("hint", containsString("shop"));
        request("k", "{\"cluster\": \"a/b\", \"kind\": \"full\"}")
                .statusCode(400)
                .body("hint", notNullValue());
        request("k", "{\"cluster\": \"shop\"}")
                .statusCode(400)
                .body("detail", equalTo("kind is missing"));
        request("k", "{\"cluster\": ")
                .statusCode(400)
                .contentType("application/problem+json")
                .body("code", equalTo("REQUEST_INVALID"))
                .body("hint", notNullValue());
        request("two words", "{\"cluster\": \"shop\", \"kind\": \"full\"}").statusCode(400);
        given().contentType(ContentType.JSON)
                .body("{\"cluster\": \"shop\", \"kind\": \"full\"}")
                .post("/api/v1/backups")
                .then()
                .statusCode(400)
                .body("detail", equalTo("the header Idempotency-Key is missing"));
    }

    @Test
    void whatIsNotKnownIsAProblemWithAHint() {
        when().get("/api/v1/clusters/nowhere")
                .then()
                .statusCode(404)
                .contentType("application/problem+json")
                .body("code", equalTo("CLUSTER_UNKNOWN"))
                .body("hint", containsString("shop"));
        when().get("/api/v1/backups/20200101T000000Z-F")
                .then()
                .statusCode(404)
                .body("hint", notNullValue());
        when().get("/api/v1/runs/shop:20200101T000000Z-F")
                .then()
                .statusCode(404)
                .body("hint", notNullValue());
        when().get("/api/v1/runs/nonsense")
                .then()
                .statusCode(400)
                .body("code", equalTo("NAME_INVALID"));
        when().get("/api/v1/backups?limit=501")
                .then()
                .statusCode(400)
                .body("hint", equalTo("use 1 to 500"));
        when().get("/api/v1/backups?limit=many")
                .then()
                .statusCode(400)
                .body("hint", notNullValue());
        when().get("/api/v1/backups?cursor=x")
                .then()
                .statusCode(400)
                .body("code", equalTo("REQUEST_INVALID"));
        when().get("/api/v1/backups?state=fine")
                .then()
                .statusCode(400)
                .body("code", equalTo("REQUEST_INVALID"));
        when().get("/api/v1/runs?state=queued&active=true").then().statusCode(400);
    }

    @Test
    void aLabelThatSeveralClustersHaveMustBeToldWithItsCluster() {
        Instant due = Instant.parse("2026-01-05T02:00:00Z");
        complete("shop", due, "00000000000000f1", false);
        complete("mail", due, "00000000000000f2", false);

        when().get("/api/v1/backups/20260105T020000Z-F")
                .then()
                .statusCode(400)
                .body("detail", equalTo("2 clusters have a backup 20260105T020000Z-F"))
                .body("hint", equalTo("say which: ?cluster=mail or ?cluster=shop"));
        when().get("/api/v1/backups/20260105T020000Z-F?cluster=mail")
                .then()
                .statusCode(200)
                .body("backup.cluster", equalTo("mail"));
    }

    @Test
    void listsComeInPagesNewestFirstAndFiltered() {
        for (int day = 10; day < 15; day++) {
            complete(
                    "paged",
                    Instant.parse("2026-01-" + day + "T02:00:00Z"),
                    "00000000000000a" + (day - 10),
                    day == 12);
        }

        JsonPath first = page("/api/v1/backups?cluster=paged&limit=2");
        assertThat(first.getList("items.label"))
                .isEqualTo(List.of("20260114T020000Z-F", "20260113T020000Z-F"));
        JsonPath second =
                page("/api/v1/backups?cluster=paged&limit=2&cursor=" + first.getString("next"));
        assertThat(second.getList("items.label"))
                .isEqualTo(List.of("20260112T020000Z-F", "20260111T020000Z-F"));
        JsonPath third =
                page("/api/v1/backups?cluster=paged&limit=2&cursor=" + second.getString("next"));
        assertThat(third.getList("items.label")).isEqualTo(List.of("20260110T020000Z-F"));
        assertThat(third.getString("next")).isNull();

        assertThat(page("/api/v1/backups?cluster=paged&state=damaged").getList("items.label"))
                .isEqualTo(List.of("20260112T020000Z-F"));
        assertThat(page("/api/v1/backups?cluster=paged&state=complete").getList("items"))
                .hasSize(4);
        assertThat(page("/api/v1/backups?cluster=paged&state=protected").getList("items"))
                .isEmpty();
        assertThat(page("/api/v1/backups?cluster=paged&tier=queue").getList("items")).isEmpty();

        JsonPath runs = page("/api/v1/runs?cluster=paged&limit=3");
        assertThat(runs.getList("items.label"))
                .isEqualTo(
                        List.of("20260114T020000Z-F", "20260113T020000Z-F", "20260112T020000Z-F"));
        assertThat(
                        page("/api/v1/runs?cluster=paged&limit=3&cursor=" + runs.getString("next"))
                                .getList("items"))
                .hasSize(2);
        assertThat(page("/api/v1/runs?cluster=paged&active=true").getList("items")).isEmpty();
        assertThat(page("/api/v1/runs?cluster=paged&state=completed&kind=full").getList("items"))
                .hasSize(5);
        assertThat(page("/api/v1/clusters").getList("name")).contains("paged");
        assertThat(cluster("paged").getBoolean("configured")).isFalse();
    }

    @Test
    void aMonitoringCheckComparesEveryConfiguredClusterWithItsObjectives() {
        Instant now = Instant.now();
        // Maintenance of other services, and a check that is too late, in between.
        publish(
                new ValidationDue(now, now.plusSeconds(600)),
                new MonitoringCheckDue(now.minusSeconds(7200), now.minusSeconds(3600)),
                new MonitoringCheckDue(now, now.plusSeconds(600)));

        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(cluster("empty").getList("checks.objective"))
                                .isEqualTo(List.of("rpo", "rto")));
        JsonPath empty = cluster("empty");
        assertThat(empty.getList("checks.met")).isEqualTo(List.of(false, false));
        assertThat(empty.getString("checks[0].message")).isEqualTo("empty has no backup");
        assertThat(empty.getString("checks[0].target")).isEqualTo("PT15M");
        assertThat(Instant.parse(empty.getString("checks[0].checkedAt")))
                .isAfterOrEqualTo(now.minusSeconds(1));
    }

    @Test
    void aCommitThatNoEventToldOfIsFoundInItsBucket() {
        Instant due = Instant.parse("2026-01-20T02:00:00Z");
        RunId run = Histories.runId("mail", due);
        CommitObject commit =
                Histories.commit(
                        run,
                        Tier.OLTP,
                        new AttemptId("00000000000000c1"),
                        due.plusSeconds(300),
                        false);
        storeAsExecutor(commit, PRIMARY);
        // A topic that ends in a transaction's marker, as the scheduler leaves it, is read to its
        // end all the same.
        RunId skipped = Histories.runId("mail", Instant.parse("2026-01-19T02:00:00Z"));
        sendInTransaction(new BackupSkipped(skipped, Tier.OLTP, due, "missed"));

        try (ObjectStore store =
                S3ObjectStore.open(CairnConfigReader.read(executors).store(PRIMARY))) {
            Fixtures.storeSegments(commit, store, 3, 5, due.plusSeconds(900));
        }

        await().atMost(PATIENCE).until(() -> reconciliation.run() >= 1);

        awaitRun(run, "completed");
        await().atMost(PATIENCE)
                .untilAsserted(() -> {
                    JsonPath mail = cluster("mail");
                    assertThat(mail.getString("wal[0].ranges[0].start")).isEqualTo("0/3000000");
                    assertThat(mail.getString("wal[0].ranges[0].end")).isEqualTo("0/6000000");
                    assertThat(mail.getString("wal[0].ranges[0].recoverableUntil"))
                            .isEqualTo(due.plusSeconds(900).toString());
                });
    }

    @Test
    void aRebuildReproducesWhatTheEventsToldFromTheBucketsAlone() throws SQLException {
        Instant due = Instant.parse("2026-01-21T02:00:00Z");
        RunId run = Histories.runId("jobs", due);
        AttemptId attempt = new AttemptId("00000000000000b1");
        CommitObject commit =
                Histories.commit(run, Tier.OLTP, attempt, due.plusSeconds(300), false);
        storeAsExecutor(commit, PRIMARY);
        storeAsExecutor(commit, SECONDARY);
        publish(
                BackupCompleted.of(commit, Histories.object(commit), PRIMARY),
                new BackupReplicated(
                        run,
                        attempt,
                        PRIMARY,
                        SECONDARY,
                        due.plusSeconds(320),
                        Duration.ofSeconds(20),
                        5,
                        1000),
                new ValidationPassed(
                        run,
                        attempt,
                        SECONDARY,
                        due.plusSeconds(310),
                        due.plusSeconds(340),
                        4,
                        1000,
                        90),
                new BackupLocked(
                        run,
                        attempt,
                        SECONDARY,
                        ObjectLockMode.GOVERNANCE,
                        due.plus(Duration.ofDays(92)),
                        due.plusSeconds(350),
                        7));
        String path = "/api/v1/backups/20260121T020000Z-F?cluster=jobs";
        String records = commit.layout().root().recordsPrefix();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(stores.store(PRIMARY).list(records)).hasSize(3));
        assertThat(locks.of(Tier.OLTP))
                .filteredOn(candidate -> candidate.layout().equals(commit.layout()))
                .singleElement()
                .satisfies(candidate -> {
                    assertThat(candidate.copies()).containsEntry(PRIMARY, Optional.empty());
                    assertThat(candidate.copies().get(SECONDARY))
                            .hasValueSatisfying(lock ->
                                    assertThat(lock.until())
                                            .isEqualTo(due.plus(Duration.ofDays(92))));
                });
        String told = when().get(path).then().statusCode(200).extract().asString();
        // The event log is not read again: what comes back comes from the buckets.
        loseBackups("jobs");
        when().get(path).then().statusCode(404);
        when().get("/api/v1/runs/{run}", run.toString()).then().statusCode(404);

        String id =
                when().post("/api/v1/catalog/rebuild")
                        .then()
                        .statusCode(202)
                        .header("Location", containsString("/api/v1/catalog/rebuild"))
                        .extract()
                        .path("id");

        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        when().get("/api/v1/catalog/rebuild")
                                .then()
                                .statusCode(200)
                                .body("id", equalTo(id))
                                .body("state", equalTo("completed")));
        when().get("/api/v1/catalog/rebuild")
                .then()
                .body("result.backups", greaterThanOrEqualTo(1))
                .body("result.incomplete", hasSize(0))
                .body("objectsRead", greaterThanOrEqualTo(4))
                .body("error", nullValue());
        assertThat(told)
                .contains("\"protected\"", "PT20S", "\"governance\"", "2026-04-23T02:00:00Z");
        assertThat(when().get(path).then().statusCode(200).extract().asString()).isEqualTo(told);
        when().get("/api/v1/runs/{run}", run.toString()).then().body("state", equalTo("completed"));
    }

    @Test
    void aHoldIsPlacedShownAndReleased() {
        Instant due = Instant.parse("2026-01-28T02:00:00Z");
        RunId run = Histories.runId("mail", due);
        AttemptId attempt = new AttemptId("00000000000000b8");
        CommitObject commit =
                Histories.commit(run, Tier.OLTP, attempt, due.plusSeconds(300), false);
        for (StoreName name : List.of(PRIMARY, SECONDARY)) {
            storeAsExecutor(commit, name);
            try (ObjectStore store =
                    S3ObjectStore.open(CairnConfigReader.read(executors).store(name))) {
                Fixtures.put(store, commit.layout().signature(attempt), new byte[1]);
            }
        }
        String wish =
                "{\"cluster\": \"mail\", \"label\": \"%s\", \"reason\": \"case 17\", \"by\": \"alice@desk\"}";

        given().contentType(ContentType.JSON)
                .body(wish.formatted("20200101T000000Z-F"))
                .post("/api/v1/holds")
                .then()
                .statusCode(404)
                .body("code", equalTo("BACKUP_NOT_FOUND"))
                .body("hint", notNullValue());
        String id =
                given().contentType(ContentType.JSON)
                        .body(wish.formatted(run.label()))
                        .post("/api/v1/holds")
                        .then()
                        .statusCode(201)
                        .body("reason", equalTo("case 17"))
                        .body("stores.store", contains("primary", "secondary"))
                        .extract()
                        .path("id");

        awaitHold(id, "placed");
        given().queryParam("reason", "closed")
                .queryParam("by", "bob@desk")
                .delete("/api/v1/holds/{id}", id)
                .then()
                .statusCode(200)
                .body("released.by", equalTo("bob@desk"));
        awaitHold(id, "released");
        when().delete("/api/v1/holds/{id}?reason=closed&by=bob", "0".repeat(32))
                .then()
                .statusCode(404)
                .body("code", equalTo("HOLD_NOT_FOUND"));
    }

    private static void awaitHold(String id, String state) {
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        when().get("/api/v1/holds?cluster=mail")
                                .then()
                                .statusCode(200)
                                .body(
                                        "holds.find {it.id == '" + id + "'}.stores.state",
                                        contains(state, state)));
    }

    @Test
    void aStoreThatWasLeftIsBroughtBackOnRequestAndOnlyOnceTheStoresAreFoundTheSame() {
        String path = "/api/v1/regions/secondary/failback";
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        failback(path, "alice")
                                .statusCode(400)
                                .body("detail", containsString("is in service"))
                                .body("hint", notNullValue()));
        failback("/api/v1/regions/nowhere/failback", "alice")
                .body("code", equalTo("CONFIG_INVALID"));
        given().contentType(ContentType.JSON)
                .body("{}")
                .post(path)
                .then()
                .statusCode(400)
                .body("detail", containsString("by is missing"));

        Instant at = Instant.parse("2026-01-29T02:00:00Z");
        publish(
                new RegionFailedOver(
                        SECONDARY, 7, at, at.plusSeconds(30), List.of("a", "b"), "no answer"));
        awaitRegion(7, false);
        String refused =
                failback(path, "alice")
                        .statusCode(202)
                        .header("Location", containsString(path + "/"))
                        .body("state", equalTo("comparing"))
                        .extract()
                        .path("request");
        assertThat(regionEvents())
                .filteredOn(FailbackRequested.class::isInstance)
                .map(FailbackRequested.class::cast)
                .filteredOn(asked -> asked.request().equals(refused))
                .singleElement()
                .satisfies(asked -> {
                    assertThat(asked.store()).isEqualTo(SECONDARY);
                    assertThat(asked.requestedBy()).isEqualTo("alice");
                });
        publish(
                new FailbackRefused(
                        SECONDARY,
                        refused,
                        at.plusSeconds(60),
                        "2 object(s) differ",
                        2,
                        List.of("a in 'secondary': missing")));

        awaitAnswer(path, refused, "refused")
                .body("reason", equalTo("2 object(s) differ"))
                .body("differences", equalTo(2))
                .body("examples", contains("a in 'secondary': missing"));
        awaitRegion(7, false);

        String granted = failback(path, "alice").statusCode(202).extract().path("request");
        publish(new RegionReturned(SECONDARY, 8, at.plusSeconds(90), 9, granted));

        awaitAnswer(path, granted, "returned").body("objects", equalTo(9));
        awaitRegion(8, true);
    }

    private static ValidatableResponse failback(String path, String by) {
        return given().contentType(ContentType.JSON)
                .body("{\"by\": \"" + by + "\"}")
                .post(path)
                .then();
    }

    private static ValidatableResponse awaitAnswer(String path, String request, String state) {
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        when().get(path + "/" + request)
                                .then()
                                .statusCode(200)
                                .body("state", equalTo(state)));
        return when().get(path + "/" + request).then();
    }

    private static void awaitRegion(int epoch, boolean inService) {
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        when().get("/api/v1/regions")
                                .then()
                                .statusCode(200)
                                .body("epoch", equalTo(epoch))
                                .body(
                                        "stores.find {it.store == 'secondary'}.inService",
                                        equalTo(inService))
                                .body(
                                        "stores.find {it.store == 'primary'}.inService",
                                        equalTo(true)));
    }

    /** What the catalog knows of a cluster's backups, deleted behind its back. */
    private void loseBackups(String cluster) throws SQLException {
        try (Connection connection = postgres.connect("postgres");
                Statement statement = connection.createStatement()) {
            for (String table : List.of("backup", "copy", "backup_record", "run")) {
                int rows =
                        statement.executeUpdate(
                                "DELETE FROM " + table + " WHERE cluster = '" + cluster + "'");
                assertThat(rows).as(table).isPositive();
            }
            statement.execute("DELETE FROM attempt WHERE run LIKE '" + cluster + ":%'");
        }
    }

    @Test
    void metricsTellHowOldTheNewestBackupIs() {
        Instant due = Instant.parse("2026-01-22T02:00:00Z");
        complete("metered", due, "0000000000000091", false);

        await().atMost(PATIENCE)
                .untilAsserted(() -> {
                    String metrics =
                            when().get("/metrics").then().statusCode(200).extract().asString();
                    assertThat(metrics.lines())
                            .anyMatch(line ->
                                    line.startsWith(
                                                    "cairn_last_backup_completed_timestamp_seconds{")
                                            && line.contains("cluster=\"metered\"")
                                            && line.contains("tier=\"oltp\"")
                                            && line.endsWith(
                                                    " "
                                                            + (double)
                                                                    due.plusSeconds(300)
                                                                            .getEpochSecond()))
                            .anyMatch(line ->
                                    line.startsWith("cairn_backup_bytes_stored{")
                                            && line.contains("metered"))
                            .anyMatch(line ->
                                    line.startsWith("cairn_cluster_protected{")
                                            && line.endsWith(" 0.0"))
                            .anyMatch(line -> line.startsWith("cairn_outstanding_runs{"));
                });
    }

    /** A fortieth more each day, of which a restore of ten minutes takes half more in 20 days. */
    @Test
    void aClusterThatGrowsSaysWhenItsRestoreWillTakeLongerThanItMay() {
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        AttemptId attempt = new AttemptId("00000000000000f1");
        for (int days : List.of(8, 4, 0)) {
            Instant due = now.minus(Duration.ofDays(days)).minusSeconds(300);
            RunId run = Histories.runId("growing", due);
            CommitObject commit =
                    Histories.commit(
                            run, Tier.OLTP, attempt, due.plusSeconds(300), false, 1000 - 25 * days);
            publish(BackupCompleted.of(commit, Histories.object(commit), PRIMARY));
        }
        publish(
                drilled(
                        Histories.runId("growing", now.minusSeconds(300)),
                        attempt,
                        now,
                        now,
                        Duration.ofMinutes(10)));

        await().atMost(PATIENCE)
                .untilAsserted(() -> {
                    JsonPath growing = cluster("growing");
                    assertThat(growing.getString("rtoForecast.objectivePassedAt")).isNotNull();
                    assertThat(Instant.parse(growing.getString("rtoForecast.objectivePassedAt")))
                            .isBetween(
                                    now.plus(Duration.ofDays(19)), now.plus(Duration.ofDays(21)));
                    assertThat(Duration.parse(growing.getString("rtoForecast.rto")))
                            .isCloseTo(
                                    Duration.ofMinutes(17).plusSeconds(30), Duration.ofSeconds(5));
                    assertThat(growing.getString("objectives.rto")).isEqualTo("PT15M");
                });
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(when().get("/metrics").asString().lines())
                                .anyMatch(line ->
                                        line.startsWith("cairn_rto_forecast_seconds{")
                                                && line.contains("cluster=\"growing\"")));
    }

    @Test
    void anIdleStreamKeepsItsClusterWithinTheObjectiveAndAStoppedOneDoesNot() {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        Instant stopped = now.minus(Duration.ofMinutes(20));
        Instant due = now.minus(Duration.ofHours(9)).truncatedTo(ChronoUnit.SECONDS);
        complete("idle", due, "0000000000000071", false);
        complete("stalled", due, "0000000000000072", false);
        publish(
                drilled(
                        Histories.runId("idle", due),
                        new AttemptId("0000000000000071"),
                        due.plusSeconds(340),
                        due.plusSeconds(400),
                        Duration.ofSeconds(42)),
                archived("idle", now.minusSeconds(600)),
                archived("stalled", stopped),
                // Nothing is written any more, and the keepalives go on.
                archived("idle", now));

        await().atMost(PATIENCE)
                .untilAsserted(() -> {
                    JsonPath idle = cluster("idle");
                    assertThat(idle.getString("recoverable[0].latest.time"))
                            .isEqualTo(now.toString());
                    assertThat(idle.getString("recoverable[0].latest.lsn")).isEqualTo("0/5000000");
                    assertThat(idle.getString("recoverable[0].store")).isEqualTo("primary");
                    assertThat(idle.getBoolean("recoverable[0].streamed")).isTrue();
                    assertThat(idle.getString("recoverable[0].earliest.lsn"))
                            .isEqualTo("0/2000120");
                    assertThat(idle.getString("recoverable[0].provenBy.label"))
                            .isEqualTo(Histories.runId("idle", due).label().value());
                    assertThat(idle.getString("recoverable[0].provenBy.at"))
                            .isEqualTo(due.plusSeconds(400).toString());
                    assertThat(idle.getString("recoverable[0].provenBy.rto")).isEqualTo("PT42S");
                    assertThat(idle.getString("wal[0].ranges[0].start")).isEqualTo("0/2000000");
                    assertThat(cluster("stalled").getString("recoverable[0].latest.time"))
                            .isEqualTo(stopped.toString());
                    assertThat(when().get("/metrics").asString().lines())
                            .anyMatch(line ->
                                    line.startsWith("cairn_recoverable_until_timestamp_seconds{")
                                            && line.contains("cluster=\"idle\"")
                                            && line.contains("store=\"primary\"")
                                            && Double.parseDouble(line.split(" ")[1])
                                                    == now.toEpochMilli() / 1000.0);
                });

        publish(new MonitoringCheckDue(Instant.now(), now.plusSeconds(600)));

        await().atMost(PATIENCE)
                .untilAsserted(() -> {
                    assertThat(recoveryPoint("idle")).containsEntry("met", true);
                    assertThat(recoveryPoint("stalled"))
                            .containsEntry("met", false)
                            .hasEntrySatisfying(
                                    "message",
                                    message ->
                                            assertThat(message.toString())
                                                    .contains(
                                                            "WAL to 0/5000000 in store 'primary'",
                                                            "tier oltp allows 15 min"));
                });
    }

    private static Map<String, Object> recoveryPoint(String cluster) {
        return cluster(cluster).<Map<String, Object>>getList("checks").stream()
                .filter(check -> check.get("objective").equals("rpo"))
                .findFirst()
                .orElse(Map.of());
    }

    private static WalArchived archived(String cluster, Instant until) {
        return new WalArchived(
                new ClusterName(cluster),
                Tier.OLTP,
                Histories.SYSTEM,
                new Timeline(1),
                Optional.empty(),
                PRIMARY,
                Lsn.parse("0/2000000"),
                Lsn.parse("0/5000000"),
                Optional.of(until),
                until);
    }

    @Test
    void backupsWhoseKeysWereShreddedAreSaidToBe() {
        Instant due = Instant.parse("2026-01-06T02:00:00Z");
        complete("burnt", due, "00000000000000b1", false);
        complete("burnt", due.plus(Duration.ofDays(1)), "00000000000000b2", false);
        // Another cluster, of the same system: a copy of the server that goes by a name of its own.
        complete("spared", due, "00000000000000b3", false);
        Instant at = due.plus(Duration.ofHours(1));
        ClusterRoot root = new ClusterRoot(new ClusterName("burnt"), Histories.SYSTEM);
        stores.store(SECONDARY)
                .putIfAbsent(Shredded.key(root), ObjectBody.of(new Shredded(at, "kim", 3).toJson()))
                .orThrow();

        shreddedKeys.look();

        JsonPath all = page("/api/v1/backups?cluster=burnt");
        assertThat(all.getList("items.state")).containsExactly("complete", "shredded");
        assertThat(all.getString("items[1].shredded.by")).isEqualTo("kim");
        assertThat(page("/api/v1/backups?cluster=burnt&state=shredded").getList("items.label"))
                .containsExactly("20260106T020000Z-F");
        assertThat(page("/api/v1/backups?cluster=burnt&state=complete").getList("items.label"))
                .containsExactly("20260107T020000Z-F");
        assertThat(page("/api/v1/backups?cluster=spared").getList("items.state"))
                .containsExactly("complete");
        assertThat(page("/api/v1/backups?cluster=spared&state=complete").getList("items.label"))
                .containsExactly("20260106T020000Z-F");
        assertThat(page("/api/v1/backups?state=shredded").getList("items.cluster"))
                .containsExactly("burnt");
        assertThat(cluster("burnt").getString("unprotectedBecause"))
                .isEqualTo("no backup is verified yet");
    }

    @Test
    void aBackupWhoseKeysWereShreddedIsNoRecoveryPoint() {
        Instant due = Instant.now().truncatedTo(ChronoUnit.SECONDS).minusSeconds(360);
        RunId run = Histories.runId("ashes", due);
        complete("ashes", due, "00000000000000b4", false);
        publish(
                new ValidationPassed(
                        run,
                        new AttemptId("00000000000000b4"),
                        PRIMARY,
                        due.plusSeconds(310),
                        due.plusSeconds(320),
                        4,
                        1000,
                        90),
                new MonitoringCheckDue(due, Instant.now().plusSeconds(600)));
        await().atMost(PATIENCE)
                .untilAsserted(() -> {
                    assertThat(recoveryPoint("ashes")).containsEntry("met", true);
                    assertThat(cluster("ashes").getString("lastVerifiedBackup.label"))
                            .isEqualTo(run.label().value());
                });
        ClusterRoot root = new ClusterRoot(run.cluster(), Histories.SYSTEM);
        stores.store(SECONDARY)
                .putIfAbsent(
                        Shredded.key(root),
                        ObjectBody.of(new Shredded(Instant.now(), "kim@desk", 1).toJson()))
                .orThrow();

        shreddedKeys.look();

        assertThat(cluster("ashes").getString("lastBackup.label")).isEqualTo(run.label().value());
        assertThat(cluster("ashes").getString("lastVerifiedBackup")).isNull();
        publish(new MonitoringCheckDue(Instant.now(), Instant.now().plusSeconds(600)));
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(recoveryPoint("ashes"))
                                .containsEntry("met", false)
                                .hasEntrySatisfying(
                                        "message",
                                        message ->
                                                assertThat(message.toString())
                                                        .contains("its keys were shredded")));
    }

    /** Where the server knows no tags, as this one, the round asks for them and says so. */
    @Test
    void whatWasDrilledInOneStoreGoesToTheArchiveInTheOther() {
        Instant due = Instant.parse("2026-01-24T02:00:00Z");
        CommitObject proven = snapshot(due, "00000000000000c4");
        CommitObject other = snapshot(due.plus(Duration.ofDays(1)), "00000000000000c5");
        CommitObject alone = snapshot(due.plus(Duration.ofDays(2)), "00000000000000c6");
        for (CommitObject commit : List.of(proven, other)) {
            storeAsExecutor(commit, SECONDARY);
            publish(
                    new BackupReplicated(
                            commit.run(),
                            commit.attempt(),
                            PRIMARY,
                            SECONDARY,
                            due,
                            Duration.ofSeconds(20),
                            5,
                            1000));
        }
        for (CommitObject commit : List.of(proven, alone)) {
            Instant at = commit.completedAt();
            publish(drilled(commit.run(), commit.attempt(), at, at, Duration.ofSeconds(42)));
        }

        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(drilledCopies.of(Tier.OLAP, PRIMARY))
                                .containsExactlyInAnyOrder(copy(proven), copy(alone)));
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(drilledCopies.of(Tier.OLAP, SECONDARY))
                                .containsExactly(copy(proven)));
        assertThat(drilledCopies.of(Tier.CONTENT, SECONDARY)).isEmpty();
        assertThatThrownBy(archives::release).isInstanceOf(CairnException.class);
        assertThat(proxy.requests())
                .filteredOn(request -> request.operation() == StoreOperation.TAG)
                .isNotEmpty()
                .allSatisfy(request -> {
                    assertThat(request.bucket()).isEqualTo("cairn-b");
                    assertThat(request.accessKeyId()).isEqualTo("catalog");
                    assertThat(request.key())
                            .startsWith(proven.layout().attemptPrefix(proven.attempt()));
                });
    }

    /** The facts of a snapshot of tier olap in the primary store. */
    private CommitObject snapshot(Instant due, String attempt) {
        RunId run = new RunId(new ClusterName("lake"), BackupLabel.of(due, BackupKind.SNAPSHOT));
        CommitObject commit =
                Histories.commit(
                        run, Tier.OLAP, new AttemptId(attempt), due.plusSeconds(300), false);
        publish(BackupCompleted.of(commit, Histories.object(commit), PRIMARY));
        return commit;
    }

    private static DrilledCopy copy(CommitObject commit) {
        return new DrilledCopy(commit.layout(), commit.attempt());
    }

    @Test
    void itIsReadyWhenEverythingAnswers() {
        await().atMost(PATIENCE)
                .untilAsserted(() -> when().get("/q/health/ready").then().statusCode(200));
        when().get("/q/health/live").then().statusCode(200);
    }

    @Test
    void theDescriptionOfTheApiIsTheOneThatIsCheckedIn() throws Exception {
        String served = when().get("/q/openapi").then().statusCode(200).extract().asString();
        if (Boolean.getBoolean("cairn.docs.update")) {
            Files.createDirectories(OPENAPI.getParent());
            Files.writeString(OPENAPI, served);
        }

        assertThat(served)
                .as(
                        "run with -Dcairn.docs.update=true and look at what changed in docs/openapi.yaml")
                .isEqualTo(Files.readString(OPENAPI));
    }

    private void publish(CairnEvent... events) {
        for (CairnEvent event : events) {
            publisher.publish(event);
        }
    }

    /** With the executor's credential: the catalog's own may not. */
    private void storeAsExecutor(CommitObject commit, StoreName name) {
        try (ObjectStore store =
                S3ObjectStore.open(CairnConfigReader.read(executors).store(name))) {
            Fixtures.store(commit, store);
        }
    }

    private void complete(String cluster, Instant due, String attempt, boolean damaged) {
        RunId run = Histories.runId(cluster, due);
        CommitObject commit =
                Histories.commit(
                        run, Tier.OLTP, new AttemptId(attempt), due.plusSeconds(300), damaged);
        publish(BackupCompleted.of(commit, Histories.object(commit), PRIMARY));
        awaitRun(run, "completed");
    }

    private static RestoreDrillCompleted drilled(
            RunId run, AttemptId attempt, Instant startedAt, Instant completedAt, Duration rto) {
        return new RestoreDrillCompleted(
                run,
                attempt,
                PRIMARY,
                startedAt,
                completedAt,
                rto,
                POLICY.rto(),
                2,
                20,
                1000,
                true,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private static void awaitRun(RunId run, String state) {
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        when().get("/api/v1/runs/{run}", run.toString())
                                .then()
                                .statusCode(200)
                                .body("state", equalTo(state)));
    }

    private static JsonPath cluster(String name) {
        return page("/api/v1/clusters/" + name);
    }

    private static JsonPath page(String path) {
        return when().get(path).then().statusCode(200).extract().jsonPath();
    }

    private static ValidatableResponse request(String key, String body) {
        return given().contentType(ContentType.JSON)
                .header("Idempotency-Key", key)
                .body(body)
                .post("/api/v1/backups")
                .then();
    }

    private void send(String topic, String key, String value) {
        Map<String, Object> config = Map.of("bootstrap.servers", kafka.bootstrapServers());
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(
                    new ProducerRecord<>(
                            topic,
                            key.getBytes(StandardCharsets.UTF_8),
                            value.getBytes(StandardCharsets.UTF_8)));
        }
    }

    private void sendInTransaction(CairnEvent event) {
        ProducerRecord<String, byte[]> record =
                EventCodec.encode(EventEnvelope.of(event, "/cairn/test", Instant.now()));
        Map<String, Object> config =
                Map.of(
                        "bootstrap.servers",
                        kafka.bootstrapServers(),
                        "transactional.id",
                        "catalog-it");
        try (KafkaProducer<String, byte[]> producer =
                new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(record);
            producer.commitTransaction();
        }
    }

    private ConsumerRecord<byte[], byte[]> awaitRecord(String topic, String value) {
        return await().atMost(PATIENCE)
                .until(
                        () ->
                                records(topic).stream()
                                        .filter(record ->
                                                new String(record.value(), StandardCharsets.UTF_8)
                                                        .equals(value))
                                        .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    private List<RegionEvent> regionEvents() {
        return records(Topics.REGIONS).stream()
                .map(record -> EventCodec.decode(record).orElseThrow().data())
                .map(RegionEvent.class::cast)
                .toList();
    }

    private List<BackupRequested> requests() {
        return records(Topics.REQUESTS).stream()
                .map(record -> EventCodec.decode(record).orElseThrow().data())
                .map(BackupRequested.class::cast)
                .toList();
    }

    /** Everything a topic holds. */
    private List<ConsumerRecord<byte[], byte[]>> records(String topic) {
        Map<String, Object> config = Map.of("bootstrap.servers", kafka.bootstrapServers());
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions =
                    consumer.partitionsFor(topic).stream()
                            .map(partition -> new TopicPartition(topic, partition.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            while (ends.entrySet().stream()
                    .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
            }
            return records;
        }
    }
}
