package io.cairn.catalog.retention;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.nullValue;

import io.cairn.catalog.CatalogServers;
import io.cairn.catalog.Histories;
import io.cairn.config.CairnConfigReader;
import io.cairn.events.BackupCompleted;
import io.cairn.events.BackupLocked;
import io.cairn.events.BackupReplicated;
import io.cairn.events.RetentionCleanupDue;
import io.cairn.model.BackupKind;
import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.policy.ObjectLockMode;
import io.cairn.model.record.Tombstone;
import io.cairn.service.events.EventPublisher;
import io.cairn.service.storage.Stores;
import io.cairn.storage.ObjectStore;
import io.cairn.testing.StoreFault;
import io.cairn.testing.StoreProxy;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** Through the API, in real buckets, with no more rights than the catalog has. */
@QuarkusTest
@QuarkusTestResource(CatalogServers.class)
class RetentionIT {

    private static final ClusterName CLUSTER = new ClusterName("old");
    private static final Instant BEGIN =
            Instant.now().truncatedTo(ChronoUnit.DAYS).minus(Duration.ofDays(200));
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private StoreProxy proxy;

    @Inject Stores stores;

    @Inject EventPublisher publisher;

    @Inject MeterRegistry meters;

    @ConfigProperty(name = CatalogServers.EXECUTORS_CONFIG)
    Path executors;

    @Test
    void whatIsConfirmedExpiresInBothStoresAndNothingElse() {
        ObjectStore primary;
        ObjectStore secondary;
        CommitObject full;
        CommitObject first;
        CommitObject second;
        CommitObject base;
        CommitObject newest;
        try (var written = Stores.of(CairnConfigReader.read(executors))) {
            StoredCluster cluster = new StoredCluster(CLUSTER, BEGIN, both(written));
            cluster.tier = Tier.CONTENT;
            full = cluster.backup(BackupKind.FULL, 2, Optional.empty());
            first = cluster.backup(BackupKind.INCREMENTAL, 3, Optional.of(full));
            cluster.until(1);
            second = cluster.backup(BackupKind.INCREMENTAL, 4, Optional.of(first));
            cluster.until(5);
            cluster.now = BEGIN.plus(Duration.ofDays(105));
            base = cluster.backup(BackupKind.FULL, 2, Optional.empty());
            cluster.until(6);
            cluster.now = BEGIN.plus(Duration.ofDays(199));
            newest = cluster.backup(BackupKind.FULL, 2, Optional.empty());
            cluster.until(8);
        }
        primary = stores.store(new StoreName("primary"));
        secondary = stores.store(new StoreName("secondary"));
        new StoredCluster().prove(newest, primary);

        when().get("/api/v1/retention/clusters")
                .then()
                .statusCode(200)
                .body("clusters", hasItems("old", "shop", "tidy"));
        JsonPath shown =
                when().get("/api/v1/retention/plans?cluster=old")
                        .then()
                        .statusCode(200)
                        .body("lives[0].removed.backups", equalTo(3))
                        .extract()
                        .jsonPath();
        expire("0".repeat(64))
                .then()
                .statusCode(400)
                .body("code", equalTo("PLAN_CHANGED"))
                .body("hint", containsString("cairn expire old"));
        assertThat(exists(primary, full.layout().commit())).isTrue();

        given().contentType(ContentType.JSON)
                .body(Map.of("cluster", "old", "plan", shown.getString("plan"), "guarded", true))
                .post("/api/v1/retention/expirations")
                .then()
                .statusCode(200)
                .body("lives[0].outcome", equalTo("held"))
                .body("lives[0].message", containsString("removed at once"));
        assertThat(exists(primary, full.layout().commit())).isTrue();
        expire(shown.getString("plan"))
                .then()
                .statusCode(200)
                .body("lives[0].outcome", equalTo("applied"))
                .body("lives[0].expired.size()", equalTo(3));

        for (ObjectStore store : List.of(primary, secondary)) {
            for (CommitObject gone : List.of(full, first, second)) {
                assertThat(store.list(gone.layout().prefix())).isEmpty();
                assertThat(exists(store, gone.key().key())).isFalse();
                assertThat(exists(store, Tombstone.key(gone.layout().root(), gone.label())))
                        .isTrue();
            }
            for (CommitObject kept : List.of(base, newest)) {
                assertThat(kept.parts()).allMatch(part -> exists(store, part.key()));
                assertThat(exists(store, kept.layout().commit())).isTrue();
            }
            assertThat(exists(store, wal(0))).isFalse();
            assertThat(exists(store, wal(4))).isFalse();
            assertThat(exists(store, wal(5))).isTrue();
        }
        when().get("/api/v1/retention/plans?cluster=old")
                .then()
                .statusCode(200)
                .body("lives[0].backups.size()", equalTo(2))
                .body("lives[0].removed.backups", equalTo(0))
                .body("lives[0].removed.walObjects", equalTo(0));
        simulate(Map.of("tier", "oltp", "copies", List.of("primary", "nowhere")))
                .statusCode(400)
                .body("hint", containsString("primary"));
        aChangedPolicyIsTried(base, newest);
    }

