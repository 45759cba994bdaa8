package io.cairn.restore.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.archive.key.Certificates;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.archival.RetrievalTier;
import io.cairn.model.archival.StorageClass;
import io.cairn.model.backup.Archive;
import io.cairn.model.backup.CommitObject;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.server.PostgresBinaries;
import io.cairn.restore.backup.BackupLister;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.compare.TableDigest;
import io.cairn.restore.compare.TableDigests;
import io.cairn.restore.fixture.RealBackup;
import io.cairn.restore.fixture.SampleCluster;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.restore.plan.BackupSelection;
import io.cairn.restore.plan.RestorePlan;
import io.cairn.restore.plan.RestorePlanner;
import io.cairn.restore.plan.RestoreRequest;
import io.cairn.restore.target.TablespaceMapping;
import io.cairn.restore.thaw.Thaw;
import io.cairn.restore.thaw.ThawPlan;
import io.cairn.restore.thaw.ThawPlanner;
import io.cairn.restore.thaw.ThawProgress;
import io.cairn.storage.FakeObjectStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RestoreIT {

    private static final Path SCRIPT =
            Path.of("../../docs/restore-by-hand.sh").toAbsolutePath().normalize();
    private static final TestKeys KEYS = TestKeys.create();
    private static final ClusterName CLUSTER = new ClusterName("shop");
    private static final BackupLabel LABEL = new BackupLabel("20261122T020000Z-F");

    @TempDir private Path temporary;

    private Instant now = Instant.now();
    private final FakeObjectStore store = FakeObjectStore.locking("primary", () -> now);

    @ParameterizedTest
    @ValueSource(ints = {15, 18})
    void aRestoredServerHasTheContentOfItsSource(int major) throws Exception {
        List<TableDigest> expected;
        CommitObject commit;
        try (SampleCluster source = SampleCluster.start(temporary, major)) {
            expected = source.digests();
            commit = RealBackup.take(source.server(), CLUSTER, LABEL, store, KEYS);
            source.server().execute("shop", "DROP TABLE orders CASCADE");
        }
        assertThat(expected).hasSizeGreaterThanOrEqualTo(5);

        Path restored = temporary.resolve("restored");
        Path moved = temporary.resolve("moved");
        restore(commit, restored, moved);
        assertSameContent(major, restored, moved, expected);

        Path byHand = temporary.resolve("by hand/data");
        restoreByHand(commit, byHand);
        long oid = tablespace(commit).oid();
        assertSameContent(major, byHand, byHand.resolveSibling("tablespaces/" + oid), expected);
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 17})
    void aRestoredServerOfAVersionBetweenHasTheContentOfItsSource(int major) throws Exception {
        List<TableDigest> expected;
        CommitObject commit;
        try (SampleCluster source = SampleCluster.start(temporary, major)) {
            expected = source.digests();
            commit = RealBackup.take(source.server(), CLUSTER, LABEL, store, KEYS);
        }
        assertThat(commit.majorVersion()).isEqualTo(major);
        // What is archived has to come back no less.
        commit.archives().stream()
                .flatMap(archive -> archive.volumes().stream())
                .forEach(volume -> store.transition(volume.object().key(), StorageClass.GLACIER));

        Path restored = temporary.resolve("restored");
        Path moved = temporary.resolve("moved");
        restore(commit, restored, moved);
        assertSameContent(major, restored, moved, expected);
    }

    /** The server's own tool judges a directory that nothing was booted in. */
    @ParameterizedTest
    @ValueSource(ints = {15, 18})
    void postgresqlsOwnToolAcceptsWhatWasRestored(int major) throws Exception {
        Path tool = PostgresTools.program(major, "pg_verifybackup");
        assumeThat(tool).isExecutable();
        CommitObject commit;
        try (SampleCluster source = SampleCluster.start(temporary, major)) {
            commit = RealBackup.take(source.server(), CLUSTER, LABEL, store, KEYS);
        }
        Path restored = temporary.resolve("restored");
        restore(commit, restored, temporary.resolve("moved"));

        run(verify(tool, restored));

        // It does look: one byte less is refused.
        Path file = restored.resolve("global/pg_filenode.map");
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), (int) Files.size(file) - 1));
        assertThatThrownBy(() -> run(verify(tool, restored)))
                .hasMessageContaining("pg_filenode.map");
    }

    private static List<String> verify(Path tool, Path directory) {
        return List.of(tool.toString(), "--exit-on-error", "--no-parse-wal", directory.toString());
    }

    private static void assertSameContent(
            int major, Path directory, Path tablespace, List<TableDigest> expected)
            throws SQLException {
        try (LocalServer restored =
                LocalServer.on(PostgresBinaries.find(major), directory)
                        .privateSocket()
                        .superuser(SampleCluster.SUPERUSER)
                        .alsoOwned(tablespace)
                        .start()) {
            assertThat(TableDigests.differences(expected, digests(restored))).isEmpty();
            // It can be written to, and the comparison notices.
            restored.execute("shop", "INSERT INTO bodies VALUES (0, 'written after the restore')");
            assertThat(TableDigests.differences(expected, digests(restored)))
                    .containsExactly("shop: public.bodies has 61 rows instead of 60");
            restored.execute(
                    "shop",
                    "DELETE FROM bodies WHERE id = 0",
                    "UPDATE bodies SET t = t || '.' WHERE id = 1",
                    "CREATE TABLE more (n int)",
                    "DROP MATERIALIZED VIEW daily");
            assertThat(TableDigests.differences(expected, digests(restored)))
                    .containsExactly(
                            "shop: public.bodies has the same 60 rows by number, but other content",
                            "shop: public.daily is missing",
                            "shop: public.more is there but was not expected");
        }
    }

    private static List<TableDigest> digests(LocalServer server) throws SQLException {
        return TableDigests.ofCluster(server::connect, "postgres");
    }

    private void restore(CommitObject commit, Path target, Path tablespace)
            throws InterruptedException {
        BackupLister lister =
                new BackupLister(List.of(new BackupReader(store, KEYS.trustAnchor())));
        RestoreRequest request =
                RestoreRequest.of(CLUSTER, new BackupSelection.Latest(), target)
                        .withTablespaces(
                                new TablespaceMapping(
                                        Map.of(
                                                Path.of(tablespace(commit).location()),
                                                tablespace)));
        RestorePlan plan =
                new RestorePlanner(lister, KEYS.recipient(), GzipCodec.best()).plan(request);
        ThawPlan archived = new ThawPlanner(() -> now).plan(plan);
        Thaw thaw = new Thaw(() -> now, time -> now = now.plus(time));
        thaw.request(archived, RetrievalTier.BULK, 3);
        thaw.await(archived, Duration.ofMinutes(5), Duration.ofHours(13), ThawProgress.NONE);
        new RestoreEngine(RestoreSettings.defaults()).restore(plan, RestoreProgress.NONE);
    }

    private static Archive.Tablespace tablespace(CommitObject commit) {
        return commit.archives().stream()
                .flatMap(archive -> archive.tablespace().stream())
                .findFirst()
                .orElseThrow();
    }

    private void restoreByHand(CommitObject commit, Path target)
            throws IOException, InterruptedException {
        Path bucket = temporary.resolve("bucket");
        for (ObjectKey key : store.keys()) {
            Path file = bucket.resolve(key.value());
            Files.createDirectories(file.getParent());
            Files.write(file, store.read(key, 64 << 20));
        }
        Path key =
                Files.write(temporary.resolve("recipient.key"), KEYS.recipient().toPrivateKeyPem());
        Path anchor =
                Files.write(
                        temporary.resolve("authority.pem"),
                        Certificates.toPem(Set.of(KEYS.trustAnchor())));
        List<String> command = new ArrayList<>(List.of("sh", SCRIPT.toString()));
        command.addAll(List.of("--from", bucket.toString()));
        command.addAll(
                List.of("--backup", CLUSTER + "/" + commit.systemIdentifier() + "/" + LABEL));
        command.addAll(
                List.of(
                        "--key",
                        key.toString(),
                        "--anchor",
                        anchor.toString(),
                        "--target",
                        target.toString()));
        run(command);
    }

    private static void run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(output).isZero();
        } finally {
            process.destroyForcibly();
        }
    }
}
