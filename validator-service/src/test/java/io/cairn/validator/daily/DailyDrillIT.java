package io.cairn.validator.daily;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.config.CairnConfig;
import io.cairn.config.CairnConfigReader;
import io.cairn.events.CairnEvent;
import io.cairn.events.DrillDue;
import io.cairn.events.DrillSkipped;
import io.cairn.events.RestoreDrillCompleted;
import io.cairn.events.ValidationFailed;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.StoreName;
import io.cairn.model.Timeline;
import io.cairn.model.archival.StorageClass;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.WalLayout;
import io.cairn.postgres.server.LocalServer;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.fixture.RealBackup;
import io.cairn.restore.fixture.SourceServer;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.restore.fixture.WalArchive;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStores;
import io.cairn.storage.PutOptions;
import io.cairn.validator.proof.Proof;
import io.cairn.validator.proof.TestProof;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real backup with the WAL behind it, in three stores. */
class DailyDrillIT {

    private static final TestKeys KEYS = TestKeys.create();
    private static final ClusterName SHOP = new ClusterName("shop");
    private static final SegmentSize SEGMENT = new SegmentSize(1 << 20);
    private static final Timeline FIRST = new Timeline(1);
    private static final StoreName ARCHIVED = new StoreName("archived");
    private static final StoreName DAMAGED = new StoreName("damaged");
    private static final StoreName SOUND = new StoreName("sound");

    @TempDir private Path directory;

    private final Map<StoreName, FakeObjectStore> stores = new LinkedHashMap<>();
    private final List<CairnEvent> facts = new ArrayList<>();

    @Test
    void whereOneStoreDoesNotLeadToTheMomentTheNextOneDoes() throws Exception {
        CommitObject commit = backupInEveryStore();
        commit.archives().stream()
                .flatMap(archive -> archive.volumes().stream())
                .forEach(volume ->
                        store(ARCHIVED).transition(volume.object().key(), StorageClass.GLACIER));
        WalLayout wal = new WalLayout(commit.layout().root());
        Stream.of(wal.walPrefix(), wal.piecesPrefix())
                .flatMap(prefix -> store(DAMAGED).list(prefix).toList().stream())
                .map(ObjectInfo::key)
                .forEach(key ->
                        store(DAMAGED)
                                .damage(
                                        key,
                                        bytes -> {
                                            bytes[bytes.length / 2] ^= 1;
                                            return bytes;
                                        }));

        Instant due = Instant.now();
        validation()
                .run(
                        new DrillDue(
                                SHOP,
                                ARCHIVED,
                                DrillDue.Work.POINT_IN_TIME,
                                due,
                                due.plus(Duration.ofDays(1)),
                                Optional.empty(),
                                Optional.empty()),
                        facts::add);

        assertThat(facts).as("%s", facts).hasSize(3);
        assertThat(facts.get(0))
                .isInstanceOfSatisfying(
                        DrillSkipped.class,
                        skipped -> {
                            assertThat(skipped.store()).isEqualTo(ARCHIVED);
                            assertThat(skipped.reason()).contains("is archived");
                        });
        assertThat(facts.get(1))
                .isInstanceOfSatisfying(
                        ValidationFailed.class,
                        failed -> {
                            assertThat(failed.store()).isEqualTo(DAMAGED);
                            assertThat(failed.stage()).isEqualTo(ValidationFailed.DRILL);
                            assertThat(failed.message())
                                    .containsAnyOf(wal.walPrefix(), wal.piecesPrefix());
                        });
        assertThat(facts.get(2))
                .isInstanceOfSatisfying(
                        RestoreDrillCompleted.class,
                        drilled -> {
                            assertThat(drilled.store()).isEqualTo(SOUND);
                            assertThat(drilled.pointInTime()).isPresent();
                        });
    }

    private CommitObject backupInEveryStore() throws Exception {
        Stream.of(ARCHIVED, DAMAGED, SOUND)
                .forEach(name -> stores.put(name, FakeObjectStore.plain(name.value())));
        CommitObject commit;
        try (LocalServer server = SourceServer.startWithoutTemplates(directory, 18)) {
            commit =
                    RealBackup.take(
                            server,
                            SHOP,
                            new BackupLabel("20261122T020000Z-F"),
                            store(SOUND),
                            KEYS);
            server.execute("postgres", "CREATE TABLE t AS SELECT generate_series(1, 20000) AS n");
            Lsn from = SEGMENT.startOf(commit.startLsn());
            new WalArchive(store(SOUND), KEYS, commit.layout().root(), SEGMENT, FIRST, from)
                    .everything(server, FIRST, from);
        }
        for (ObjectInfo object : store(SOUND).list("").toList()) {
            for (StoreName other : List.of(ARCHIVED, DAMAGED)) {
                ObjectStores.copy(store(SOUND), object.key(), store(other), PutOptions.NONE)
                        .orThrow();
            }
        }
        return commit;
    }

    private FakeObjectStore store(StoreName name) {
        return stores.get(name);
    }

    private DailyValidation validation() throws Exception {
        CairnConfig config =
                CairnConfigReader.read(
                        Files.writeString(
                                directory.resolve("cairn.yaml"),
                                """
                                clusters:
                                  shop: {tier: oltp, hosts: ["127.0.0.1:1"], tls: {mode: disable}}
                                stores:
                                  archived: {bucket: a}
                                  damaged: {bucket: b}
                                  sound: {bucket: c}
                                tiers:
                                  oltp: {copies: [archived, damaged, sound]}
                                  content: {copies: [sound]}
                                  queue: {copies: [sound]}
                                  olap: {copies: [sound]}
                                """));
        Proof proof = TestProof.with(KEYS, directory.resolve("scratch"));
        return new DailyValidation(
                config,
                name -> new BackupReader(stores.get(name), KEYS.trustAnchor()),
                proof,
                new RereadSettings(Duration.ofDays(30), 1L << 40),
                InstantSource.system());
    }
}