    private void aChangedPolicyIsTried(CommitObject base, CommitObject newest) {
        List<ObjectStore> both = both(stores);
        List<Set<String>> before = both.stream().map(RetentionIT::kept).toList();
        Instant longer = Instant.now().truncatedTo(ChronoUnit.DAYS).plus(Duration.ofDays(400));
        for (CommitObject commit : List.of(base, newest)) {
            publisher.publish(
                    BackupCompleted.of(commit, Histories.object(commit), Histories.PRIMARY));
            publisher.publish(
                    new BackupReplicated(
                            commit.run(),
                            commit.attempt(),
                            Histories.PRIMARY,
                            Histories.SECONDARY,
                            commit.completedAt().plusSeconds(20),
                            Duration.ofSeconds(20),
                            5,
                            1000));
        }
        publisher.publish(
                new BackupLocked(
                        newest.run(),
                        newest.attempt(),
                        Histories.SECONDARY,
                        ObjectLockMode.GOVERNANCE,
                        longer,
                        newest.completedAt().plusSeconds(30),
                        7));
        String old = "clusters.find {it.cluster == 'old'}.";
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        simulate(Map.of("lock", "compliance"))
                                .statusCode(200)
                                .body(old + "locks.size()", equalTo(2))
                                .body(old + "locks[1].now.mode", equalTo("governance")));

