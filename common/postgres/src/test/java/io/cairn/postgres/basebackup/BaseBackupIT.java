package io.cairn.postgres.basebackup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.cairn.model.backup.Archive;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.TestSource;
import io.cairn.postgres.basebackup.BaseBackupOptions.Checkpoint;
import io.cairn.postgres.connection.Fence;
import io.cairn.postgres.connection.ServerConnection;
import io.cairn.postgres.manifest.BackupManifest.WalRange;
import io.cairn.postgres.manifest.FileVerifier;
import io.cairn.postgres.manifest.ManifestFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BaseBackupIT {

    private static final BaseBackupOptions FAST =
            BaseBackupOptions.labelled("it's a test").with(Checkpoint.FAST);

    @TempDir Path directory;

    /** For the tests that leave a server as they found it. */
    private TestSource source;

    @BeforeAll
    void startTheServer(@TempDir Path temporary) {
        source = TestSource.start(18, temporary);
        source.execute(
                "CREATE TABLE big AS SELECT repeat('x', 1000) FROM generate_series(1, 50000)");
    }

    @AfterAll
    void stopTheServer() {
        source.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 16, 17, 18})
    void everyFileHasTheChecksumThatTheManifestSays(int major) throws Exception {
        Path tablespace = Files.createDirectory(directory.resolve("second space"));
        try (TestSource own =
                TestSource.start(major, directory, builder -> builder.alsoOwned(tablespace))) {
            own.execute(
                    "CREATE TABLESPACE second LOCATION '" + tablespace + "'",
                    "CREATE TABLE here AS SELECT n, repeat('x', n % 100) AS t FROM generate_series(1, 20000) n",
                    "CREATE TABLE there TABLESPACE second AS SELECT * FROM here");
            TarReceiver receiver = new TarReceiver();
            BaseBackupResult result;
            try (ServerConnection session = own.connect("shop:20261122T020000Z-F")) {
                result = new BaseBackup(session, FAST).stream(receiver);
                assertThat(session.value("SELECT 'still usable'")).isEqualTo("still usable");
                assertThat(result.systemIdentifier())
                        .isEqualTo(session.identify().systemIdentifier());
            }

            Map<String, FileVerifier.Outcome> outcomes = receiver.verify();
            assertThat(outcomes.keySet())
                    .containsExactlyInAnyOrderElementsOf(
                            receiver.manifest().files().stream().map(ManifestFile::path).toList());
            assertThat(outcomes.values()).hasOnlyElementsOfType(FileVerifier.Outcome.Matches.class);
            assertThat(outcomes.keySet())
                    .anyMatch(
                            path -> path.matches("pg_tblspc/\\d+/PG_" + major + "_\\d+/\\d+/\\d+"));

            String oid = own.ask("SELECT oid FROM pg_tablespace WHERE spcname = 'second'");
            assertThat(receiver.archives().keySet()).containsExactly(oid + ".tar", Archive.BASE);
            assertThat(result.serverVersion() / 10_000).isEqualTo(major);
            assertThat(result.walSegmentBytes()).isEqualTo(16 << 20);
            assertThat(result.stopLsn()).isGreaterThan(result.startLsn());
            assertThat(result.archiveBytes()).isEqualTo(receiver.archiveBytes());
            assertThat(result.damaged()).isFalse();
            assertThat(receiver.manifest().summary().walRanges())
                    .containsExactly(
                            new WalRange(result.timeline(), result.startLsn(), result.stopLsn()));
            assertThat(receiver.start().startLsn()).isEqualTo(result.startLsn());
            assertThat(receiver.lastProgress()).isPositive();
            assertThat(receiver.start().estimatedBytes())
                    .isBetween(result.archiveBytes() / 4, result.archiveBytes() * 4);
        }
    }

    @Test
    void theWalOfTheBackupComesWithItUnlessItIsLeftOut() throws Exception {
        try (ServerConnection session = source.connect("wal")) {
            TarReceiver with = new TarReceiver();
            new BaseBackup(session, FAST).stream(with);
            TarReceiver without = new TarReceiver();
            new BaseBackup(session, FAST.withoutWal()).stream(without);

            assertThat(text(with)).containsPattern("pg_wal/[0-9A-F]{24}\0");
            assertThat(text(without)).doesNotContainPattern("pg_wal/[0-9A-F]{24}\0");
            assertThat(text(with)).contains("LABEL: it's a test");
        }
    }

    private static String text(TarReceiver receiver) {
        return receiver.archives().get(Archive.BASE).toString(StandardCharsets.ISO_8859_1);
    }

    @Test
    void aTemporarySlotKeepsTheWalWhileTheBackupRunsAndNoLonger() throws Exception {
        try (ServerConnection session = source.connect("slot")) {
            AtomicReference<String> slots = new AtomicReference<>("");
            new BaseBackup(session, FAST)
                    .stream(
                            new Discarding() {
                                @Override
                                public void archiveBegins(
                                        String name, Optional<Archive.Tablespace> tablespace) {
                                    slots.set(
                                            source.ask(
                                                    "SELECT temporary || ' ' || (restart_lsn IS NOT NULL) FROM pg_replication_slots"
                                                            + " WHERE slot_name = 'cairn_base_"
                                                            + session.backendPid()
                                                            + "'"));
                                }
                            });
            assertThat(slots.get()).isEqualTo("true true");
            assertThat(slotOf(session.backendPid())).isEqualTo("0");
        }
    }

    private String slotOf(int pid) {
        return source.ask(
                "SELECT count(*) FROM pg_replication_slots WHERE slot_name = 'cairn_base_"
                        + pid
                        + "'");
    }

    @Test
    void aTerminatedWalSenderIsALostConnection() {
        try (ServerConnection session = source.connect("killed")) {
            int pid = session.backendPid();
            assertThatThrownBy(() ->
                            new BaseBackup(session, FAST)
                                    .stream(
                                            new Discarding() {
                                                private boolean terminated;

                                                @Override
                                                public void archiveData(
                                                        byte[] buffer, int offset, int length) {
                                                    if (!terminated) {
                                                        assertThat(
                                                                        source.ask(
                                                                                "SELECT pg_terminate_backend("
                                                                                        + pid
                                                                                        + ", 5000)"))
                                                                .isEqualTo("t");
                                                        terminated = true;
                                                    }
                                                }
                                            }))
                    .isInstanceOfSatisfying(
                            CairnException.class,
                            e -> {
                                assertThat(e.code()).isEqualTo(ErrorCode.POSTGRES_CONNECTION_LOST);
                                assertThat(e.messageWithHint())
                                        .contains(source.server().address().toString())
                                        .contains("hint:");
                            });
            assertThat(slotOf(pid)).isEqualTo("0");
        }
    }

    @Test
    void aKilledServerIsALostConnection() {
        try (TestSource own = TestSource.start(15, directory);
                ServerConnection session = own.connect("killed")) {
            own.execute(
                    "CREATE TABLE big AS SELECT repeat('x', 1000) FROM generate_series(1, 50000)");
            assertThatThrownBy(() ->
                            new BaseBackup(session, FAST)
                                    .stream(
                                            new Discarding() {
                                                @Override
                                                public void archiveData(
                                                        byte[] buffer, int offset, int length) {
                                                    own.server().kill();
                                                }
                                            }))
                    .isInstanceOfSatisfying(
                            CairnException.class,
                            e ->
                                    assertThat(e.code())
                                            .isEqualTo(ErrorCode.POSTGRES_CONNECTION_LOST));
        }
    }

    @Test
    void aStandingServerIsALostConnectionAfterTheReadTimeout() throws Exception {
        try (ServerConnection session = source.connect("stopped", Duration.ofSeconds(1))) {
            int pid = session.backendPid();
            assertThatThrownBy(() ->
                            new BaseBackup(session, FAST)
                                    .stream(
                                            new Discarding() {
                                                @Override
                                                public void archiveBegins(
                                                        String name,
                                                        Optional<Archive.Tablespace> tablespace) {
                                                    signal("STOP", pid);
                                                }
                                            }))
                    .isInstanceOfSatisfying(
                            CairnException.class,
                            e -> {
                                assertThat(e.code()).isEqualTo(ErrorCode.POSTGRES_CONNECTION_LOST);
                                assertThat(e)
                                        .hasMessageContaining(
                                                "sent nothing within the read timeout");
                            });
            signal("CONT", pid);
        }
    }

    private static void signal(String name, int pid) {
        try {
            new ProcessBuilder("/bin/sh", "-c", "kill -" + name + " " + pid).start().waitFor();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void anAbortFromAnotherThreadEndsABackupThatWaits() throws Exception {
        try (ServerConnection session = source.connect("aborted")) {
            int pid = session.backendPid();
            BaseBackup backup = new BaseBackup(session, FAST);
            AtomicReference<Thread> aborter = new AtomicReference<>();
            assertThatThrownBy(() ->
                            backup.stream(
                                    new Discarding() {
                                        @Override
                                        public void archiveBegins(
                                                String name,
                                                Optional<Archive.Tablespace> tablespace) {
                                            // Nothing more comes, so that the reader is certainly
                                            // waiting when it is aborted.
                                            signal("STOP", pid);
                                            aborter.set(Thread.ofVirtual().start(backup::abort));
                                        }
                                    }))
                    .isInstanceOfSatisfying(
                            CairnException.class,
                            e -> {
                                assertThat(e.code()).isEqualTo(ErrorCode.POSTGRES_CONNECTION_LOST);
                                assertThat(e).hasMessageContaining("aborted by this side");
                            });
            signal("CONT", pid);
            aborter.get().join();
        }
    }

    @Test
    void anInterruptEndsABackupThatWaitsOnAVirtualThread() throws Exception {
        try (ServerConnection session = source.connect("interrupted")) {
            int pid = session.backendPid();
            CountDownLatch stopped = new CountDownLatch(1);
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            Thread reader =
                    Thread.ofVirtual()
                            .start(() ->
                                    thrown.set(
                                            catchThrowable(() ->
                                                    new BaseBackup(session, FAST)
                                                            .stream(
                                                                    new Discarding() {
                                                                        @Override
                                                                        public void archiveBegins(
                                                                                String name,
                                                                                Optional<
                                                                                                Archive
                                                                                                        .Tablespace>
                                                                                        tablespace) {
                                                                            signal("STOP", pid);
                                                                            stopped.countDown();
                                                                        }
                                                                    }))));
            stopped.await();
            reader.interrupt();
            reader.join(Duration.ofSeconds(20));
            signal("CONT", pid);

            assertThat(thrown.get())
                    .isInstanceOfSatisfying(
                            CairnException.class,
                            e ->
                                    assertThat(e.code())
                                            .isEqualTo(ErrorCode.POSTGRES_CONNECTION_LOST));
        }
    }

    @Test
    void whatTheReceiverThrowsEndsTheSessionAndComesOut() throws Exception {
        try (ServerConnection session = source.connect("receiver")) {
            Fence fence = new Fence(session, session.identify().systemIdentifier());
            assertThat(fence.tryAcquire()).isTrue();
            IllegalStateException full = new IllegalStateException("the store is full");
            assertThatThrownBy(() ->
                            new BaseBackup(session, FAST)
                                    .stream(
                                            new Discarding() {
                                                @Override
                                                public void archiveData(
                                                        byte[] buffer, int offset, int length) {
                                                    throw full;
                                                }
                                            }))
                    .isSameAs(full);
            assertThatThrownBy(session::identify)
                    .isInstanceOfSatisfying(
                            CairnException.class,
                            e ->
                                    assertThat(e.code())
                                            .isEqualTo(ErrorCode.POSTGRES_CONNECTION_LOST));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 18})
    void damagedPagesAreReportedWithFileAndBlockAndTheBackupIsWhole(int major) throws Exception {
        try (TestSource own = TestSource.start(major, directory)) {
            own.execute(
                    "CREATE TABLE damaged AS SELECT n, repeat('x', 500) FROM generate_series(1, 1000) n",
                    "CHECKPOINT");
            String file = own.ask("SELECT pg_relation_filepath('damaged')");
            own.server().stop();
            flipByte(own.server().dataDirectory().resolve(file), 3 * 8192 + 4000);
            for (int block = 10; block < 20; block++) {
                flipByte(own.server().dataDirectory().resolve(file), block * 8192 + 4000);
            }
            own.server().start();

            TarReceiver receiver = new TarReceiver();
            try (ServerConnection session = own.connect("damaged")) {
                Fence fence = new Fence(session, session.identify().systemIdentifier());
                assertThat(fence.tryAcquire()).isTrue();
                BaseBackupResult result = new BaseBackup(session, FAST).stream(receiver);

                assertThat(result.damaged()).isTrue();
                assertThat(
                                result.damage().stream()
                                        .map(damage ->
                                                damage.file()
                                                        + damage.block()
                                                                .map(block -> "@" + block)
                                                                .orElse(""))
                                        .collect(Collectors.toList()))
                        .containsExactly(
                                file + "@3",
                                file + "@10",
                                file + "@11",
                                file + "@12",
                                file + "@13",
                                file);
                assertThat(result.warnings()).isNotEmpty();
                assertThat(fence.isHeld()).isTrue();
                assertThat(session.value("SELECT count(*) FROM pg_replication_slots"))
                        .isEqualTo("0");
            }
            assertThat(receiver.verify().values())
                    .hasOnlyElementsOfType(FileVerifier.Outcome.Matches.class);

            try (ServerConnection session = own.connect("unverified")) {
                BaseBackupResult result =
                        new BaseBackup(session, FAST.withoutVerifyingChecksums())
                                .stream(new Discarding());
                assertThat(result.damaged()).isFalse();
            }
        }
    }

    private static void flipByte(Path file, long offset) throws IOException {
        try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
            access.seek(offset);
            int before = access.read();
            access.seek(offset);
            access.write(before ^ 0xFF);
        }
    }

    @Test
    void aFileWithAnOddNameIsListedAndArchivedUnderTheSameName() throws Exception {
        try (TestSource own = TestSource.start(15, directory);
                ServerConnection session = own.connect("names")) {
            Path data = own.server().dataDirectory();
            shell(data.getParent(), "printf latin > \"$(printf 'data/caf\\351 latin')\"");
            shell(
                    data.getParent(),
                    "printf utf8 > \"$(printf 'data/Stra\\303\\237e \"quoted\" \\\\')\"");
            shell(data.getParent(), "chmod a+r data/*");

            TarReceiver receiver = new TarReceiver();
            new BaseBackup(session, FAST).stream(receiver);

            assertThat(new String(receiver.manifestBytes(), StandardCharsets.UTF_8))
                    .contains("Encoded-Path");
            assertThat(receiver.manifest().byPath().keySet())
                    .contains("caf\u00e9 latin", "Stra\u00dfe \"quoted\" \\");
            assertThat(receiver.verify().get("Stra\u00dfe \"quoted\" \\"))
                    .isInstanceOf(FileVerifier.Outcome.Matches.class);
        }
    }

    private static void shell(Path directory, String command)
            throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder("/bin/sh", "-c", command)
                        .directory(directory.toFile())
                        .inheritIO()
                        .start();
        assertThat(process.waitFor()).isZero();
    }

    @Test
    void allSlotsInUseIsSaidWithTheRemedy() {
        try (TestSource own =
                TestSource.start(
                        18, directory, builder -> builder.setting("max_replication_slots", "1"))) {
            own.execute("SELECT pg_create_physical_replication_slot('taken')");
            try (ServerConnection session = own.connect("slots")) {
                assertThatThrownBy(() -> new BaseBackup(session, FAST).stream(new Discarding()))
                        .isInstanceOfSatisfying(
                                CairnException.class,
                                e -> {
                                    assertThat(e.code())
                                            .isEqualTo(ErrorCode.POSTGRES_SLOTS_EXHAUSTED);
                                    assertThat(e.hint())
                                            .hasValueSatisfying(hint ->
                                                    assertThat(hint)
                                                            .contains("max_replication_slots"));
                                });
                assertThat(session.value("SELECT 1")).isEqualTo("1");
            }
        }
    }

    /** Takes everything and keeps nothing. */
    private static class Discarding implements BaseBackupReceiver {

        @Override
        public void started(BaseBackupStart start) {}

        @Override
        public void archiveBegins(String name, Optional<Archive.Tablespace> tablespace) {}

        @Override
        public void archiveData(byte[] buffer, int offset, int length) {}

        @Override
        public void manifestData(byte[] buffer, int offset, int length) {}
    }
}
