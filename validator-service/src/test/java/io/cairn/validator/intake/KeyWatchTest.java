package io.cairn.validator.intake;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.archive.key.KeyAlgorithm;
import io.cairn.archive.key.KeyFiles;
import io.cairn.config.CairnConfigReader;
import io.cairn.events.CairnEvent;
import io.cairn.events.ValidationFailed;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.ErrorCode;
import io.cairn.restore.fixture.SyntheticBackup;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.restore.key.KeyShredding;
import io.cairn.service.metrics.MetricNames;
import io.cairn.storage.FakeObjectStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyWatchTest {

    private static final String PASSWORD = "changeit";
    private static final Duration EVERY = Duration.ofHours(24);

    @TempDir private Path folder = Path.of("");

    private final FakeObjectStore store = FakeObjectStore.plain("primary");
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final List<CairnEvent> told = new ArrayList<>();
    private volatile Instant now = Instant.now();
    private TestKeys keys = TestKeys.create();
    private TestKeys strangers = keys;

    @BeforeEach
    void keys() throws IOException {
        KeyFiles files =
                KeyFiles.create(
                        folder.resolve("keys"),
                        "test",
                        KeyAlgorithm.EC_P256,
                        PASSWORD.toCharArray(),
                        Instant.now(),
                        Duration.ofDays(1));
        keys = TestKeys.read(files, PASSWORD.toCharArray());
        strangers = new TestKeys(keys.authority(), TestKeys.create().recipient(), keys.signer());
        Files.writeString(folder.resolve("password"), PASSWORD);
    }

    @Test
    void aKeyThatOpensNoMoreIsToldAndMeasured() throws IOException {
        KeyWatch watch = watch();
        watch.check(told::add);
        assertThat(usable()).isNaN();

        new SyntheticBackup().labelled("20261101T020000Z-F").storeIn(store, keys);
        watch.check(told::add);
        assertThat(told).isEmpty();
        assertThat(usable()).isEqualTo(1);

        CommitObject newest =
                new SyntheticBackup().labelled("20261102T020000Z-F").storeIn(store, strangers);
        watch.check(told::add);

        assertThat(usable()).isZero();
        assertThat(told)
                .singleElement()
                .isInstanceOfSatisfying(
                        ValidationFailed.class,
                        failed -> {
                            assertThat(failed.stage()).isEqualTo(ValidationFailed.KEY);
                            assertThat(failed.run()).isEqualTo(newest.run());
                            assertThat(failed.code()).isEqualTo(ErrorCode.KEY_CANNOT_DECRYPT);
                            assertThat(failed.object()).contains(newest.key().key());
                        });
    }

    @Test
    void aStoreThatIsAwayChangesNothing() throws IOException {
        KeyWatch watch = watch();
        new SyntheticBackup().storeIn(store, keys);
        watch.check(told::add);
        store.failAlways(ErrorCode.STORE_UNREACHABLE);

        watch.check(told::add);

        assertThat(usable()).isEqualTo(1);
        assertThat(told).isEmpty();
    }

    @Test
    void whatCouldNotBeLookedAtForTwoRoundsIsNotKnownAnyMore() throws IOException {
        KeyWatch watch = watch();
        new SyntheticBackup().storeIn(store, keys);
        watch.check(told::add);
        store.failAlways(ErrorCode.STORE_UNREACHABLE);
        now = now.plus(EVERY);
        watch.check(told::add);
        assertThat(usable()).isEqualTo(1);

        now = now.plus(EVERY);

        assertThat(usable()).isNaN();
    }

    @Test
    void ofTwoValidatorsEachSaysWhatItsOwnKeyOpens() throws IOException {
        KeyWatch mine = watch();
        SimpleMeterRegistry others = new SimpleMeterRegistry();
        KeyWatch other = watch(others);
        new SyntheticBackup().storeIn(store, strangers);

        mine.check(told::add);

        assertThat(usable()).isZero();
        assertThat(usable(others)).isNaN();
        new SyntheticBackup().labelled("20261203T020000Z-F").storeIn(store, keys);
        other.check(told::add);
        assertThat(usable()).isZero();
        assertThat(usable(others)).isEqualTo(1);
        mine.check(told::add);
        assertThat(usable()).isEqualTo(1);
    }

    @Test
    void whatWasShreddedIsNothingThatAKeyMustOpen() throws Exception {
        KeyWatch watch = watch();
        CommitObject backup = new SyntheticBackup().storeIn(store, strangers);
        watch.check(told::add);
        assertThat(usable()).isZero();
        told.clear();
        new KeyShredding(List.of(store), InstantSource.system(), 1)
                .shred(backup.layout().root(), "kim", (_, _) -> {});

        watch.check(told::add);

        assertThat(usable()).isNaN();
        assertThat(told).isEmpty();
    }

    @Test
    void itIsCheckedAgainAndAgain() throws Exception {
        KeyWatch watch = watch(meters, Duration.ofMillis(5));
        Thread watching = Thread.ofVirtual().start(() -> watch.watch(told::add));
        try {
            Awaitility.await().until(() -> !store.calls().isEmpty());
            new SyntheticBackup().storeIn(store, keys);
            now = Instant.now();
            Awaitility.await().until(() -> usable() == 1);
        } finally {
            watching.interrupt();
            watching.join();
        }
    }

    private double usable() {
        return usable(meters);
    }

    private static double usable(SimpleMeterRegistry meters) {
        return meters.get(MetricNames.KEY_USABLE).tag("cluster", "shop").gauge().value();
    }

    private KeyWatch watch() throws IOException {
        return watch(meters);
    }

    private KeyWatch watch(SimpleMeterRegistry measuring) throws IOException {
        return watch(measuring, EVERY);
    }

    private KeyWatch watch(SimpleMeterRegistry measuring, Duration every) throws IOException {
        Path file =
                Files.writeString(
                        folder.resolve("cairn.yaml"),
                        """
                        clusters:
                          shop: {tier: oltp, hosts: ["127.0.0.1:1"], tls: {mode: disable}}
                        stores:
                          primary: {bucket: a}
                        keys:
                          trustAnchor: keys/authority.pem
                          identity: {file: keys/recipient.p12, password: "file:%s"}
                        tiers:
                          oltp: {copies: [primary]}
                        """
                                .formatted(folder.resolve("password")));
        return new KeyWatch(CairnConfigReader.read(file), _ -> store, measuring, () -> now, every);
    }
}
