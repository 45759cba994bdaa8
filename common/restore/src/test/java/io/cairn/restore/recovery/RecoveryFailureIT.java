package io.cairn.restore.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cairn.model.BackupLabel;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.Timeline;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.WalSegment;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.server.PostgresBinaries;
import io.cairn.restore.engine.RestoreEngine;
import io.cairn.restore.engine.RestoreProgress;
import io.cairn.restore.engine.RestoreSettings;
import io.cairn.restore.fixture.RealBackup;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.restore.fixture.WalArchive;
import io.cairn.restore.target.SpaceNeeded;
import io.cairn.restore.target.TablespaceMapping;
import io.cairn.restore.target.TargetDirectory;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.PutOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What cannot be recovered is refused or ends with an error; nothing promotes early. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RecoveryFailureIT {

    private static final TestKeys KEYS = TestKeys.create();
    private static final int MAJOR = 18;

    @TempDir private Path temporary;

    private RecoveredSource source;
    private FakeObjectStore store = FakeObjectStore.plain("primary");
    private Path directory = Path.of("set in setUp");

    @BeforeAll
    void fill(@TempDir Path parent) throws Exception {
        source = filled(parent);
        source.server.stop();
    }

    @AfterAll
    void stop() {
        source.close();
    }

    /** Each test has a bucket of its own to damage. */
    @BeforeEach
    void setUp() throws Exception {
        directory = temporary.resolve("restored");
        store = FakeObjectStore.plain("primary");
        copyAll(source.store, store);
    }

    /** Forty numbers over a dozen segments and a piece. */
    private static RecoveredSource filled(Path parent) throws Exception {
        RecoveredSource filled = RecoveredSource.start(parent, MAJOR, KEYS);
        filled.rows(1, 10);
        filled.bulk();
        filled.rows(11, 20);
        filled.bulk();
        filled.rows(21, 30);
        filled.bulk();
        filled.ask("SELECT pg_create_restore_point('one that is')");
        // Its commits flush what is before them, the restore point too.
        filled.rows(31, 40);
        filled.archiveEverything();
        return filled;
    }

    @Test
    void aTargetBeforeTheFirstBackupIsRefused() {
        assertRefused(
                RecoveryTarget.time("2020-01-01 00:00Z"),
                "before the end of the first backup",
                "--target-lsn " + source.commit.stopLsn());
        assertRefused(
                new RecoveryTarget.Lsn(source.commit.startLsn()),
                "before the end of the first backup",
                source.commit.label().toString());
    }

    @Test
    void aTargetBehindWhatIsStoredIsRefused() {
        assertRefused(
                new RecoveryTarget.Lsn(source.archived.plus(1)),
                "behind the end of what is stored, " + source.archived,
                "the latest before it is LSN " + source.archived);
        assertRefused(
                new RecoveryTarget.Time(Instant.now().plus(Duration.ofHours(1))),
                "behind the end of what is stored",
                "the latest before it is LSN " + source.archived);
    }

    @Test
    void aTargetBehindAGapIsRefusedAndLatestSaysWhereItEnds() throws Exception {
        Lsn gap = deleteMiddleSegment().start();

        assertRefused(
                new RecoveryTarget.Lsn(source.archived),
                "lies behind a gap: WAL from " + gap + " on is missing",
                "the latest before it is LSN " + gap);

        RecoveryPlan plan = plan(new RecoveryTarget.Latest());
        assertThat(plan.notes())
                .anyMatch(note ->
                        note.startsWith("WAL from " + gap + " to ")
                                && note.endsWith("is missing; what follows is not reached"));
        RecoveryResult result = RecoveredSource.recover(plan);
        assertThat(result.replayed()).isLessThanOrEqualTo(gap);
        assertThat(source.numbers(directory)).isIn("1-10 of 10", "1-20 of 20", "1-30 of 30");
    }

    @Test
    void aBackupBehindTheGapLeadsOn() throws Exception {
        try (RecoveredSource live = filled(temporary)) {
            store = live.store;
            deleteMiddleSegment(live);
            BackupLabel later = new BackupLabel("20261122T040000Z-F");
            RealBackup.take(live.server, RecoveredSource.CLUSTER, later, live.store, KEYS);
            live.rows(41, 45);
            live.archiveEverything();

            RecoveryPlan plan = live.planner().plan(request(new RecoveryTarget.Latest()));
            assertThat(plan.commit().label()).isEqualTo(later);
            assertThat(plan.notes()).isEmpty();
            RecoveredSource.recover(plan);
            assertThat(live.numbers(directory)).isEqualTo("1-45 of 45");
        }
    }

    @Test
    void aHoleInOneStoreIsFilledFromAnother() throws Exception {
        deleteMiddleSegment();

        RecoveredSource.recover(
                source.planner(List.of(store, source.store))
                        .plan(request(new RecoveryTarget.Latest())));
        assertThat(source.numbers(directory)).isEqualTo("1-40 of 40");
    }

    @Test
    void anUnknownRestorePointOrTransactionIsRefusedWithThoseThatAreKnown() {
        assertRefused(
                new RecoveryTarget.Name("never made"),
                "restore point 'never made' is not in the WAL that is stored from the end of "
                        + source.commit.label(),
                "known are: 'one that is'");
        assertRefused(
                RecoveryTarget.xid("4000000000"),
                "transaction 4000000000 is not in the WAL",
                "--target-timeline");
    }

    @Test
    void theDiskThatWalTakesIsCounted() {
        RecoveryPlan plan = plan(new RecoveryTarget.Latest());
        Lsn end = RecoveredSource.SEGMENT.startOf(source.archived).plus(1 << 20);
        long files =
                plan.base().contents().files().stream()
                        .mapToLong(file -> SpaceNeeded.ofFile(file.entry().size()))
                        .sum();

        assertThat(plan.base().space().total())
                .isEqualTo(files + end.minus(plan.wal().orElseThrow().start()));
    }

    /** With a target at the end, so that a server that promoted early would not be noticed. */
    @Test
    void aSegmentThatIsNotWhatWasStoredStopsRecovery() throws Exception {
        ObjectKey key = segments().get(2).key();
        Map<String, UnaryOperator<byte[]>> damages =
                Map.of(
                        "flipped",
                        bytes -> {
                            bytes[bytes.length / 2] ^= 1;
                            return bytes;
                        },
                        "truncated",
                        bytes -> Arrays.copyOf(bytes, bytes.length - 100),
                        "empty",
                        _ -> new byte[0]);
        for (Map.Entry<String, UnaryOperator<byte[]>> damage : damages.entrySet()) {
            byte[] sound = store.read(key, 64 << 20);
            ObjectInfo info = store.head(key).orElseThrow();
            replace(key, damage.getValue().apply(sound.clone()), info);
            directory = temporary.resolve(damage.getKey());
            RecoveryPlan plan = plan(new RecoveryTarget.Latest());

            assertThatThrownBy(() -> RecoveredSource.recover(plan))
                    .as(damage.getKey())
                    .isInstanceOfSatisfying(
                            CairnException.class,
                            e -> assertThat(e.code()).isEqualTo(ErrorCode.ARCHIVE_CORRUPT))
                    .hasMessageContaining(key.value());
            assertNotPromoted();
            replace(key, sound, info);
        }
    }

    /** Somebody streamed for a while with other recipients in the configuration. */
    @Test
    void aSessionKeyThatDoesNotOpenIsRefusedBeforeAnythingIsWritten() throws Exception {
        ObjectInfo segment = segments().get(2);
        WalSegment name =
                WalSegment.parse(
                        segment.key().value().replaceAll(".*/|\\.gz\\.cms", ""),
                        RecoveredSource.SEGMENT);
        store.delete(segment.key());
        new WalArchive(
                        store,
                        TestKeys.create(),
                        source.commit.layout().root(),
                        RecoveredSource.SEGMENT,
                        RecoveredSource.FIRST,
                        name.start())
                .segment(name, source.archive.bytes(source.server, name.timeline(), name.range()));

        assertThatThrownBy(() -> plan(new RecoveryTarget.Latest()))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.KEY_CANNOT_DECRYPT))
                .hasMessageContaining("cannot open");
        assertThat(directory).doesNotExist();
    }

    @Test
    void aSegmentThatVanishesAfterThePlanStopsRecovery() throws Exception {
        ObjectKey key = segments().get(2).key();
        RecoveryPlan plan = plan(new RecoveryTarget.Latest());
        store.delete(key);

        assertThatThrownBy(() -> RecoveredSource.recover(plan))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_OBJECT_MISSING))
                .hasMessageContaining(key.value());
        assertNotPromoted();
    }

    /** Sealed properly, but other bytes: only what the pages say gives it away. */
    @Test
    void aSegmentUnderAnothersNameStopsRecovery() throws Exception {
        List<ObjectInfo> segments = segments();
        ObjectInfo wrong = segments.get(1);
        byte[] bytes = store.read(wrong.key(), 64 << 20);
        replace(segments.get(2).key(), bytes, store.head(wrong.key()).orElseThrow());
        RecoveryPlan plan = plan(new RecoveryTarget.Latest());

        assertThatThrownBy(() -> RecoveredSource.recover(plan))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.ARCHIVE_CORRUPT))
                .hasMessageContaining("is not that segment");
        assertNotPromoted();
    }

    /** A record that is damaged inside, as if the source's disk had lied: only replay sees it. */
    @Test
    void aRecordTheServerRefusesStopsRecovery() throws Exception {
        WalSegment segment =
                WalSegment.parse(
                        segments().get(2).key().value().replaceAll(".*/|\\.gz\\.cms", ""),
                        RecoveredSource.SEGMENT);
        byte[] bytes = source.archive.bytes(source.server, segment.timeline(), segment.range());
        bytes[bytes.length / 2 + 3000] ^= 1;
        store.delete(source.archive.layout().segment(segment));
        new WalArchive(
                        store,
                        KEYS,
                        source.commit.layout().root(),
                        RecoveredSource.SEGMENT,
                        RecoveredSource.FIRST,
                        segment.start())
                .segment(segment, bytes);
        RecoveryPlan plan = plan(new RecoveryTarget.Latest());

        assertThatThrownBy(() -> RecoveredSource.recover(plan))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.RECOVERY_FAILED))
                .hasMessageContaining("replay stopped at");
        assertNotPromoted();
    }

    @Test
    void aStoreThatIsAwayForAWhileIsWaitedFor() throws Exception {
        RecoveryPlan plan = plan(new RecoveryTarget.Latest());
        new RestoreEngine(RestoreSettings.defaults()).restore(plan.base(), RestoreProgress.NONE);
        store.failAlways(ErrorCode.STORE_UNREACHABLE);
        Thread healer =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                Thread.sleep(Duration.ofSeconds(2));
                                store.heal();
                            } catch (InterruptedException _) {
                                // The test is over.
                            }
                        });

        new Recovery(RecoverySettings.defaults()).run(plan, RecoveryProgress.NONE);

        healer.join();
        assertThat(source.numbers(directory)).isEqualTo("1-40 of 40");
    }

    @Test
    void aStoreThatStaysAwayStopsRecovery() throws Exception {
        RecoveryPlan plan = plan(new RecoveryTarget.Latest());
        new RestoreEngine(RestoreSettings.defaults()).restore(plan.base(), RestoreProgress.NONE);
        store.failAlways(ErrorCode.STORE_UNREACHABLE);

        assertThatThrownBy(() ->
                        new Recovery(RecoveredSource.settings()).run(plan, RecoveryProgress.NONE))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_UNREACHABLE));
        assertNotPromoted();
    }

    /** Nothing was committed between the last row and the time, and nothing after it. */
    @Test
    void aTimeInAQuietEndIsReachedAtTheEnd() throws Exception {
        Instant quiet = Instant.parse(sentAtOfTheEnd());

        RecoveredSource.recover(plan(new RecoveryTarget.Time(quiet)));

        assertThat(source.numbers(directory)).isEqualTo("1-40 of 40");
    }

    @ParameterizedTest
    @EnumSource(
            value = TargetAction.class,
            names = {"PAUSE", "SHUTDOWN"})
    void aServerLeftAtItsTargetStaysThereWhenItIsStarted(TargetAction action) throws Exception {
        try (RecoveredSource live = filled(temporary)) {
            live.rows(41, 45);
            Lsn target = Lsn.parse(live.ask("SELECT pg_current_wal_insert_lsn()"));
            live.rows(46, 60);
            live.archiveEverything();
            RecoveryRequest request = request(new RecoveryTarget.Lsn(target)).withAction(action);

            RecoveryResult result = RecoveredSource.recover(live.planner().plan(request));

            assertThat(result.timeline()).isEmpty();
        }
        try (LocalServer server =
                LocalServer.on(PostgresBinaries.find(MAJOR), directory).privateSocket().start()) {
            await().until(() ->
                    WalArchive.ask(server, "SELECT pg_is_wal_replay_paused()").equals("t"));
            assertThat(RecoveredSource.numbers(server)).isEqualTo("1-45 of 45");
            assertThat(WalArchive.ask(server, "SELECT pg_promote(true, 60)")).isEqualTo("t");
            assertThat(RecoveredSource.numbers(server)).isEqualTo("1-45 of 45");
        }
    }

    @Test
    void settingsThatTheSourceRaisedLaterAreRaisedHere() throws Exception {
        try (RecoveredSource live = filled(temporary)) {
            live.server.execute("postgres", "ALTER SYSTEM SET max_connections = 222");
            live.server.stop();
            live.server.start();
            live.rows(41, 50);
            live.archiveEverything();

            RecoveredSource.recover(live.planner().plan(request(new RecoveryTarget.Latest())));

            assertThat(live.numbers(directory)).isEqualTo("1-50 of 50");
        }
    }

    // Helpers
    // -----------------------------------------------------------------------------------------------

    private RecoveryPlan plan(RecoveryTarget target) {
        return source.planner(List.of(store)).plan(request(target));
    }

    private RecoveryRequest request(RecoveryTarget target) {
        return RecoveryRequest.of(RecoveredSource.CLUSTER, target, directory);
    }

    private void assertRefused(RecoveryTarget target, String message, String hint) {
        assertThatThrownBy(() -> plan(target))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.RECOVERY_TARGET_UNREACHABLE);
                            assertThat(e).hasMessageContaining(message);
                            assertThat(e.hint().orElse("")).contains(hint);
                        });
        assertThat(directory).doesNotExist();
    }

    @Test
    void aRecoveryThatFailedIsRunAgainInTheSameDirectory() throws Exception {
        RecoveryPlan lost = plan(new RecoveryTarget.Latest());
        ObjectKey key = segments().get(2).key();
        byte[] sound = store.read(key, 64 << 20);
        ObjectInfo info = store.head(key).orElseThrow();
        store.delete(key);
        assertThatThrownBy(() -> RecoveredSource.recover(lost)).isInstanceOf(CairnException.class);
        assertThat(TargetDirectory.isUnfinished(directory)).isTrue();
        replace(key, sound, info);

        RecoveredSource.recover(plan(new RecoveryTarget.Latest()));

        assertThat(TargetDirectory.isUnfinished(directory)).isFalse();
        assertThat(source.numbers(directory)).isEqualTo("1-40 of 40");
    }

    /** Run again, it finds its own tablespace, and both are a database only at the end. */
    @Test
    void aRecoveryWithATablespaceThatFailedIsRunAgain() throws Exception {
        try (RecoveredSource live = RecoveredSource.start(temporary, MAJOR, KEYS)) {
            Path old = Files.createDirectory(temporary.resolve("fast"));
            Files.setAttribute(
                    old, "unix:uid", Files.getAttribute(live.server.dataDirectory(), "unix:uid"));
            live.server.execute(
                    "postgres",
                    "CREATE TABLESPACE fast LOCATION '" + old + "'",
                    "CREATE TABLE u TABLESPACE fast AS SELECT generate_series(1, 1000) n");
            BackupLabel later = new BackupLabel("20261122T040000Z-F");
            RealBackup.take(live.server, RecoveredSource.CLUSTER, later, live.store, KEYS);
            live.rows(1, 10);
            live.bulk();
            live.rows(11, 20);
            live.archiveEverything();
            Path moved = temporary.resolve("moved");
            RecoveryRequest request =
                    request(new RecoveryTarget.Latest())
                            .withTablespaces(new TablespaceMapping(Map.of(old, moved)));
            RecoveryPlan lost = live.planner().plan(request);
            new RestoreEngine(RestoreSettings.defaults())
                    .restore(lost.base(), RestoreProgress.NONE);
            live.store.failAlways(ErrorCode.STORE_UNREACHABLE);
            assertThatThrownBy(() ->
                            new Recovery(RecoveredSource.settings())
                                    .run(lost, RecoveryProgress.NONE))
                    .isInstanceOf(CairnException.class);
            live.store.heal();
            assertThat(TargetDirectory.isUnfinished(directory)).isTrue();
            assertThat(TargetDirectory.isUnfinished(moved)).isTrue();

            RecoveredSource.recover(live.planner().plan(request));

            assertThat(TargetDirectory.isUnfinished(directory)).isFalse();
            assertThat(TargetDirectory.isUnfinished(moved)).isFalse();
            try (LocalServer server =
                    LocalServer.on(PostgresBinaries.find(MAJOR), directory)
                            .alsoOwned(moved)
                            .privateSocket()
                            .start()) {
                assertThat(RecoveredSource.numbers(server)).isEqualTo("1-20 of 20");
                assertThat(WalArchive.ask(server, "SELECT sum(n) FROM u")).isEqualTo("500500");
            }
        }
    }

    /** It is a standby still, and stays one. */
    private void assertNotPromoted() throws SQLException {
        assertThat(directory.resolve("standby.signal")).exists();
        assertThat(directory.resolve("pg_wal/00000002.history")).doesNotExist();
        assertThat(new Timeline(1)).isEqualTo(source.commit.timeline());
    }

    private List<ObjectInfo> segments() {
        return segments(source);
    }

    private List<ObjectInfo> segments(RecoveredSource of) {
        List<ObjectInfo> segments = new ArrayList<>();
        try (var listed = store.list(of.archive.layout().walPrefix())) {
            listed.forEach(segments::add);
        }
        // Those behind the backup's own.
        return segments.stream()
                .filter(info ->
                        WalSegment.parse(
                                                info.key()
                                                        .value()
                                                        .replaceAll(".*/|\\.gz\\.cms", ""),
                                                RecoveredSource.SEGMENT)
                                        .start()
                                        .compareTo(of.commit.stopLsn())
                                > 0)
                .toList();
    }

    private WalSegment deleteMiddleSegment() {
        return deleteMiddleSegment(source);
    }

    private WalSegment deleteMiddleSegment(RecoveredSource of) {
        ObjectKey key = segments(of).get(2).key();
        store.delete(key);
        return WalSegment.parse(
                key.value().replaceAll(".*/|\\.gz\\.cms", ""), RecoveredSource.SEGMENT);
    }

    private void replace(ObjectKey key, byte[] bytes, ObjectInfo like) {
        store.delete(key);
        store.putIfAbsent(key, ObjectBody.of(bytes), PutOptions.NONE.withMetadata(like.metadata()))
                .orThrow();
    }

    private String sentAtOfTheEnd() {
        try (var listed = store.list(source.archive.layout().piecesPrefix())) {
            ObjectKey last = listed.map(ObjectInfo::key).reduce((_, later) -> later).orElseThrow();
            return store.head(last).orElseThrow().metadata().get("sent-at");
        }
    }

    private static void copyAll(FakeObjectStore from, FakeObjectStore to) throws IOException {
        for (ObjectKey key : from.keys()) {
            to.putIfAbsent(
                            key,
                            ObjectBody.of(from.read(key, 64 << 20)),
                            PutOptions.NONE.withMetadata(from.head(key).orElseThrow().metadata()))
                    .orThrow();
        }
    }
}
