package io.cairn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cairn.archive.key.KeyAlgorithm;
import io.cairn.archive.key.KeyFiles;
import io.cairn.config.CairnConfigReader;
import io.cairn.model.Json;
import io.cairn.model.StoreName;
import io.cairn.model.archival.VolumeKey;
import io.cairn.model.backup.CommitObject;
import io.cairn.restore.fixture.SyntheticBackup;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.s3.S3ObjectStore;
import io.cairn.testing.s3.S3Simulator;
import io.cairn.testing.s3.SimulatedBucket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A backup of which the only copy is in GLACIER, in a store whose hours are seconds. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ThawIT {

    private static final int SPEED = 600;

    @TempDir private static Path folder = Path.of("");

    private final Instant start = Instant.now();
    private S3Simulator server;
    private SimulatedBucket bucket;
    private String config = "";
    private int volumes;

    @BeforeAll
    void start() throws IOException {
        server = S3Simulator.start(this::fastClock);
        bucket = server.lockingBucket("archive");
        KeyFiles.create(
                folder.resolve("keys"),
                "test",
                KeyAlgorithm.EC_P256,
                "changeit".toCharArray(),
                Instant.now(),
                Duration.ofDays(1));
        Files.writeString(folder.resolve("password"), "changeit");
        Files.writeString(folder.resolve("secret"), "AKIDSIMULATED");
        config =
                Files.writeString(
                                folder.resolve("cairn.yaml"),
                                """
                                stores:
                                  archive: {bucket: archive, endpoint: "%s", accessKeyId: "file:secret", secretAccessKey: "file:secret"}
                                keys:
                                  trustAnchor: keys/authority.pem
                                  identity: {file: keys/recipient.p12, password: "file:password"}
                                tiers:
                                  oltp: {copies: [archive]}
                                  content: {copies: [archive]}
                                  queue: {copies: [archive]}
                                  olap: {copies: [archive]}
                                """
                                        .formatted(server.endpoint()))
                        .toString();
        TestKeys keys =
                TestKeys.read(new KeyFiles(folder.resolve("keys")), "changeit".toCharArray());
        try (ObjectStore store =
                S3ObjectStore.open(
                        CairnConfigReader.read(Path.of(config)).store(new StoreName("archive")))) {
            CommitObject commit = new SyntheticBackup().storeIn(store, keys);
            store.list(commit.layout().attemptPrefix(commit.attempt()))
                    .map(ObjectInfo::key)
                    .filter(key -> VolumeKey.parse(key).isPresent())
                    .forEach(key -> {
                        bucket.transition(key.value(), "GLACIER");
                        volumes++;
                    });
        }
        assertThat(volumes).isGreaterThan(5);
    }

    private Instant fastClock() {
        return start.plus(Duration.between(start, Instant.now()).multipliedBy(SPEED));
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @Test
    void aRestoreSaysWhatIsThawedThawsItWhenToldToAndGoesOn() throws Exception {
        Path target = folder.resolve("restored");
        long changes = bucket.changes();

        Run plan = restore(target, "--dry-run", "-o", "json");
        Run refused = restore(target);

        JsonNode thaw = Json.mapper().readTree(plan.out()).at("/plan/thaw");
        assertThat(plan.exit()).as(plan.err()).isZero();
        assertThat(thaw.get("objects").asInt()).isEqualTo(volumes);
        assertThat(thaw.get("longestSeconds").asLong()).isEqualTo(300);
        assertThat(thaw.at("/shares/0/storageClass").asText()).isEqualTo("GLACIER");
        assertThat(refused.exit()).isEqualTo(4);
        assertThat(refused.err())
                .contains(
                        "first thaw " + volumes + " objects",
                        "from GLACIER in store 'archive': expedited retrieval, up to 5 min 00 s",
                        "have to be thawed first",
                        "hint: add --yes");
        assertThat(target).doesNotExist();
        assertThat(bucket.changes()).isEqualTo(changes);

        Run restored = restore(target, "--yes");

        assertThat(restored.exit()).as(restored.err()).isZero();
        for (var file : new SyntheticBackup().files().entrySet()) {
            assertThat(target.resolve(file.getKey())).hasBinaryContent(file.getValue());
        }
        Run again = restore(folder.resolve("again"), "--dry-run");
        assertThat(again.out()).as("it stays readable for days").doesNotContain("thaw");
    }

    private Run restore(Path target, String... more) {
        String[] arguments = {
            "restore",
            "--config",
            config,
            "--cluster",
            "shop",
            "--thaw-tier",
            "expedited",
            "--target-dir",
            target.toString(),
            "--tablespace-map",
            "/srv/fast disk=" + target.resolveSibling(target.getFileName() + "-fast")
        };
        String[] all = Arrays.copyOf(arguments, arguments.length + more.length);
        System.arraycopy(more, 0, all, arguments.length, more.length);
        return Run.cairn(all);
    }
}