        simulate(Map.of("lock", "compliance"))
                .body(old + "now.lives[0].backups.decision", contains("keep", "keep"))
                .body(old + "then.lives[0].backups.decision", contains("expire", "keep"))
                .body(old + "then.lives[0].removed.backups", equalTo(1))
                .body(old + "locks.label", everyItem(equalTo(newest.label().value())))
                .body(old + "locks.store", contains("primary", "secondary"))
                .body(old + "locks[0].now", nullValue())
                .body(old + "locks[0].then.mode", equalTo("compliance"))
                // The retention, and the longest chain.
                .body(
                        old + "locks[0].then.until",
                        equalTo(newest.label().due().plus(Duration.ofDays(30 + 2)).toString()))
                .body(old + "locks[1].now.until", equalTo(longer.toString()))
                .body(old + "locks[1].then.mode", equalTo("compliance"))
                .body(old + "locks[1].then.until", equalTo(longer.toString()));
        simulate(Map.of("lock", "none"))
                .body(old + "locks.store", contains("secondary"))
                .body(old + "locks[0].then.mode", equalTo("governance"));
        simulate(Map.of("lock", "compliance", "retention", "PT875990H"))
                .statusCode(400)
                .body("code", equalTo("CONFIG_INVALID"))
                .body("hint", containsString("36500 days"));
        simulate(Map.of("lock", "firm")).statusCode(400).body("code", equalTo("NAME_INVALID"));
        assertThat(both.stream().map(RetentionIT::kept).toList()).isEqualTo(before);
    }

    /**
     * Of the tier with the clusters of this test, 30 days in both stores, but for what is named.
     */
    private static ValidatableResponse simulate(Map<String, Object> changed) {
        Map<String, Object> tier = new HashMap<>();
        tier.put("tier", "content");
        tier.put("retention", "PT720H");
        tier.put("pointInTimeWindow", "PT1H");
        tier.put("copies", List.of("primary", "secondary"));
        tier.putAll(changed);
        return given().contentType(ContentType.JSON)
                .body(Map.of("tiers", List.of(tier)))
                .post("/api/v1/policies/simulations")
                .then();
    }

    /** Backups, WAL and what tells that they are gone; proofs come when they come. */
    private static Set<String> kept(ObjectStore store) {
        return store.list("old/")
                .map(info -> info.key().value())
                .filter(key -> !key.contains("/records/") || key.contains("/tombstones/"))
                .collect(Collectors.toSet());
    }

    @Test
    void aDueCleanUpIsDoneAgainUntilItsStoreAnswers() {
        ClusterName tidy = new ClusterName("tidy");
        CommitObject first;
        CommitObject newest;
        try (var written = Stores.of(CairnConfigReader.read(executors))) {
            StoredCluster cluster = new StoredCluster(tidy, BEGIN, both(written));
            first = cluster.backup(BackupKind.FULL, 2, Optional.empty());
            cluster.until(1);
            cluster.now = BEGIN.plus(Duration.ofDays(105));
            cluster.backup(BackupKind.FULL, 2, Optional.empty());
            cluster.until(2);
            cluster.now = BEGIN.plus(Duration.ofDays(199));
            newest = cluster.backup(BackupKind.FULL, 2, Optional.empty());
        }
        List<ObjectStore> both = both(stores);
        new StoredCluster().prove(newest, both.getFirst());
        publisher.publish(
                BackupCompleted.of(first, Histories.object(first), new StoreName("primary")));
        proxy.injectAlways(
                new StoreFault.Refuse(503, "SlowDown"),
                request -> request.bucket().equals("cairn-b") && request.key().startsWith("tidy"));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(known(first)).isEqualTo(200));
        try {
            Instant due = Instant.now();
            publisher.publish(new RetentionCleanupDue(due, due.plus(PATIENCE)));

            await().atMost(PATIENCE).until(() -> failures(tidy) >= 1);
            assertThat(exists(both.getFirst(), first.layout().commit())).isTrue();
            assertThat(both.getFirst().list(Tombstone.prefix(first.layout().root()))).isEmpty();
        } finally {
            proxy.heal();
        }

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(known(first)).isEqualTo(404));
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(both)
                                .allSatisfy(store ->
                                        assertThat(store.list(first.layout().prefix())).isEmpty()));
        assertThat(both)
                .allSatisfy(store ->
                        assertThat(
                                        exists(
                                                store,
                                                Tombstone.key(
                                                        first.layout().root(), first.label())))
                                .isTrue());
    }

    /** The status with which the catalog answers for it: what has expired is no backup. */
    private static int known(CommitObject commit) {
        return when().get(
                        "/api/v1/backups/{label}?cluster={cluster}",
                        commit.label().value(),
                        commit.cluster().value())
                .statusCode();
    }

    private double failures(ClusterName cluster) {
        return meters
                .find("cairn_retention_failures_total")
                .tag("cluster", cluster.value())
                .counters()
                .stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    private static Response expire(String plan) {
        return given().contentType(ContentType.JSON)
                .body(Map.of("cluster", "old", "plan", plan))
                .post("/api/v1/retention/expirations");
    }

    private static ObjectKey wal(int day) {
        return new StoredCluster(CLUSTER, Instant.EPOCH, List.of()).key(StoredCluster.segment(day));
    }

    private static List<ObjectStore> both(Stores stores) {
        return List.of(
                stores.store(new StoreName("primary")), stores.store(new StoreName("secondary")));
    }

    private static boolean exists(ObjectStore store, ObjectKey key) {
        return store.list(key.value()).anyMatch(info -> info.key().equals(key));
    }
}
