package io.cairn.storage.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.WalLayout;
import io.cairn.model.wal.WalSegment;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectContent;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.ObjectStores;
import io.cairn.storage.PutOptions;
import io.cairn.storage.PutOutcome;
import io.cairn.storage.StoreCapability;
import io.cairn.storage.StoreProbe;
import io.cairn.storage.s3.S3ObjectStore;
import io.cairn.storage.s3.S3Settings;
import io.cairn.storage.s3.StoreConfigs;
import io.cairn.testing.S3Server;
import io.cairn.testing.StoreFault;
import io.cairn.testing.StoreOperation;
import io.cairn.testing.StoreProxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each principal with a credential of its own, through a proxy that enforces the policies as they
 * stand.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StoreRightsIT {

    private static final S3Settings QUICK = S3Settings.DEFAULT.retrying(2, Duration.ofMillis(10));
    private static final byte[] BYTES = new byte[200_000];

    private final Random random = new Random();
    private final Map<Principal, ObjectStore> stores = new EnumMap<>(Principal.class);
    private S3Server server;
    private StoreProxy proxy;
    private ObjectStore administrator;
    private BackupLayout layout;
    private AttemptId attempt;

    @BeforeAll
    void start(@TempDir Path directory) {
        server = S3Server.in(directory.resolve("s3")).buckets("bucket").start();
        proxy = StoreProxy.before(server.endpoint());
        for (Principal principal : Principal.values()) {
            String accessKeyId = "AKID" + principal.name().replace("_", "");
            proxy.grant(accessKeyId, PolicyRights.of(principal));
            stores.put(
                    principal,
                    S3ObjectStore.open(
                            StoreConfigs.of(
                                    proxy.endpoint(), directory, "bucket", accessKeyId, "secret"),
                            QUICK));
        }
        administrator = S3ObjectStore.open(StoreConfigs.of(server, directory, "bucket"), QUICK);
    }

    @AfterAll
    void stop() {
        stores.values().forEach(ObjectStore::close);
        administrator.close();
        proxy.close();
        server.close();
    }

    @BeforeEach
    void chooseCluster() {
        ClusterName cluster = new ClusterName("c" + random.nextInt(Integer.MAX_VALUE));
        layout =
                new BackupLayout(
                        new ClusterRoot(cluster, SystemIdentifier.parse("7412345678901234567")),
                        new BackupLabel("20261122T020000Z-F"));
        attempt = AttemptId.random(random);
        proxy.heal();
    }

    private ObjectStore as(Principal principal) {
        return stores.get(principal);
    }

    private ObjectKey segment() {
        return new ObjectKey(
                layout.root().prefix() + "wal/00000001/000000010000000000000003.gz.cms");
    }

    private List<ObjectKey> everything() {
        return List.of(
                layout.volume(attempt, "base.tar", 0),
                layout.manifest(attempt),
                layout.index(attempt),
                layout.wrappedKey(attempt),
                layout.signature(attempt),
                layout.commit(),
                segment());
    }

    private void storeEverything() {
        everything().forEach(key -> administrator.putIfAbsent(key, ObjectBody.of(BYTES)).orThrow());
    }

    @Test
    void theExecutorStoresABackupAndCanNeitherReadVolumesNorDelete() {
        ObjectStore executor = as(Principal.EXECUTOR);

        everything()
                .forEach(key ->
                        assertThat(executor.putIfAbsent(key, ObjectBody.of(BYTES)))
                                .isInstanceOf(PutOutcome.Created.class));

        assertThat(executor.list(layout.prefix())).hasSize(5);
        assertThat(executor.read(layout.commit(), BYTES.length)).hasSize(BYTES.length);
        assertThat(executor.read(layout.manifest(attempt), BYTES.length)).hasSize(BYTES.length);
        refused(() -> read(executor, layout.volume(attempt, "base.tar", 0)));
        refused(() -> read(executor, layout.index(attempt)));
        refused(() -> read(executor, segment()));
        refused(() -> read(executor, layout.wrappedKey(attempt)));
        everything().forEach(key -> refused(() -> executor.delete(key)));
        refused(() ->
                executor.putIfAbsent(
                        layout.root().record("holds", "x", "1"), ObjectBody.of(BYTES)));
        assertThat(administrator.list(layout.root().prefix())).hasSize(7);
    }

    @Test
    void theExecutorRecognisesItsVolumeAfterALostAnswerThoughItMayNotReadIt() {
        ObjectKey volume = layout.volume(attempt, "base.tar", 0);
        proxy.inject(
                new StoreFault.LoseResponse(),
                1,
                StoreFault.on(StoreOperation.CREATE, volume.value()));

        assertThat(as(Principal.EXECUTOR).putIfAbsent(volume, ObjectBody.of(BYTES)))
                .isInstanceOf(PutOutcome.AlreadyPresent.class);
    }

    @Test
    void theCatalogReadsPlainObjectsWritesRecordsAndExpires() {
        storeEverything();
        ObjectStore catalog = as(Principal.CATALOG);
        ObjectKey tombstone = layout.root().record("tombstones", layout.label().value(), "1");

        assertThat(catalog.list(layout.prefix())).hasSize(5);
        assertThat(catalog.read(layout.commit(), BYTES.length)).hasSize(BYTES.length);
        refused(() -> read(catalog, layout.volume(attempt, "base.tar", 0)));
        refused(() -> read(catalog, layout.wrappedKey(attempt)));
        refused(() ->
                catalog.putIfAbsent(layout.volume(attempt, "base.tar", 1), ObjectBody.of(BYTES)));
        catalog.putIfAbsent(tombstone, ObjectBody.of(BYTES)).orThrow();
        everything().forEach(catalog::delete);
        refused(() -> catalog.delete(tombstone));

        assertThat(administrator.list(layout.root().prefix()).map(info -> info.key()))
                .containsExactly(tombstone);
    }

    @Test
    void theValidatorReadsAllAndWritesNothing() {
        storeEverything();
        ObjectStore validator = as(Principal.VALIDATOR);

        everything()
                .forEach(
                        key -> assertThat(validator.read(key, BYTES.length)).hasSize(BYTES.length));
        refused(() ->
                validator.putIfAbsent(layout.volume(attempt, "base.tar", 1), ObjectBody.of(BYTES)));
        refused(() ->
                validator.putIfAbsent(
                        layout.root().record("drills", "x", "1"), ObjectBody.of(BYTES)));
        everything().forEach(key -> refused(() -> validator.delete(key)));
    }

    @Test
    void replicationCreatesAndReplacesOnBothSidesAndDeletesOnNone() {
        storeEverything();
        ObjectKey volume = layout.volume(attempt, "base.tar", 0);
        int number = 1;
        for (Principal side : List.of(Principal.REPLICATION_SOURCE, Principal.REPLICATION_TARGET)) {
            ObjectStore store = as(side);
            ObjectKey created = layout.volume(attempt, "base.tar", number++);

            refused(() -> store.delete(volume));
            assertThat(ObjectStores.copy(administrator, volume, store))
                    .isInstanceOf(PutOutcome.AlreadyPresent.class);
            assertThat(store.putIfAbsent(created, ObjectBody.of(BYTES)))
                    .isInstanceOf(PutOutcome.Created.class);
            assertThat(
                            store.replace(
                                    store.head(created).orElseThrow(),
                                    ObjectBody.of(new byte[] {1}),
                                    PutOptions.NONE))
                    .isInstanceOf(PutOutcome.Created.class);
            administrator.delete(created);
        }
    }

    @Test
    void walFlowsBackToTheSourceAndTheCatalogKnowsItsTimeButNotItsBytes() {
        WalLayout wal = new WalLayout(layout.root());
        ObjectKey segment = wal.segment(new WalSegment(new Timeline(1), 1, SegmentSize.DEFAULT));
        ObjectKey key = wal.wrappedKey(new Timeline(1), new Lsn(0x1000000), "0".repeat(32));
        ObjectStore source = as(Principal.REPLICATION_SOURCE);
        ObjectStore catalog = as(Principal.CATALOG);

        assertThat(source.putIfAbsent(segment, ObjectBody.of(BYTES)))
                .isInstanceOf(PutOutcome.Created.class);
        assertThat(source.putIfAbsent(key, ObjectBody.of(BYTES)))
                .isInstanceOf(PutOutcome.Created.class);
        assertThat(catalog.head(segment)).isPresent();
        refused(() -> read(catalog, segment));
        refused(() -> catalog.head(key));
        administrator.delete(segment);
        administrator.delete(key);
    }

    @Test
    void theOperatorReadsAllCreatesKeysAndProbes() {
        storeEverything();
        ObjectStore operator = as(Principal.OPERATOR);

        everything()
                .forEach(key -> assertThat(operator.read(key, BYTES.length)).hasSize(BYTES.length));
        assertThat(
                        operator.putIfAbsent(
                                layout.wrappedKey(AttemptId.random(random)), ObjectBody.of(BYTES)))
                .isInstanceOf(PutOutcome.Created.class);
        refused(() ->
                operator.putIfAbsent(layout.volume(attempt, "base.tar", 1), ObjectBody.of(BYTES)));
        everything().forEach(key -> refused(() -> operator.delete(key)));

        StoreProbe.Report report = StoreProbe.run(operator, random);
        assertThat(report.usable()).as(report.toString()).isTrue();
        assertThat(administrator.list(StoreProbe.PREFIX)).isEmpty();
    }

    @Test
    void theProbeSaysWhatRemainsWhereItMayNotDelete() {
        proxy.grant("AKIDOPERATOR", (operation, key) -> operation != StoreOperation.DELETE);

        StoreProbe.Report report = StoreProbe.run(as(Principal.OPERATOR), random);
        proxy.grant("AKIDOPERATOR", PolicyRights.of(Principal.OPERATOR));

        List<ObjectKey> remaining =
                administrator.list(StoreProbe.PREFIX).map(info -> info.key()).toList();
        assertThat(remaining).hasSize(1);
        assertThat(report.findings().get(StoreCapability.DELETE).toString())
                .contains(remaining.getFirst().value())
                .contains("remains");
        administrator.delete(remaining.getFirst());
    }

    @Test
    void nobodyOverwritesWhatIsThere() {
        storeEverything();
        for (Principal principal : List.of(Principal.EXECUTOR, Principal.REPLICATION_TARGET)) {
            assertThat(as(principal).putIfAbsent(layout.commit(), ObjectBody.of(new byte[1])))
                    .isInstanceOf(PutOutcome.Different.class);
        }
        assertThat(administrator.read(layout.commit(), BYTES.length)).isEqualTo(BYTES);
    }

    private static void read(ObjectStore store, ObjectKey key) {
        try (ObjectContent content = store.get(key)) {
            assertThat(content.length()).isPositive();
        }
    }

    private static void refused(ThrowingCallable attempt) {
        assertThatThrownBy(attempt)
                .isInstanceOfSatisfying(
                        CairnException.class,
                        error ->
                                assertThat(error.code())
                                        .as(error.messageWithHint())
                                        .isEqualTo(ErrorCode.STORE_ACCESS_DENIED));
    }
}
