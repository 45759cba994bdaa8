package io.cairn.catalog.retention;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import io.cairn.catalog.CatalogServers;
import io.cairn.config.CairnConfigReader;
import io.cairn.model.BackupKind;
import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.record.Tombstone;
import io.cairn.service.storage.Stores;
import io.cairn.storage.ObjectStore;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** Through the API, in real buckets, with no more rights than the catalog has. */
@QuarkusTest
@QuarkusTestResource(CatalogServers.class)
class RetentionIT {

    private static final ClusterName CLUSTER = new ClusterName("old");

    @Inject Stores stores;

    @ConfigProperty(name = CatalogServers.EXECUTORS_CONFIG)
    Path executors;

    @Test
    void whatIsConfirmedExpiresInBothStoresAndNothingElse() {
        Instant begin = Instant.now().truncatedTo(ChronoUnit.DAYS).minus(Duration.ofDays(200));
        ObjectStore primary;
        ObjectStore secondary;
        CommitObject full;
        CommitObject first;
        CommitObject second;
        CommitObject base;
        CommitObject newest;
        try (var written = Stores.of(CairnConfigReader.read(executors))) {
            StoredCluster cluster =
                    new StoredCluster(
                            CLUSTER,
                            begin,
                            List.of(
                                    written.store(new StoreName("primary")),
                                    written.store(new StoreName("secondary"))));
            full = cluster.backup(BackupKind.FULL, 2, Optional.empty());
            first = cluster.backup(BackupKind.INCREMENTAL, 3, Optional.of(full));
            second = cluster.backup(BackupKind.INCREMENTAL, 4, Optional.of(first));
            cluster.until(5);
            cluster.now = begin.plus(Duration.ofDays(105));
            base = cluster.backup(BackupKind.FULL, 2, Optional.empty());
            cluster.until(6);
            cluster.now = begin.plus(Duration.ofDays(199));
            newest = cluster.backup(BackupKind.FULL, 2, Optional.empty());
            cluster.until(8);
        }
        primary = stores.store(new StoreName("primary"));
        secondary = stores.store(new StoreName("secondary"));
        new StoredCluster().prove(newest, primary);

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
        given().contentType(ContentType.JSON)
                .body(
                        Map.of(
                                "tiers",
                                List.of(
                                        Map.of(
                                                "tier", "oltp",
                                                "retention", "PT1H",
                                                "pointInTimeWindow", "PT1H",
                                                "copies", List.of("primary", "nowhere")))))
                .post("/api/v1/policies/simulations")
                .then()
                .statusCode(400)
                .body("hint", containsString("primary"));
    }

    private static Response expire(String plan) {
        return given().contentType(ContentType.JSON)
                .body(Map.of("cluster", "old", "plan", plan))
                .post("/api/v1/retention/expirations");
    }

    private static ObjectKey wal(int day) {
        return new StoredCluster(CLUSTER, Instant.EPOCH, List.of()).key(StoredCluster.segment(day));
    }

    private static boolean exists(ObjectStore store, ObjectKey key) {
        return store.list(key.value()).anyMatch(info -> info.key().equals(key));
    }
}
