package io.cairn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.config.CairnConfigReader;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.s3.S3ObjectStore;
import io.cairn.testing.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What an operator sees of stores that are empty, missing, closed or away. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StoresIT {

    @TempDir private static Path folder = Path.of("");

    private S3Server server;

    @BeforeAll
    void start() throws IOException {
        server =
                S3Server.in(folder.resolve("s3"))
                        .credential("cairn", "secret-of-the-store")
                        .buckets("backups", "copies")
                        .start();
        KeyFolder.create(folder, "keys");
        Files.writeString(folder.resolve("right"), "secret-of-the-store");
        Files.writeString(folder.resolve("wrong"), "not-the-secret");
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @Test
    void anEmptyBucketHasNoBackups() throws IOException {
        Run run =
                Run.cairn(
                        "--config",
                        config("backups", "right", server.endpoint().toString()),
                        "list");

        assertThat(run).isEqualTo(new Run(0, "No backups.\n", ""));
    }

    @Test
    void jsonNamesItsSchema() throws IOException {
        Run run =
                Run.cairn(
                        "list",
                        "-o",
                        "json",
                        "--config",
                        config("backups", "right", server.endpoint().toString()));

        assertThat(run.exit()).isZero();
        assertThat(run.out()).contains("\"schema\" : \"cairn.cli.v1\"", "\"backups\" : [ ]");
    }

    @Test
    void aMissingBucketIsNotFound() throws IOException {
        Run run =
                Run.cairn(
                        "--config",
                        config("nothere", "right", server.endpoint().toString()),
                        "list");

        assertThat(run.exit()).isEqualTo(6);
        assertThat(run.err().lines()).singleElement().asString().contains("nothere", "hint: ");
    }

    @Test
    void aWrongSecretIsAnErrorThatDoesNotShowIt() throws IOException {
        Run run =
                Run.cairn(
                        "--config",
                        config("backups", "wrong", server.endpoint().toString()),
                        "list");

        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.err().lines())
                .singleElement()
                .asString()
                .contains("hint: ")
                .doesNotContain("not-the-secret");
    }

    @Test
    void aStoreThatIsAwayIsUnreachable() throws IOException {
        Run run = Run.cairn("--config", config("backups", "right", "http://127.0.0.1:1"), "list");

        assertThat(run.exit()).isEqualTo(8);
        assertThat(run.err().lines()).singleElement().asString().contains("127.0.0.1:1", "hint: ");
    }

    @Test
    void aBackupThatIsNotThereIsNotFound() throws IOException {
        String config = config("backups", "right", server.endpoint().toString());

        assertThat(Run.cairn("--config", config, "show", "shop:20261122T020000Z-F").exit())
                .isEqualTo(6);
        assertThat(Run.cairn("--config", config, "show", "shop:latest").exit()).isEqualTo(6);
        assertThat(Run.cairn("--config", config, "verify", "shop:latest").exit()).isEqualTo(6);
    }

    @Test
    void aRestoreIntoADirectoryInUseIsRefused() throws IOException {
        Path target = Files.createDirectories(folder.resolve("full"));
        Files.writeString(target.resolve("somebody's file"), "kept");

        Run run =
                Run.cairn(
                        "--config",
                        config("backups", "right", server.endpoint().toString()),
                        "restore",
                        "--cluster",
                        "shop",
                        "--target-dir",
                        target.toString());

        assertThat(run.exit()).isEqualTo(4);
        assertThat(run.err()).contains("not empty", "hint: ");
        assertThat(target.resolve("somebody's file")).hasContent("kept");
    }

    @Test
    void checkFindsWhatTheBucketCanDoAndAClusterThatIsAway() throws IOException {
        Run run =
                Run.cairn(
                        "--config",
                        config("backups", "right", server.endpoint().toString()),
                        "check");

        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.out())
                .contains("store primary", "ok      conditional put", "FAILED  reach", "hint: ");
    }

    @Test
    void whatTwoStoresDoNotHaveInCommonIsToldAndLeftAsItIs() throws IOException {
        String config = twoStores();
        assertThat(Run.cairn("--config", config, "replicate", "verify").exit()).isZero();
        ObjectKey both = put("000000010000000000000001", "primary", "secondary");
        ObjectKey missing = put("000000010000000000000002", "primary");

        Run status = Run.cairn("--config", config, "replicate", "status", "shop");
        assertThat(status.exit()).isZero();
        assertThat(status.out())
                .containsPattern("shop +primary +0 ")
                .containsPattern("shop +secondary +1 ");
        assertThat(Run.cairn("--config", config, "replicate", "verify", "--all").out())
                .contains("the same", "1 objects are on their way");

        Path damaged = server.files("copies").resolve(both.value());
        Files.writeString(damaged, "WAL of 1, flipped");
        Run verify = Run.cairn("--config", config, "replicate", "verify", "shop", "--all");
        assertThat(verify.exit()).isEqualTo(9);
        assertThat(verify.out()).contains("1 damaged", "damaged   " + both, "in 'secondary'");
        assertThat(damaged).hasContent("WAL of 1, flipped");
        assertThat(server.files("copies").resolve(missing.value())).doesNotExist();
        assertThat(Run.cairn("--config", config, "replicate", "verify", "nobody").exit())
                .isEqualTo(6);
        assertThat(
                        Run.cairn(
                                        "--config",
                                        config("backups", "right", server.endpoint().toString()),
                                        "replicate",
                                        "status")
                                .err())
                .contains("one store only", "hint: ");
    }

    private ObjectKey put(String segment, String... stores) throws IOException {
        ObjectKey key =
                new ObjectKey("shop/7300000000000000001/wal/00000001/" + segment + ".gz.cms");
        for (String name : stores) {
            try (ObjectStore store =
                    S3ObjectStore.open(
                            CairnConfigReader.read(Path.of(twoStores()))
                                    .store(new StoreName(name)))) {
                store.putIfAbsent(
                        key, ObjectBody.of("WAL of 1, as it was".substring(0, 17).getBytes(UTF_8)));
            }
        }
        return key;
    }

    private String twoStores() throws IOException {
        String one =
                Files.readString(Path.of(config("backups", "right", server.endpoint().toString())));
        String store =
                one.lines().filter(line -> line.contains("primary: {")).findFirst().orElseThrow();
        String two =
                one.replace(
                                store,
                                store
                                        + "\n"
                                        + store.replace("primary", "secondary")
                                                .replace("bucket: backups", "bucket: copies"))
                        .replace(
                                "oltp: {copies: [primary]}",
                                "oltp: {copies: [primary, secondary]}");
        return Files.writeString(folder.resolve("cairn-two.yaml"), two).toString();
    }

    private String config(String bucket, String secret, String endpoint) throws IOException {
        String text =
                """
                clusters:
                  shop:
                    tier: oltp
                    hosts: ["127.0.0.1:1"]
                    user: cairn
                    database: postgres
                    tls: {mode: disable}
                stores:
                  primary: {bucket: %s, region: us-east-1, endpoint: "%s", pathStyle: true, accessKeyId: "file:%s", secretAccessKey: "file:%s"}
                keys:
                  recipients: [keys/recipient.pem]
                  trustAnchor: keys/authority.pem
                  identity: {file: keys/recipient.p12, password: "file:%s"}
                tiers:
                  oltp: {copies: [primary]}
                  content: {copies: [primary]}
                  queue: {copies: [primary]}
                  olap: {copies: [primary]}
                """
                        .formatted(
                                bucket,
                                endpoint,
                                Files.writeString(folder.resolve("id"), "cairn"),
                                folder.resolve(secret),
                                folder.resolve("password"));
        return Files.writeString(folder.resolve("cairn-" + bucket + secret + ".yaml"), text)
                .toString();
    }
}
