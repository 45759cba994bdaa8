package io.cairn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.config.CairnConfig;
import io.cairn.config.CairnConfigReader;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.Sha256;
import io.cairn.model.StoreName;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.wal.RecoverableWindow;
import io.cairn.restore.backup.ListedBackup;
import io.cairn.restore.backup.StoredBackup;
import io.cairn.restore.fixture.SyntheticBackup;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.storage.FakeObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecoveryTimeTest {

    private static final StoreName PRIMARY = new StoreName("primary");
    private static final Instant NOW = Instant.parse("2026-11-22T05:00:00Z");
    private static final TestKeys KEYS = TestKeys.create();

    @TempDir private Path directory;

    @Test
    void whatGrowsIsSaidToPassItsObjective() throws IOException {
        String text = text(Duration.ofSeconds(362), growing(1 << 20));

        assertThat(text)
                .isEqualTo("RTO 6 min 02 s of 15 min; at this growth beyond it in 2 months");
    }

    @Test
    void whatDoesNotGrowIsSaidToStay() throws IOException {
        assertThat(text(Duration.ofSeconds(362), growing(0)))
                .isEqualTo("RTO 6 min 02 s of 15 min; at this growth not beyond it in ten years");
    }

    @Test
    void whatTakesLongerAlreadyIsSaidAloud() throws IOException {
        assertThat(text(Duration.ofMinutes(16), growing(0)))
                .isEqualTo("RTO 16 min 00 s of 15 min: BEYOND IT");
    }

    @Test
    void ofOneFullBackupNoGrowthIsTold() throws IOException {
        assertThat(text(Duration.ofSeconds(18), growing(0).subList(0, 1)))
                .isEqualTo("RTO 18.0 s of 15 min");
    }

    @Test
    void whatWasNeverDrilledHasNone() throws IOException {
        List<ListedBackup> backups = growing(0);
        assertThat(time(backups, Optional.empty())).isEmpty();
    }

    /** Full backups of three weeks, each so much larger than the last. */
    private static List<ListedBackup> growing(int bytesMore) {
        List<ListedBackup> backups = new ArrayList<>();
        for (int week = 0; week < 3; week++) {
            Instant taken = NOW.minus(Duration.ofDays(21 - 7L * week));
            CommitObject commit =
                    new SyntheticBackup()
                            .with("base/1/1259", new byte[(1 << 20) + week * bytesMore])
                            .labelled(BackupLabel.of(taken, BackupKind.FULL).value())
                            .completedAt(taken)
                            .storeIn(FakeObjectStore.plain("primary"), KEYS);
            byte[] json = commit.toJson();
            StoredObject object =
                    new StoredObject(commit.layout().commit(), json.length, Sha256.of(json));
            backups.add(
                    new ListedBackup(
                            commit.layout(),
                            List.of(new StoredBackup(PRIMARY, commit, object)),
                            List.of()));
        }
        return backups;
    }

    private String text(Duration rto, List<ListedBackup> backups) throws IOException {
        BackupLabel label = backups.getLast().layout().label();
        return time(backups, Optional.of(new RecoverableWindow.Proof(label, NOW, rto)))
                .orElseThrow()
                .text(NOW);
    }

    private Optional<RecoveryTime> time(
            List<ListedBackup> backups, Optional<RecoverableWindow.Proof> drill)
            throws IOException {
        CommitObject commit = backups.getFirst().commit();
        StoreWindow window =
                new StoreWindow(
                        commit.cluster(),
                        PRIMARY,
                        commit.systemIdentifier(),
                        new RecoverableWindow.Point(
                                commit.timeline(), commit.stopLsn(), commit.completedAt()),
                        new StoreWindow.End(commit.timeline(), commit.stopLsn(), Optional.empty()),
                        false,
                        drill);
        return RecoveryTime.of(commit.cluster(), config(), backups, List.of(window), NOW);
    }

    private CairnConfig config() throws IOException {
        return CairnConfigReader.read(
                Files.writeString(
                        directory.resolve("cairn.yaml"),
                        """
                        clusters:
                          shop: {tier: oltp, hosts: [127.0.0.1], tls: {mode: disable}}
                        stores:
                          primary: {bucket: backups, endpoint: "http://127.0.0.1:9"}
                        tiers:
                          oltp: {copies: [primary]}
                          content: {copies: [primary]}
                          queue: {copies: [primary]}
                          olap: {copies: [primary]}
                        """));
    }
}
