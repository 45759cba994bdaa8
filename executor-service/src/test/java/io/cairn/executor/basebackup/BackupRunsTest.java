package io.cairn.executor.basebackup;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.archive.key.KeyAlgorithm;
import io.cairn.archive.key.KeyFiles;
import io.cairn.config.CairnConfig;
import io.cairn.config.KeysConfig;
import io.cairn.config.SecretReference;
import io.cairn.events.BackupCompleted;
import io.cairn.events.BackupDue;
import io.cairn.events.BackupFailed;
import io.cairn.events.DueCause;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.RunPolicy;
import io.cairn.storage.ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupRunsTest {

    @TempDir Path directory;

    private final RunFixture fixture = new RunFixture();
    private KeysConfig keys =
            new KeysConfig(List.of(), Optional.empty(), Optional.empty(), Optional.empty());

    @BeforeEach
    void createKeys() throws IOException {
        KeyFiles files =
                KeyFiles.create(
                        directory.resolve("keys"),
                        "test",
                        KeyAlgorithm.EC_P256,
                        "secret".toCharArray(),
                        TestClock.START.minusSeconds(60),
                        Duration.ofDays(1));
        Path password = Files.writeString(directory.resolve("password"), "secret");
        keys =
                new KeysConfig(
                        List.of(files.recipientCertificate()),
                        Optional.of(
                                new KeysConfig.Pkcs12(
                                        files.signer(), new SecretReference("file:" + password))),
                        Optional.of(files.authorityCertificate()),
                        Optional.empty());
    }

    @Test
    void runsWhatIsDueByConfigurationAlone() throws InterruptedException {
        RunOutcome outcome = run(RunFixture.due());

        assertThat(outcome).isInstanceOf(RunOutcome.Taken.class);
        assertThat(fixture.events.last()).isInstanceOf(BackupCompleted.class);
        assertThat(fixture.isCommitted()).isTrue();
    }

    @Test
    void aLogBackupWithNothingToContinueFailsWithoutRetry() throws InterruptedException {
        failsWith(ErrorCode.BACKUP_NOT_FOUND, due(RunFixture.CLUSTER, BackupKind.LOG, "primary"));
    }

    @Test
    void aClusterThatIsNotConfiguredFailsWithoutRetry() throws InterruptedException {
        failsWith(
                ErrorCode.CLUSTER_UNKNOWN,
                due(new ClusterName("elsewhere"), BackupKind.FULL, "primary"));
    }

    @Test
    void aStoreThatIsNotConfiguredFailsWithoutRetry() throws InterruptedException {
        failsWith(ErrorCode.CONFIG_INVALID, due(RunFixture.CLUSTER, BackupKind.FULL, "nowhere"));
    }

    @Test
    void nobodyToEncryptForFailsWithoutRetry() throws InterruptedException {
        keys = new KeysConfig(List.of(), keys.signer(), keys.trustAnchor(), Optional.empty());
        failsWith(ErrorCode.CONFIG_INVALID, RunFixture.due());
    }

    @Test
    void nothingToSignWithFailsWithoutRetry() throws InterruptedException {
        keys =
                new KeysConfig(
                        keys.recipients(), Optional.empty(), keys.trustAnchor(), Optional.empty());
        failsWith(ErrorCode.CONFIG_INVALID, RunFixture.due());
    }

    @Test
    void aCertificateThatDoesNotParseFailsWithoutRetry() throws InterruptedException, IOException {
        Path garbage = Files.writeString(directory.resolve("garbage.pem"), "garbage");
        keys =
                new KeysConfig(
                        List.of(garbage), keys.signer(), keys.trustAnchor(), Optional.empty());
        failsWith(ErrorCode.CERTIFICATE_INVALID, RunFixture.due());
    }

    private void failsWith(ErrorCode code, BackupDue due) throws InterruptedException {
        RunOutcome outcome = run(due);

        assertThat(outcome).isInstanceOf(RunOutcome.Failed.class);
        BackupFailed failed = fixture.events.only(BackupFailed.class);
        assertThat(failed.code()).isEqualTo(code);
        assertThat(failed.run()).isEqualTo(due.run());
        assertThat(failed.retried()).isFalse();
        assertThat(failed.hint()).isPresent();
        assertThat(fixture.store.keys()).isEmpty();
    }

    private RunOutcome run(BackupDue due) throws InterruptedException {
        CairnConfig config =
                new CairnConfig(
                        new LinkedHashMap<>(Map.of(RunFixture.CLUSTER, fixture.config)),
                        new LinkedHashMap<>(),
                        keys,
                        Map.of(),
                        List.of(),
                        Map.of());
        return new BackupRuns(
                        config,
                        name ->
                                name.value().equals("primary")
                                        ? fixture.store
                                        : unknown(config, name),
                        cluster -> fixture.cluster,
                        RunSettings.DEFAULT,
                        PipelineSettings.DEFAULT,
                        RunEnvironment.of("test/1").withClock(fixture.clock))
                .run(due, fixture.events);
    }

    private static ObjectStore unknown(CairnConfig config, StoreName name) {
        throw new AssertionError(config.store(name));
    }

    private static BackupDue due(ClusterName cluster, BackupKind kind, String store) {
        RunPolicy policy = RunFixture.policy(store);
        return new BackupDue(
                new RunId(cluster, BackupLabel.of(TestClock.START, kind)),
                Tier.OLTP,
                TestClock.START,
                TestClock.START.plus(Duration.ofHours(1)),
                DueCause.SCHEDULED,
                policy);
    }
}
