package io.cairn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cairn.config.CairnConfigReader;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Json;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.Timeline;
import io.cairn.model.archival.ThawState;
import io.cairn.model.archival.VolumeKey;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.WalLayout;
import io.cairn.postgres.server.LocalServer;
import io.cairn.restore.fixture.RealBackup;
import io.cairn.restore.fixture.SourceServer;
import io.cairn.restore.fixture.SyntheticBackup;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.restore.fixture.WalArchive;
import io.cairn.storage.ObjectBody;
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
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Backups of which the only copy is in GLACIER, in a store whose hours are seconds. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ThawIT {

    private static final int SPEED = 600;
    private static final String CRM = "crm";
    private static final SegmentSize SEGMENT = new SegmentSize(1 << 20);

    @TempDir private static Path folder = Path.of("");

    private final Instant start = Instant.now();
    private S3Simulator server;
    private SimulatedBucket bucket;
    private TestKeys keys;
    private ObjectStore store;
    private String config = "";
    private int volumes;

    @BeforeAll
    void start() throws IOException {
        server = S3Simulator.start(this::fastClock);
        bucket = server.lockingBucket("archive");
        keys = KeyFolder.create(folder, "keys");
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
        store =
                S3ObjectStore.open(
                        CairnConfigReader.read(Path.of(config)).store(new StoreName("archive")));
        CommitObject commit = new SyntheticBackup().storeIn(store, keys);
        store.list(commit.layout().attemptPrefix(commit.attempt()))
                .map(ObjectInfo::key)
                .filter(key -> VolumeKey.parse(key).isPresent())
                .forEach(key -> {
                    bucket.transition(key.value(), "GLACIER");
                    volumes++;
                });
        assertThat(volumes).isGreaterThan(5);
    }

    private Instant fastClock() {
        return start.plus(Duration.between(start, Instant.now()).multipliedBy(SPEED));
    }

    @AfterAll
    void stop() {
        store.close();
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
        Run archived = verify();
        assertThat(archived.exit()).as(archived.out()).isEqualTo(4);
        assertThat(archived.out()).doesNotContain("FAILED");
        assertThat(archived.err())
                .contains("the copy in 'archive' is not verified", "is in an archive class")
                .contains("hint: verify another copy with --store; cairn restore thaws this one");

        Run restored = restore(target, "--yes");

        assertThat(restored.exit()).as(restored.err()).isZero();
        Run thawed = verify();
        assertThat(thawed.exit()).as(thawed.err()).isZero();
        for (var file : new SyntheticBackup().files().entrySet()) {
            assertThat(target.resolve(file.getKey())).hasBinaryContent(file.getValue());
        }
        Run again = restore(folder.resolve("again"), "--dry-run");
        assertThat(again.out()).as("it stays readable for days").doesNotContain("thaw");
    }

    /** Volumes by Cairn's rule, and the WAL by one that the bucket's owner made besides. */
    @Test
    void oneDatabaseOfAnArchivedClusterComesBackWithItsWal(@TempDir Path source) throws Exception {
        CommitObject commit = storeCluster(source);
        List<ObjectKey> volumes = volumes(commit);
        List<ObjectKey> wal = wal(commit);
        volumes.forEach(key -> bucket.transition(key.value(), "GLACIER"));
        wal.forEach(key -> bucket.transition(key.value(), "GLACIER"));
        assertThat(wal).isNotEmpty();
        whatCannotBePlannedIsRefusedInOneLine(commit);
        Path target = folder.resolve("one");
        long changes = bucket.changes();

        Run plan = restore(CRM, target, "--database", "wanted", "--dry-run", "-o", "json");
        Run refused = restore(CRM, target, "--database", "wanted");

        assertThat(plan.exit()).as(plan.err()).isZero();
        JsonNode json = Json.mapper().readTree(plan.out()).at("/plan");
        assertThat(json.get("whole").asBoolean()).isFalse();
        assertThat(json.at("/thaw/objects").asInt())
                .as("WAL, and of the volumes what is needed whichever databases come back")
                .isBetween(2, volumes.size() + wal.size() - 2);
        assertThat(refused.exit()).isEqualTo(4);
        assertThat(refused.err())
                .contains(
                        "first thaw ",
                        "then plan again with what can be read only after that",
                        " objects of WAL are archived, first crm/",
                        "hint: take wal/ and pieces/ out of that rule",
                        "hint: add --yes");
        assertThat(target).doesNotExist();
        assertThat(bucket.changes()).isEqualTo(changes);

        Run restored = restore(CRM, target, "--database", "wanted", "--yes");

        assertThat(restored.exit()).as(restored.err()).isZero();
        assertThat(restored.err().split("first thaw ", -1)).as(restored.err()).hasSize(3);
        assertThat(restored.err())
                .contains("only databases postgres, template0, template1, wanted; the 1 others");
        assertThat(restored.out()).contains("it is on timeline 2");
        try (Stream<Path> left = Files.list(target.resolve("base"))) {
            assertThat(left).as("three of initdb's, and one").hasSize(4);
        }
        assertThat(volumes.stream().filter(key -> isArchived(key)))
                .as("the other database's volumes stay where they are")
                .isNotEmpty();
    }

    private void whatCannotBePlannedIsRefusedInOneLine(CommitObject commit) {
        Run point = restore(CRM, folder.resolve("never"), "--target-name", "before");
        ObjectKey history = new WalLayout(commit.layout().root()).history(new Timeline(2));
        store.putIfAbsent(history, ObjectBody.of(new byte[] {1})).orThrow();
        bucket.transition(history.value(), "DEEP_ARCHIVE");
        Run noHistory = restore(CRM, folder.resolve("never"), "--database", "wanted");
        bucket.lose(history.value());

        assertThat(point.exit()).as(point.err()).isEqualTo(4);
        assertThat(point.err())
                .contains("has to be looked for in WAL that is archived")
                .contains("hint: give --target-time or --target-lsn");
        assertThat(noHistory.exit()).as(noHistory.err()).isEqualTo(4);
        assertThat(noHistory.err())
                .contains("no recovery can be planned without " + history)
                .contains("hint: thaw it by hand");
    }

    private CommitObject storeCluster(Path source) throws Exception {
        try (LocalServer server = SourceServer.start(source, 18)) {
            for (String database : List.of("wanted", "other")) {
                server.execute("postgres", "CREATE DATABASE " + database);
                server.execute(
                        database,
                        "CREATE TABLE t AS SELECT md5(random()::text) FROM generate_series(1, 100000)");
            }
            CommitObject commit =
                    RealBackup.take(
                            server,
                            new ClusterName(CRM),
                            new BackupLabel("20261122T030000Z-F"),
                            store,
                            keys);
            server.execute(
                    "wanted", "INSERT INTO t SELECT md5(n::text) FROM generate_series(1, 40000) n");
            Lsn from = SEGMENT.startOf(commit.startLsn());
            Timeline first = new Timeline(1);
            new WalArchive(store, keys, commit.layout().root(), SEGMENT, first, from)
                    .everything(server, first, from);
            return commit;
        }
    }

    private List<ObjectKey> volumes(CommitObject commit) {
        return commit.archives().stream()
                .flatMap(archive -> archive.volumes().stream())
                .map(volume -> volume.object().key())
                .toList();
    }

    private List<ObjectKey> wal(CommitObject commit) {
        WalLayout layout = new WalLayout(commit.layout().root());
        return Stream.of(layout.walPrefix(), layout.piecesPrefix())
                .flatMap(store::list)
                .map(ObjectInfo::key)
                .toList();
    }

    private boolean isArchived(ObjectKey key) {
        return store.head(key).orElseThrow().thaw() instanceof ThawState.Archived;
    }

    private Run verify() {
        return Run.cairn("verify", "--config", config, "shop:" + SyntheticBackup.LABEL.value());
    }

    private Run restore(Path target, String... more) {
        return restore("shop", target, more);
    }

    private Run restore(String cluster, Path target, String... more) {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "restore",
                                "--config",
                                config,
                                "--cluster",
                                cluster,
                                "--thaw-tier",
                                "expedited",
                                "--target-dir",
                                target.toString()));
        if (!cluster.equals(CRM)) {
            all.add("--tablespace-map");
            all.add("/srv/fast disk=" + target.resolveSibling(target.getFileName() + "-fast"));
        }
        all.addAll(List.of(more));
        return Run.cairn(all.toArray(String[]::new));
    }
}
