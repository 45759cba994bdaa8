package io.cairn.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.config.StoreConfig;
import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectContent;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.PutOptions;
import io.cairn.storage.PutOutcome;
import io.cairn.testing.S3Server;
import io.cairn.testing.StoreFault;
import io.cairn.testing.StoreOperation;
import io.cairn.testing.StoreProxy;
import io.cairn.testing.TestCertificates;
import io.cairn.testing.TestProcesses;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowingConsumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** How the adapter behaves when the store, the network or the configuration does not. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class S3ObjectStoreIT {

    private static final int ATTEMPTS = 4;
    private static final S3Settings QUICK =
            S3Settings.DEFAULT.retrying(ATTEMPTS, Duration.ofMillis(10));
    private static final String SECRET = "open-sesame-17";

    private final Random random = new Random();
    private Path directory;
    private S3Server server;
    private S3Server guarded;
    private StoreProxy proxy;
    private ObjectStore store;
    private ObjectKey key = new ObjectKey("unset");

    @BeforeAll
    void start(@TempDir Path folder) {
        directory = folder;
        server = S3Server.in(folder.resolve("open")).buckets("bucket").start();
        guarded =
                S3Server.in(folder.resolve("guarded"))
                        .credential("AKIDGUARD", SECRET)
                        .buckets("bucket")
                        .start();
        proxy = StoreProxy.before(server.endpoint());
        proxy.grantAll("AKIDPROXY");
        store =
                S3ObjectStore.open(
                        StoreConfigs.of(proxy.endpoint(), folder, "bucket", "AKIDPROXY", SECRET),
                        QUICK);
    }

    @AfterAll
    void stop() {
        store.close();
        proxy.close();
        guarded.close();
        server.close();
    }

    @BeforeEach
    void chooseKey() {
        key = new ObjectKey("faults/" + random.nextLong(Long.MAX_VALUE));
    }

    @AfterEach
    void heal() {
        proxy.heal();
        proxy.forget();
    }

    private ObjectBody body(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return ObjectBody.of(bytes);
    }

    private long requests(StoreOperation operation) {
        return proxy.requests().stream().filter(StoreFault.on(operation)).count();
    }

    // configuration
    // --------------------------------------------------------------------------------------------------

    @Test
    void tellsAWrongSecretFromAnUnknownKeyId() {
        try (ObjectStore wrong = open(guarded.endpoint(), "bucket", "AKIDGUARD", "wrong-secret");
                ObjectStore unknown = open(guarded.endpoint(), "bucket", "AKIDNOBODY", SECRET)) {
            assertThatThrownBy(() -> wrong.putIfAbsent(key, body(10)))
                    .satisfies(error(ErrorCode.STORE_ACCESS_DENIED, "secret access key is wrong"));
            assertThatThrownBy(() -> unknown.putIfAbsent(key, body(10)))
                    .satisfies(
                            error(
                                    ErrorCode.STORE_ACCESS_DENIED,
                                    "does not know the access key id"));
            assertThatThrownBy(() -> unknown.head(key))
                    .satisfies(error(ErrorCode.STORE_ACCESS_DENIED, ""));
        }
    }

    @Test
    void neverShowsASecret() {
        try (ObjectStore wrong = open(guarded.endpoint(), "bucket", "AKIDGUARD", "wrong-secret")) {
            assertThatThrownBy(() -> wrong.list("", Optional.empty(), 1))
                    .satisfies(thrown -> {
                        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
                            assertThat(cause.toString())
                                    .doesNotContain("wrong-secret")
                                    .doesNotContain(SECRET);
                        }
                    });
        }
    }

    @Test
    void saysThatTheBucketIsMissingWhateverIsTried() {
        try (ObjectStore missing =
                open(guarded.endpoint(), "no-such-bucket", "AKIDGUARD", SECRET)) {
            ThrowingConsumer<Throwable> expected =
                    error(ErrorCode.STORE_BUCKET_MISSING, "create it");
            assertThatThrownBy(() -> missing.putIfAbsent(key, body(10))).satisfies(expected);
            assertThatThrownBy(() -> missing.head(key)).satisfies(expected);
            assertThatThrownBy(() -> missing.get(key)).satisfies(expected);
            assertThatThrownBy(() -> missing.list("", Optional.empty(), 1)).satisfies(expected);
            assertThatThrownBy(() -> missing.delete(key)).satisfies(expected);
        }
    }

    @Test
    void saysThatNobodyAnswers() {
        URI nowhere = URI.create("http://127.0.0.1:" + TestProcesses.freePort());
        try (ObjectStore unreachable = open(nowhere, "bucket", "AKIDGUARD", SECRET)) {
            assertThatThrownBy(() -> unreachable.putIfAbsent(key, body(10)))
                    .satisfies(error(ErrorCode.STORE_UNREACHABLE, "the store runs"))
                    .hasMessageContaining(nowhere.toString());
        }
    }

    @Test
    void hintsAtTheClock() {
        proxy.injectAlways(new StoreFault.Refuse(403, "RequestTimeTooSkewed"), StoreFault.any());

        assertThatThrownBy(() -> store.list("", Optional.empty(), 1))
                .satisfies(error(ErrorCode.STORE_ACCESS_DENIED, "set the clock"));
    }

    @Test
    void trustsTheAuthorityThatIsNamedAndNoOther(@TempDir Path folder) {
        TestCertificates.Identity identity = TestCertificates.server(folder);
        try (S3Server tls =
                        S3Server.in(folder.resolve("tls"))
                                .credential("AKIDTLS", SECRET)
                                .buckets("bucket")
                                .https(identity.pkcs12(), TestCertificates.PASSWORD)
                                .start();
                ObjectStore trusting =
                        S3ObjectStore.open(
                                withAuthority(
                                        StoreConfigs.of(tls, folder, "bucket"),
                                        identity.certificate()),
                                QUICK);
                ObjectStore stranger =
                        S3ObjectStore.open(StoreConfigs.of(tls, folder, "bucket"), QUICK)) {
            trusting.putIfAbsent(key, body(300_000)).orThrow();

            assertThat(trusting.read(key, 300_000)).hasSize(300_000);
            assertThatThrownBy(() -> stranger.head(key))
                    .satisfies(error(ErrorCode.STORE_UNREACHABLE, "caCertificate"));
        }
    }

    @Test
    void refusesAHalfCredentialAndAnUnreadableCertificate(@TempDir Path folder) {
        StoreConfig config = StoreConfigs.of(server, folder, "bucket");
        StoreConfig half =
                new StoreConfig(
                        config.name(),
                        config.bucket(),
                        config.region(),
                        config.endpoint(),
                        true,
                        config.accessKeyId(),
                        Optional.empty(),
                        Optional.empty());

        assertThatThrownBy(() -> S3ObjectStore.open(half))
                .satisfies(error(ErrorCode.CONFIG_INVALID, "both"));
        assertThatThrownBy(
                        () -> S3ObjectStore.open(withAuthority(config, folder.resolve("none.pem"))))
                .satisfies(error(ErrorCode.CERTIFICATE_INVALID, "PEM"));
    }

    // faults of the store
    // --------------------------------------------------------------------------------------------

    @Test
    void ridesOutAShortStormOfErrors() {
        proxy.inject(new StoreFault.Refuse(503, "SlowDown"), ATTEMPTS - 1, StoreFault.any());

        assertThat(store.putIfAbsent(key, body(100_000))).isInstanceOf(PutOutcome.Created.class);
        assertThat(requests(StoreOperation.CREATE)).isEqualTo(ATTEMPTS);
    }

    @Test
    void givesUpAfterTheTriesThatAreSet() {
        proxy.injectAlways(new StoreFault.Refuse(500, "InternalError"), StoreFault.any());

        assertThatThrownBy(() -> store.putIfAbsent(key, body(10)))
                .satisfies(error(ErrorCode.STORE_UNAVAILABLE, "health"))
                .hasMessageContaining("after " + ATTEMPTS + " tries");
        assertThatThrownBy(() -> store.head(key)).satisfies(error(ErrorCode.STORE_UNAVAILABLE, ""));
        assertThatThrownBy(() -> store.get(key)).satisfies(error(ErrorCode.STORE_UNAVAILABLE, ""));
        assertThatThrownBy(() -> store.list("", Optional.empty(), 1))
                .satisfies(error(ErrorCode.STORE_UNAVAILABLE, ""));
        assertThat(proxy.requests()).hasSize(4 * ATTEMPTS);
    }

    @Test
    void takesNoErrorInA200ForSuccess() {
        proxy.inject(
                new StoreFault.ErrorInSuccess("InternalError"),
                1,
                StoreFault.on(StoreOperation.CREATE));
        assertThat(store.putIfAbsent(key, body(1000))).isInstanceOf(PutOutcome.Created.class);
        assertThat(store.read(key, 1000)).hasSize(1000);

        ObjectKey other = new ObjectKey(key + "-other");
        proxy.injectAlways(
                new StoreFault.ErrorInSuccess("InternalError"),
                StoreFault.on(StoreOperation.CREATE));
        assertThatThrownBy(() -> store.putIfAbsent(other, body(1000)))
                .satisfies(error(ErrorCode.STORE_UNAVAILABLE, ""));
        assertThat(store.head(other)).isEmpty();
    }

    @Test
    void recognisesItsObjectAfterALostAnswer() {
        proxy.inject(new StoreFault.LoseResponse(), 1, StoreFault.on(StoreOperation.CREATE));

        assertThat(store.putIfAbsent(key, body(100_000)))
                .isInstanceOf(PutOutcome.AlreadyPresent.class);
        assertThat(requests(StoreOperation.CREATE)).isEqualTo(2);
    }

    @Test
    void recognisesItsObjectThoughTheFirstLookAtItIsStale() {
        proxy.inject(new StoreFault.LoseResponse(), 1, StoreFault.on(StoreOperation.CREATE));
        proxy.inject(new StoreFault.Stale(), 1, StoreFault.on(StoreOperation.READ_METADATA));

        assertThat(store.putIfAbsent(key, body(100_000)))
                .isInstanceOf(PutOutcome.AlreadyPresent.class);
    }

    @Test
    void doesNotTakeAnotherWritersObjectForItsOwnAfterALostAnswer() {
        ObjectBody mine = body(100_000);
        store.putIfAbsent(key, body(100_000)).orThrow();

        assertThat(store.putIfAbsent(key, mine)).isInstanceOf(PutOutcome.Different.class);
    }

    @Test
    void triesAConflictAgain() {
        proxy.inject(
                new StoreFault.Refuse(409, "ConditionalRequestConflict"),
                2,
                StoreFault.on(StoreOperation.CREATE));

        assertThat(store.putIfAbsent(key, body(10))).isInstanceOf(PutOutcome.Created.class);
    }

    @Test
    void storesWholeObjectsThoughConnectionsAreResetMidway() {
        proxy.inject(new StoreFault.Reset(1_000_000), 2, StoreFault.on(StoreOperation.CREATE));

        assertThat(store.putIfAbsent(key, body(3_000_000))).isInstanceOf(PutOutcome.Created.class);
        assertThat(store.read(key, 3_000_000)).hasSize(3_000_000);
    }

    @Test
    void leavesNothingBehindWhereEveryUploadIsReset() {
        proxy.injectAlways(new StoreFault.Reset(1_000_000), StoreFault.on(StoreOperation.CREATE));

        assertThatThrownBy(() -> store.putIfAbsent(key, body(3_000_000)))
                .satisfies(error(ErrorCode.STORE_UNREACHABLE, ""));
        assertThat(store.head(key)).isEmpty();
    }

    @Test
    void neverTakesATruncatedBodyForAWholeOne() {
        store.putIfAbsent(key, body(1_000_000)).orThrow();
        proxy.inject(new StoreFault.Truncate(600_000), 1, StoreFault.on(StoreOperation.READ));

        try (ObjectContent content = store.get(key)) {
            assertThatThrownBy(() -> content.stream().readAllBytes())
                    .satisfies(error(ErrorCode.STORE_UNREACHABLE, "try again"));
        }
    }

    @Test
    void readsATruncatedBodyAgain() {
        store.putIfAbsent(key, body(1_000_000)).orThrow();
        proxy.inject(new StoreFault.Truncate(600_000), 2, StoreFault.on(StoreOperation.READ));

        assertThat(store.read(key, 1_000_000)).hasSize(1_000_000);
        assertThat(requests(StoreOperation.READ)).isEqualTo(3);
    }

    @Test
    void findsADamagedByteAndDoesNotReadAgain() {
        ObjectBody body = body(1_000_000);
        store.putIfAbsent(key, body).orThrow();
        proxy.injectAlways(new StoreFault.Flip(999_999), StoreFault.on(StoreOperation.READ));

        assertThatThrownBy(() -> store.read(new StoredObject(key, 1_000_000, body.sha256())))
                .satisfies(error(ErrorCode.STORE_OBJECT_DIFFERS, "another copy"));
        assertThat(requests(StoreOperation.READ)).isEqualTo(1);
    }

    @Test
    void refusesToStoreWhatWasDamagedOnTheWay() {
        byte[] bytes = new byte[100_000];
        ObjectBody lying =
                ObjectBody.of(
                        bytes.length,
                        Sha256.of(new byte[0]),
                        () -> new ByteArrayInputStream(bytes));

        assertThatThrownBy(() -> store.putIfAbsent(key, lying))
                .satisfies(error(ErrorCode.STORE_OBJECT_DIFFERS, "memory"));
        assertThat(store.head(key)).isEmpty();
    }

    @Test
    void asksAStoreWithoutTagsForThemOnce() {
        PutOptions tagged = PutOptions.NONE.withTags(Map.of("cairn-object", "volume"));

        for (int i = 0; i < 3; i++) {
            store.putIfAbsent(new ObjectKey(key + "-" + i), body(10), tagged).orThrow();
        }

        assertThat(requests(StoreOperation.CREATE)).isLessThanOrEqualTo(4);
    }

    /** It refuses the body before it has come, and closes the connection on it. */
    @Test
    void storesALargeObjectWithTagsWhereThereAreNone() {
        PutOptions tagged = PutOptions.NONE.withTags(Map.of("cairn-object", "volume"));
        byte[] bytes = new byte[24 << 20];

        try (ObjectStore fresh = open(server.endpoint(), "bucket", "AKIDANY", SECRET)) {
            fresh.putIfAbsent(key, ObjectBody.of(bytes), tagged).orThrow();
            assertThat(fresh.head(key).orElseThrow().length()).isEqualTo(bytes.length);
        }
    }

    @Test
    void saysWhichRightIsMissing() {
        proxy.grant("AKIDNONE", (operation, name) -> false);
        try (ObjectStore none = open(proxy.endpoint(), "bucket", "AKIDNONE", SECRET)) {
            assertThatThrownBy(() -> none.putIfAbsent(key, body(1_000_000)))
                    .satisfies(error(ErrorCode.STORE_ACCESS_DENIED, "rights"))
                    .hasMessageContaining("storing " + key);
        }
    }

    @Test
    void doesNotWaitForEverForAStoreThatStandsStill() throws Exception {
        S3Settings impatient =
                new S3Settings(
                        4,
                        Duration.ofSeconds(1),
                        Duration.ofMillis(500),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(5),
                        2,
                        Duration.ofMillis(10),
                        Duration.ofMillis(10),
                        1 << 20);
        try (S3Server still =
                        S3Server.in(directory.resolve("still"))
                                .credential("AKIDSTILL", SECRET)
                                .buckets("bucket")
                                .start();
                ObjectStore waiting =
                        S3ObjectStore.open(StoreConfigs.of(still, directory, "bucket"), impatient);
                ExecutorService thread = Executors.newVirtualThreadPerTaskExecutor()) {
            still.suspend();
            Future<PutOutcome> put = thread.submit(() -> waiting.putIfAbsent(key, body(1_000_000)));

            assertThatThrownBy(() -> put.get(10, TimeUnit.SECONDS))
                    .cause()
                    .satisfies(thrown ->
                            assertThat(((CairnException) thrown).code())
                                    .isIn(
                                            ErrorCode.STORE_UNREACHABLE,
                                            ErrorCode.STORE_UNAVAILABLE));
            still.resume();
        }
    }

    @Test
    void ridesOutARestartOfTheStore() throws Exception {
        S3Server restarted =
                S3Server.in(directory.resolve("restarted"))
                        .credential("AKIDRE", SECRET)
                        .buckets("bucket")
                        .start();
        try (restarted;
                ObjectStore patient =
                        S3ObjectStore.open(StoreConfigs.of(restarted, directory, "bucket"));
                ExecutorService thread = Executors.newVirtualThreadPerTaskExecutor()) {
            patient.putIfAbsent(key, body(10)).orThrow();
            restarted.kill();
            Future<PutOutcome> put =
                    thread.submit(
                            () -> patient.putIfAbsent(new ObjectKey(key + "-2"), body(1_000_000)));
            restarted.start();

            assertThat(put.get(30, TimeUnit.SECONDS)).isInstanceOf(PutOutcome.Created.class);
            assertThat(patient.read(key, 10)).hasSize(10);
        }
    }

    @Test
    void stopsWhenInterrupted() {
        proxy.injectAlways(
                new StoreFault.Delay(Duration.ofSeconds(30)), StoreFault.on(StoreOperation.CREATE));
        try (ExecutorService thread = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> put = thread.submit(() -> store.putIfAbsent(key, body(10)));
            Awaitility.await().until(() -> requests(StoreOperation.CREATE) == 1);

            thread.shutdownNow();

            assertThat(put)
                    .failsWithin(Duration.ofSeconds(5))
                    .withThrowableThat()
                    .havingCause()
                    .satisfies(thrown ->
                            assertThat(((CairnException) thrown).code())
                                    .isEqualTo(ErrorCode.STORE_UNREACHABLE));
        }
    }

    private ObjectStore open(URI endpoint, String bucket, String accessKeyId, String secret) {
        return S3ObjectStore.open(
                StoreConfigs.of(endpoint, directory, bucket, accessKeyId, secret), QUICK);
    }

    private static StoreConfig withAuthority(StoreConfig config, Path certificate) {
        return new StoreConfig(
                config.name(),
                config.bucket(),
                config.region(),
                config.endpoint(),
                config.pathStyle(),
                config.accessKeyId(),
                config.secretAccessKey(),
                Optional.of(certificate));
    }

    private static ThrowingConsumer<Throwable> error(ErrorCode code, String hint) {
        return thrown -> {
            assertThat(thrown).isInstanceOf(CairnException.class);
            CairnException error = (CairnException) thrown;
            assertThat(error.code()).as(error.messageWithHint()).isEqualTo(code);
            assertThat(error.hint()).get().asString().contains(hint);
            assertThat(error.getMessage()).doesNotContain("\n");
        };
    }
}
