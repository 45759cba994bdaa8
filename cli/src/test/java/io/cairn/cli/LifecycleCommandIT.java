package io.cairn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cairn.model.Json;
import io.cairn.testing.s3.S3Simulator;
import io.cairn.testing.s3.SimulatedBucket;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What buckets are made to do by the policies, and what they are found unable to do. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LifecycleCommandIT {

    private static final String LOGS =
            "<Rule><ID>logs</ID><Status>Enabled</Status><Filter><Prefix>logs/</Prefix></Filter>"
                    + "<Expiration><Days>7</Days></Expiration></Rule>";
    private static final String EVERYTHING =
            "<Rule><ID>clean-up</ID><Status>Enabled</Status><Filter><Prefix></Prefix></Filter>"
                    + "<Expiration><Days>20</Days></Expiration></Rule>";

    @TempDir private static Path folder = Path.of("");

    private S3Simulator server;
    private int buckets;

    @BeforeAll
    void start() throws IOException {
        server = S3Simulator.start(InstantSource.system());
        server.plainBucket("plain");
        server.lockingBucket("locking");
        KeyFolder.create(folder, "keys");
        Files.writeString(folder.resolve("secret"), "AKIDSIMULATED");
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @Test
    void whatThePolicyArchivesIsShownThenAppliedThenThere() throws IOException {
        String name = "archive-" + ++buckets;
        SimulatedBucket bucket = server.plainBucket(name);
        String config = config(name, "none");

        Run show = Run.cairn("--config", config, "lifecycle", "show");
        Run dry = Run.cairn("--config", config, "lifecycle", "apply");
        assertThat(bucket.lifecycle()).isEmpty();
        Run applied = Run.cairn("--config", config, "lifecycle", "apply", "--confirm");
        Run again = Run.cairn("--config", config, "lifecycle", "show", "archive", "-o", "json");

        assertThat(show.exit()).as(show.err()).isZero();
        assertThat(show.out())
                .contains(
                        "store archive",
                        "+ cairn-content-glacier  cairn-object=volume, cairn-tier=content: to GLACIER after 30d (to be set)",
                        "store primary\n  no rules, and none wanted");
        assertThat(dry.exit()).isZero();
        assertThat(dry.err()).contains("Nothing was changed", "hint: --confirm");
        assertThat(applied.exit()).as(applied.err()).isZero();
        assertThat(applied.out()).contains("cairn-olap-snapshot-deep-archive", "(now set)");
        assertThat(bucket.lifecycle())
                .get()
                .asString()
                .contains("<StorageClass>DEEP_ARCHIVE</StorageClass>", "cairn-drilled")
                .doesNotContain("Expiration");
        JsonNode view = Json.mapper().readTree(again.out()).at("/lifecycle/0");
        assertThat(view.get("present")).hasSize(2);
        assertThat(view.get("added")).isEmpty();
    }

    @Test
    void rulesOfOthersStayAsTheyAre() throws Exception {
        String name = "archive-" + ++buckets;
        SimulatedBucket bucket = server.plainBucket(name);
        put(name, LOGS);

        Run applied =
                Run.cairn("--config", config(name, "none"), "lifecycle", "apply", "--confirm");

        assertThat(applied.exit()).as(applied.err()).isZero();
        assertThat(bucket.lifecycle())
                .get()
                .asString()
                .contains("<ID>logs</ID>", "<Days>7</Days>", "cairn-content-glacier");
    }

    @Test
    void aBucketWhoseRulesExpireBackupsIsLeftAlone() throws Exception {
        String name = "archive-" + ++buckets;
        SimulatedBucket bucket = server.plainBucket(name);
        put(name, LOGS + EVERYTHING);
        Optional<String> before = bucket.lifecycle();
        String config = config(name, "none");

        Run applied = Run.cairn("--config", config, "lifecycle", "apply", "--confirm");
        Run show = Run.cairn("--config", config, "lifecycle", "show");

        assertThat(applied.exit()).isEqualTo(4);
        assertThat(applied.err().lines())
                .singleElement()
                .asString()
                .contains(
                        "rule 'clean-up' expires objects after 20d",
                        "before their retention",
                        "hint: ");
        assertThat(bucket.lifecycle()).isEqualTo(before);
        assertThat(show.exit()).isEqualTo(1);
        assertThat(show.out()).contains("DANGER  rule 'clean-up'");
    }

    @Test
    void aLockOnABucketThatDoesNotEnforceItIsRefused() throws IOException {
        Run plain = Run.cairn("--config", config("plain", "compliance"), "check", "library");
        Run locking = Run.cairn("--config", config("locking", "governance"), "check", "library");

        assertThat(plain.exit()).isEqualTo(1);
        assertThat(plain.out())
                .contains(
                        "warning object lock",
                        "FAILED  lock                   tiers.content.lock: compliance, and the bucket does not enforce it",
                        "hint: create the bucket with Object Lock");
        assertThat(locking.out())
                .contains(
                        "ok      object lock            enforces Object Lock",
                        "ok      lock                   tiers.content.lock: governance",
                        "ok      archive                tier content archives in GLACIER after 30d",
                        "ok      copies                 copies from store 'primary' by itself");
        assertThat(locking.out().lines().filter(line -> line.startsWith("  FAILED  lock")))
                .hasSize(1);
    }

    private void put(String bucket, String rules) throws IOException, InterruptedException {
        String document =
                "<LifecycleConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                        + rules
                        + "</LifecycleConfiguration>";
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> response =
                    client.send(
                            HttpRequest.newBuilder(
                                            URI.create(
                                                    server.endpoint()
                                                            + "/"
                                                            + bucket
                                                            + "?lifecycle"))
                                    .PUT(HttpRequest.BodyPublishers.ofString(document))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        }
    }

    private String config(String archive, String lock) throws IOException {
        server.plainBucket("primary");
        String store =
                "{bucket: %s, endpoint: \"%s\", accessKeyId: \"file:secret\", secretAccessKey: \"file:secret\"}";
        String text =
                """
                clusters:
                  library: {tier: content, hosts: ["127.0.0.1:1"], tls: {mode: disable}}
                stores:
                  primary: %s
                  secondary: %s
                  archive: %s
                keys:
                  recipients: [keys/recipient.pem]
                  trustAnchor: keys/authority.pem
                  identity: {file: keys/recipient.p12, password: "file:password"}
                tiers:
                  content: {lock: %s}
                  oltp: {copies: [primary]}
                  queue: {copies: [primary]}
                """
                        .formatted(
                                store.formatted("primary", server.endpoint()),
                                store.formatted("secondary", server.endpoint()),
                                store.formatted(archive, server.endpoint()),
                                lock);
        return Files.writeString(folder.resolve(archive + ".yaml"), text).toString();
    }
}
