package io.cairn.restore.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
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
import io.cairn.restore.plan.RestorePlanner;
import io.cairn.restore.plan.RestoreRequest;
import io.cairn.restore.target.TablespaceMapping;
import io.cairn.storage.FakeObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RestoreIT {

    private static final TestKeys KEYS = TestKeys.create();
    private static final ClusterName CLUSTER = new ClusterName("shop");
    private static final BackupLabel LABEL = new BackupLabel("20261122T020000Z-F");

    @TempDir
    private Path temporary;

    private final FakeObjectStore store = FakeObjectStore.plain("primary");

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

        Path target = temporary.resolve("restored");
        Path tablespace = temporary.resolve("moved");
        restore(commit, target, tablespace);
        verifyByPostgres(major, target);

        try (LocalServer restored = LocalServer.on(PostgresBinaries.find(major), target)
                .privateSocket()
                .superuser(SampleCluster.SUPERUSER)
                .alsoOwned(tablespace)
                .start()) {
            List<TableDigest> actual = TableDigests.ofCluster(restored::connect, "postgres");
            assertThat(TableDigests.differences(expected, actual)).isEmpty();
            restored.execute("shop", "INSERT INTO bodies VALUES (0, 'written after the restore')");
            assertThat(TableDigests.differences(expected, TableDigests.ofCluster(restored::connect, "postgres")))
                    .singleElement()
                    .asString()
                    .contains("shop: public.bodies has 61 rows instead of 60");
        }
    }

    private void restore(CommitObject commit, Path target, Path tablespace) throws InterruptedException {
        Path old = commit.archives().stream()
                .flatMap(archive -> archive.tablespace().stream())
                .map(Archive.Tablespace::location)
                .map(Path::of)
                .findFirst()
                .orElseThrow();
        BackupLister lister = new BackupLister(List.of(new BackupReader(store, KEYS.trustAnchor())));
        RestoreRequest request = RestoreRequest.of(CLUSTER, new BackupSelection.Latest(), target)
                .withTablespaces(new TablespaceMapping(Map.of(old, tablespace)));
        new RestoreEngine(RestoreSettings.defaults())
                .restore(new RestorePlanner(lister, KEYS.recipient(), GzipCodec.best()).plan(request), RestoreProgress.NONE);
    }

    /** With the server's own tool, where the distribution has it. */
    private static void verifyByPostgres(int major, Path directory) throws IOException, InterruptedException {
        Path tool = Path.of("/usr/lib/postgresql/" + major + "/bin/pg_verifybackup");
        if (!Files.isExecutable(tool)) {
            assumeTrue(major != 15 || !Files.isDirectory(Path.of("/usr/lib/postgresql/15/bin")));
            return;
        }
        Process process = new ProcessBuilder(tool.toString(), "--exit-on-error", "--no-parse-wal", directory.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
    }
}
