package io.cairn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cairn.events.EventObject;
import io.cairn.events.RestoreDrillCompleted;
import io.cairn.model.ClusterName;
import io.cairn.model.Json;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.Timeline;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.WalLayout;
import io.cairn.model.wal.WalSegment;
import io.cairn.restore.fixture.SyntheticBackup;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.restore.fixture.WalArchive;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.policy.Principal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Stored WAL as an operator sees it, with the operator's rights on a real store. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WalIT {

    private static final SegmentSize SIZE = new SegmentSize(1 << 20);
    private static final Timeline FIRST = new Timeline(1);
    private static final Timeline SECOND = new Timeline(2);

    private final Random random = new Random(7);
    private OperatorStore store;
    private CommitObject shop;
    private Instant begun;

    @BeforeAll
    void start(@TempDir Path directory) throws IOException {
        store = new OperatorStore(directory);
        begun = Instant.now();
        // Of the size that its backup says: a promotion in the middle of a segment.
        shop = store.backup("20261101T020000Z-F").storeIn(store.executor(), store.keys());
        WalArchive first = archive(shop.layout().root(), SIZE, FIRST, "0/200000");
        segment(first, FIRST, "0/200000");
        segment(first, FIRST, "0/300000");
        piece(first, FIRST, "0/400000", "0/400800");
        first.partial(WalSegment.containing(FIRST, Lsn.parse("0/400000"), SIZE), bytes(0x1000));
        WalArchive second = archive(shop.layout().root(), SIZE, SECOND, "0/400000");
        second.history(
                SECOND, "1\t0/401000\tno recovery target\n".getBytes(StandardCharsets.UTF_8));
        segment(second, SECOND, "0/400000");
        piece(second, SECOND, "0/500000", "0/500100");
        // Clusters without a backup, of the usual size.
        WalArchive holed = archive(root("holed"), SegmentSize.DEFAULT, FIRST, "0/1000000");
        piece(holed, FIRST, "0/1000000", "0/1000200");
        piece(holed, FIRST, "0/1000300", "0/1000400");
        WalArchive flipped = archive(root("flipped"), SegmentSize.DEFAULT, FIRST, "0/1000000");
        piece(flipped, FIRST, "0/1000000", "0/1000200");
        piece(flipped, FIRST, "0/1000200", "0/1000400");
        flip(new WalLayout(root("flipped")).piece(FIRST, range("0/1000000", "0/1000200")));
        WalArchive shorter = archive(root("shorter"), SegmentSize.DEFAULT, FIRST, "0/1000000");
        shorter.piece(FIRST, range("0/1000000", "0/1000200"), bytes(0x1ff));
    }

    @AfterAll
    void stop() {
        store.close();
    }

    @Test
    void statusShowsWhatIsThereOnEveryTimelineAndHowOldTheNewestIs() throws IOException {
        JsonNode found = json("status", "--cluster", "shop");

        assertThat(found.path("wal")).hasSize(1);
        JsonNode shop = found.path("wal").get(0);
        assertThat(shop.path("store").asText()).isEqualTo("primary");
        assertThat(shop.at("/timelines/0/ranges/0/start").asText()).isEqualTo("0/200000");
        assertThat(shop.at("/timelines/0/ranges/0/end").asText()).isEqualTo("0/400800");
        assertThat(shop.at("/timelines/0/gaps")).isEmpty();
        assertThat(shop.at("/newest/timeline").asInt()).isEqualTo(2);
        assertThat(shop.at("/newest/lsn").asText()).isEqualTo("0/500100");
        assertThat(Instant.parse(shop.at("/newest/sentAt").asText()))
                .isBetween(begun, Instant.now());
        assertThat(shop.path("lag").asText()).startsWith("PT");
        assertThat(shop.path("objects").asInt()).isEqualTo(7);
    }

    @Test
    void statusIsATableWithTheGapsBelow() throws IOException {
        Run run = cairn("status");

        assertThat(run.exit()).as(run.err()).isZero();
        assertThat(run.out().lines().findFirst().orElseThrow())
                .matches("CLUSTER +STORE +TIMELINE +FROM +TO +SIZE +NEWEST SENT \\(UTC\\) +LAG");
        assertThat(run.out().lines())
                .anyMatch(line -> line.matches("shop +primary +1 +0/200000 +0/400800 +2.10 MB"))
                .anyMatch(line ->
                        line.matches(
                                "shop +primary +2 +0/400000 +0/500100 +1.05 MB +20\\S+ \\S+ .*s"))
                .contains(
                        "gap     holed in 'primary', timeline 1: 0/1000200 to 0/1000300 is missing");
    }

    @Test
    void aClusterWithoutWalHasNone() throws IOException {
        assertThat(cairn("status", "--cluster", "none"))
                .isEqualTo(new Run(0, "No WAL of none.\n", ""));
        Run verify = cairn("verify", "--cluster", "none");
        assertThat(verify.exit()).isEqualTo(6);
        assertThat(verify.err()).contains("no WAL of cluster none is stored", "hint: ");
    }

    @Test
    void verifyReadsEverythingThatIsStored() throws IOException {
        Run run = cairn("verify", "--cluster", "shop");

        assertThat(run.exit()).as(run.out() + run.err()).isZero();
        assertThat(run.out())
                .isEqualTo(
                        "ok      WAL of shop in 'primary': 7 objects, 3.15 MB of WAL, nothing missing in between\n");
    }

    @Test
    void whatIsMissingInBetweenFailsTheVerification() throws IOException {
        Run run = cairn("verify", "--cluster", "holed");

        assertThat(run.exit()).isEqualTo(9);
        assertThat(run.out())
                .isEqualTo(
                        "FAILED  WAL of holed in 'primary': timeline 00000001: WAL from 0/1000200 to 0/1000300 is missing\n");
    }

    @Test
    void anObjectThatWasTamperedWithFailsTheVerification() throws IOException {
        Run run = cairn("verify", "--cluster", "flipped");

        assertThat(run.exit()).isEqualTo(9);
        assertThat(run.out().lines())
                .singleElement()
                .asString()
                .contains("FAILED", "0000000001000000-0000000001000200", "hint: ");
    }

    @Test
    void anObjectThatHoldsLessThanItsNameSaysFailsTheVerification() throws IOException {
        JsonNode found = json(9, "verify", "--cluster", "shorter");

        assertThat(found.at("/verifications/0/passed").asBoolean()).isFalse();
        assertThat(found.at("/verifications/0/errors/0").asText())
                .contains("holds 511 bytes of WAL, its name says 512 hint: ");
    }

    /** One session's key is gone, another's was wrapped for somebody else: the rest is read. */
    @Test
    void whatHasNoKeyIsSaidAndTheRestIsRead() throws IOException {
        ClusterRoot root = root("keyless");
        piece(
                archive(root, SegmentSize.DEFAULT, FIRST, "0/1000000"),
                FIRST,
                "0/1000000",
                "0/1000200");
        Set<Path> kept = keyFiles(root);
        piece(
                archive(root, SegmentSize.DEFAULT, FIRST, "0/1000200"),
                FIRST,
                "0/1000200",
                "0/1000400");
        for (Path key : keyFiles(root)) {
            if (!kept.contains(key)) {
                Files.delete(key);
            }
        }
        WalArchive foreign =
                new WalArchive(
                        store.executor(),
                        TestKeys.create(),
                        root,
                        SegmentSize.DEFAULT,
                        FIRST,
                        Lsn.parse("0/1000400"));
        piece(foreign, FIRST, "0/1000400", "0/1000600");
        piece(
                archive(root, SegmentSize.DEFAULT, FIRST, "0/1000600"),
                FIRST,
                "0/1000600",
                "0/1000800");

        JsonNode found = json(9, "verify", "--cluster", "keyless");

        assertThat(found.at("/verifications/0/objects").asInt()).isEqualTo(4);
        assertThat(found.at("/verifications/0/bytesRead").asInt()).isEqualTo(2 * 0x200);
        assertThat(found.at("/verifications/0/errors").valueStream().map(JsonNode::asText))
                .hasSize(3)
                .anyMatch(error -> error.contains("0000000001000200-") && error.contains("key"))
                .anyMatch(error ->
                        error.contains("0000000001000400-") && error.contains("cannot open"))
                .anyMatch(error -> error.endsWith("WAL from 0/1000200 to 0/1000600 is missing"));
    }

    private Set<Path> keyFiles(ClusterRoot root) throws IOException {
        try (Stream<Path> files =
                Files.walk(store.objects().resolve(new WalLayout(root).keysPrefix()))) {
            return files.filter(Files::isRegularFile).collect(Collectors.toSet());
        }
    }

    @Test
    void whoHasAnotherKeyProvesNothing() throws IOException {
        Run run =
                Run.cairn(
                        "--config",
                        store.configWithAnotherKey().toString(),
                        "wal",
                        "verify",
                        "--cluster",
                        "shop");

        assertThat(run.exit()).as(run.err()).isEqualTo(4);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().lines()).singleElement().asString().contains("cannot open", "hint: ");
    }

    @Test
    void listSaysWhichMomentsCanBeRecoveredAcrossThePromotionAndWhichDrillProvesIt()
            throws IOException {
        Run run = list();

        assertThat(run.out().lines().findFirst().orElseThrow())
                .matches(
                        "shop in 'primary': recoverable from \\S+ \\S+, LSN \\S+, to \\S+ \\S+, LSN 0/500100; proven by no drill");
        assertThat(run.out().lines().skip(1).findFirst().orElseThrow()).startsWith("CLUSTER");

        drilled("2026-11-01T03:00:00Z", 21);
        drilled("2026-11-02T03:00:00Z", 18);
        assertThat(list().out().lines().findFirst().orElseThrow())
                .endsWith(
                        "; proven by the drill of 20261101T020000Z-F at 2026-11-02 03:00:00, 18.0 s");
        JsonNode window = Json.mapper().readTree(list("-o", "json").out()).at("/recoverable/0");
        assertThat(window.path("store").asText()).isEqualTo("primary");
        assertThat(window.at("/earliest/lsn").asText()).isEqualTo(shop.stopLsn().toString());
        assertThat(window.at("/earliest/time").asText()).isEqualTo(shop.completedAt().toString());
        assertThat(window.at("/latest/timeline").asInt()).isEqualTo(2);
        assertThat(window.at("/latest/lsn").asText()).isEqualTo("0/500100");
        assertThat(Instant.parse(window.at("/latest/time").asText()))
                .isBetween(begun, Instant.now());
        assertThat(window.at("/provenBy/label").asText()).isEqualTo("20261101T020000Z-F");
        assertThat(window.at("/provenBy/at").asText()).isEqualTo("2026-11-02T03:00:00Z");
        assertThat(window.at("/provenBy/rto").asText()).isEqualTo("PT18S");

        assertThat(list().out().lines().skip(1).findFirst().orElseThrow())
                .isEqualTo("shop: RTO 18.0 s of 15 min");
        JsonNode time = Json.mapper().readTree(list("-o", "json").out()).at("/recoveryTimes/0");
        assertThat(time.path("rto").asText()).isEqualTo("PT18S");
        assertThat(time.path("objective").asText()).isEqualTo("PT15M");
        assertThat(time.path("drilledAt").asText()).isEqualTo("2026-11-02T03:00:00Z");
        Run show = Run.cairn("--config", store.config().toString(), "show", "shop");
        assertThat(show.exit()).as(show.err()).isZero();
        assertThat(show.out().lines())
                .contains("cluster   shop, tier oltp", "restore   RTO 18.0 s of 15 min")
                .anyMatch(
                        line -> line.startsWith("promise   RTO 15 min, RPO 15 min, kept for 90 d"))
                .anyMatch(line ->
                        line.startsWith("backups   1 full; the newest 20261101T020000Z-F, "))
                .anyMatch(line -> line.startsWith("store     'primary': recoverable from "));
        assertThat(Run.cairn("--config", store.config().toString(), "show", "nowhere").err())
                .contains("nowhere", "hint: ");
    }

    private Run list(String... options) throws IOException {
        Run run =
                Run.cairn(
                        Stream.concat(
                                        Stream.of(
                                                "--config",
                                                store.config().toString(),
                                                "list",
                                                "--cluster",
                                                "shop"),
                                        Stream.of(options))
                                .toArray(String[]::new));
        assertThat(run.exit()).as(run.err()).isZero();
        return run;
    }

    /** As the catalog keeps what a validator found. */
    private void drilled(String at, int seconds) throws IOException {
        EventObject drill =
                EventObject.of(
                        new RestoreDrillCompleted(
                                shop.run(),
                                shop.attempt(),
                                new StoreName("primary"),
                                Instant.parse(at),
                                Instant.parse(at),
                                Duration.ofSeconds(seconds),
                                Duration.ofMinutes(15),
                                1,
                                1,
                                1,
                                true,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()));
        ObjectKey key = drill.key(shop.layout().root(), EventObject.VERIFICATIONS, shop.label());
        try (ObjectStore catalog = store.as(Principal.CATALOG)) {
            catalog.putIfAbsent(key, ObjectBody.of(drill.toJson()));
        }
        // The times of a store may have whole seconds only; the newest is looked for by them.
        FileTime written = FileTime.from(Instant.parse(at));
        Files.setLastModifiedTime(store.objects().resolve(key.value()), written);
    }

    @Test
    void helpHasExamples() throws IOException {
        for (String command : new String[] {"status", "verify"}) {
            Run run = cairn(command, "--help");
            assertThat(run.exit()).isZero();
            assertThat(run.out()).contains("Examples:", "cairn wal " + command);
        }
    }

    private Run cairn(String... arguments) throws IOException {
        return Run.cairn(
                Stream.concat(
                                Stream.of("--config", store.config().toString(), "wal"),
                                Stream.of(arguments))
                        .toArray(String[]::new));
    }

    private JsonNode json(String... arguments) throws IOException {
        return json(0, arguments);
    }

    private JsonNode json(int exit, String... arguments) throws IOException {
        Run run =
                cairn(
                        Stream.concat(Stream.of(arguments), Stream.of("-o", "json"))
                                .toArray(String[]::new));
        assertThat(run.exit()).as(run.err()).isEqualTo(exit);
        JsonNode document = Json.mapper().readTree(run.out());
        assertThat(document.path("schema").asText()).isEqualTo("cairn.cli.v1");
        return document;
    }

    private WalArchive archive(
            ClusterRoot root, SegmentSize size, Timeline timeline, String start) {
        return new WalArchive(
                store.executor(), store.keys(), root, size, timeline, Lsn.parse(start));
    }

    private static ClusterRoot root(String cluster) {
        return new ClusterRoot(new ClusterName(cluster), SyntheticBackup.SYSTEM);
    }

    private void segment(WalArchive archive, Timeline timeline, String start) {
        archive.segment(
                WalSegment.containing(timeline, Lsn.parse(start), SIZE), bytes(SIZE.bytes()));
    }

    private void piece(WalArchive archive, Timeline timeline, String start, String end) {
        LsnRange range = range(start, end);
        archive.piece(timeline, range, bytes((int) range.bytes()));
    }

    private static LsnRange range(String start, String end) {
        return new LsnRange(Lsn.parse(start), Lsn.parse(end));
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Damages an object where no credential could. */
    private void flip(ObjectKey key) throws IOException {
        Path file = store.objects().resolve(key.value());
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 20] ^= 1;
        Files.write(file, bytes);
    }
}
