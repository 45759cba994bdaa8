package io.cairn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cairn.config.CairnConfigReader;
import io.cairn.model.StoreName;
import io.cairn.restore.fixture.SyntheticBackup;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.s3.S3ObjectStore;
import io.cairn.testing.s3.S3Simulator;
import io.cairn.testing.s3.SimulatedBucket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The command on a store that enforces the locks that the tier's policy asks for. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LockedStoreIT {

    @TempDir private static Path folder = Path.of("");

    private S3Simulator server;
    private SimulatedBucket bucket;
    private Path config = Path.of("");

    @BeforeAll
    void start() throws IOException {
        server = S3Simulator.start(InstantSource.system());
        bucket = server.lockingBucket("locked");
        TestKeys keys = KeyFolder.create(folder, "keys");
        KeyFolder.create(folder, "new");
        Files.writeString(folder.resolve("secret"), "AKIDSIMULATED");
        config = config("keys");
        try (ObjectStore store =
                S3ObjectStore.open(CairnConfigReader.read(config).store(new StoreName("locked")))) {
            new SyntheticBackup().storeIn(store, keys);
        }
    }

    private Path config(String recipient) throws IOException {
        return Files.writeString(
                folder.resolve("for-" + recipient + ".yaml"),
                """
                clusters:
                  shop: {tier: oltp, hosts: ["127.0.0.1:1"], tls: {mode: disable}}
                stores:
                  locked: {bucket: locked, endpoint: "%s", accessKeyId: "file:secret", secretAccessKey: "file:secret"}
                keys:
                  recipients: [%s/recipient.pem]
                  trustAnchor: keys/authority.pem
                  identity: {file: keys/recipient.p12, password: "file:password"}
                tiers:
                  oltp: {copies: [locked], lock: compliance}
                  content: {copies: [locked]}
                  queue: {copies: [locked]}
                  olap: {copies: [locked]}
                """
                        .formatted(server.endpoint(), recipient));
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @Test
    void whatARotationWritesIsLockedFromItsFirstByte() throws Exception {
        List<String> before = bucket.keys();

        Run rotated =
                Run.cairn(
                        "key",
                        "rotate",
                        "shop",
                        "--config",
                        config("new").toString(),
                        "--proof-identity",
                        folder.resolve("new/recipient.p12").toString(),
                        "--proof-password",
                        "file:" + folder.resolve("password"));

        assertThat(rotated.exit()).as(rotated.err()).isZero();
        List<String> wraps = bucket.keys().stream().filter(key -> !before.contains(key)).toList();
        assertThat(wraps).isNotEmpty().allMatch(key -> key.contains("/keys/"));
        for (String wrap : wraps) {
            assertThat(bucket.lockedUntil(wrap).orElseThrow())
                    .isCloseTo(
                            Instant.now().plus(Duration.ofDays(3)), within(1, ChronoUnit.MINUTES));
        }
    }

    @Test
    void theCheckNamesABucketsLimitOnLocksAndLeavesNothing() {
        List<String> before = bucket.keys();

        bucket.limitLocks(Optional.of(Duration.ofDays(31)));

        Run refused = Run.cairn("check", "shop", "--config", config.toString());

        bucket.limitLocks(Optional.empty());
        assertThat(refused.exit()).isNotZero();
        assertThat(refused.out())
                .contains(
                        "tiers.oltp.lock: compliance, for 92 days, and the bucket takes none of more than 31",
                        "hint: raise the limit in the bucket's policy (s3:object-lock-remaining-retention-days)",
                        "tiers.oltp.retention");
        assertThat(bucket.keys()).isEqualTo(before);
    }
}
