package io.cairn.validator.daily;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.config.CairnConfig;
import io.cairn.config.CairnConfigReader;
import io.cairn.events.CairnEvent;
import io.cairn.events.DrillDue;
import io.cairn.events.DrillSkipped;
import io.cairn.events.ValidationDue;
import io.cairn.events.ValidationFailed;
import io.cairn.events.ValidationPassed;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.model.archival.StorageClass;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.fixture.SyntheticBackup;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.storage.FakeObjectStore;
import io.cairn.validator.proof.Proof;
import io.cairn.validator.proof.TestProof;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The backups are of PostgreSQL 99, so that every drill that is begun is told as skipped. */
class DailyValidationTest {

    private static final TestKeys KEYS = TestKeys.create();
    private static final ClusterName SHOP = SyntheticBackup.CLUSTER;
    private static final StoreName PRIMARY = new StoreName("primary");
    private static final StoreName SECONDARY = new StoreName("secondary");
    private static final String BEGUN = "PostgreSQL 99";

    @TempDir private Path directory;

    private final Map<StoreName, FakeObjectStore> stores =
            Map.of(
                    PRIMARY, FakeObjectStore.plain("primary"),
                    SECONDARY, FakeObjectStore.plain("secondary"));
    private final List<CairnEvent> facts = new ArrayList<>();
    private final Instant dueAt = Instant.now().plusSeconds(60);
    private CairnConfig config;
    private long bytesPerDay = 1L << 40;

    @BeforeEach
    void configure() throws IOException {
        config =
                CairnConfigReader.read(
                        Files.writeString(
                                directory.resolve("cairn.yaml"),
                                """
                                clusters:
                                  shop: {tier: oltp, hosts: ["127.0.0.1:1"], tls: {mode: disable}}
                                  notes: {tier: content, hosts: ["127.0.0.1:1"], tls: {mode: disable}}
                                stores:
                                  primary: {bucket: a}
                                  secondary: {bucket: b}
                                tiers:
                                  oltp: {copies: [primary, secondary]}
                                  content: {copies: [primary]}
                                  queue: {copies: [primary]}
                                  olap: {copies: [primary]}
                                """));
    }

    @Test
    void aValidationBecomesADrillForEachClusterAndARereadForEachOfItsStores() {
        ValidationDue due = new ValidationDue(dueAt, dueAt.plusSeconds(3600));

        List<DrillDue> parts = validation().parts(due);

        assertThat(parts)
                .extracting(part -> part.cluster() + " " + part.work().id())
                .containsExactly(
                        "shop point-in-time",
                        "notes point-in-time",
                        "shop reread",
                        "shop reread",
                        "notes reread");
        assertThat(parts).extracting(CairnEvent::deterministicId).doesNotHaveDuplicates();
        assertThat(validation().parts(due)).isEqualTo(parts);
        Instant next = dueAt.plus(Duration.ofDays(1));
        assertThat(validation().parts(new ValidationDue(next, next)).getFirst().store())
                .isNotEqualTo(parts.getFirst().store());
    }

    @Test
    void whatIsNotInTheStoreWhoseTurnItIsIsDrilledFromTheOther() throws Exception {
        CommitObject commit = backup("20261122T020000Z-F", PRIMARY);

        run(SECONDARY, DrillDue.Work.POINT_IN_TIME);

        assertThat(skipped(0).store()).isEqualTo(SECONDARY);
        assertThat(skipped(0).run()).isEqualTo(commit.run());
        assertThat(skipped(0).reason()).contains("not in this store");
        assertThat(skipped(1).store()).isEqualTo(PRIMARY);
        assertThat(skipped(1).reason()).contains(BEGUN);
    }

    @Test
    void aStoreThatIsAwayIsToldAndTheOtherDrilledFrom() throws Exception {
        backup("20261122T020000Z-F", PRIMARY);
        store(SECONDARY).failAlways(ErrorCode.STORE_UNREACHABLE);

        run(SECONDARY, DrillDue.Work.POINT_IN_TIME);

        assertThat(skipped(0).store()).isEqualTo(SECONDARY);
        assertThat(skipped(1).reason()).contains(BEGUN);
        store(PRIMARY).failAlways(ErrorCode.STORE_UNREACHABLE);
        assertThatThrownBy(() -> run(SECONDARY, DrillDue.Work.POINT_IN_TIME))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_UNREACHABLE));
    }

    @Test
    void whatNobodyVouchesForFailsAndTheBackupBeforeItIsDrilled() throws Exception {
        CommitObject sound = backup("20261122T020000Z-F", PRIMARY);
        TestKeys own = TestKeys.create();
        CommitObject forged =
                new SyntheticBackup()
                        .labelled("20261123T020000Z-F")
                        .storeIn(
                                store(PRIMARY),
                                new TestKeys(own.authority(), KEYS.recipient(), own.signer()));

        run(PRIMARY, DrillDue.Work.POINT_IN_TIME);

        assertThat(facts.getFirst())
                .isInstanceOfSatisfying(
                        ValidationFailed.class,
                        failed -> assertThat(failed.run()).isEqualTo(forged.run()));
        assertThat(skipped(1).run()).isEqualTo(sound.run());
    }

    /** What was completed after the due time is another day's. */
    @Test
    void whatCameAfterTheDueTimeIsNotDrilled() throws Exception {
        backup("20261122T020000Z-F", PRIMARY);
        DrillDue before =
                due(PRIMARY, DrillDue.Work.POINT_IN_TIME, Instant.now().minusSeconds(3600));

        validation().run(before, facts::add);

        assertThat(facts).isEmpty();
    }

    @Test
    void aDrillWhoseTurnDidNotComeInTimeIsToldAsSkipped() throws Exception {
        backup("20261122T020000Z-F", PRIMARY);
        DrillDue late =
                new DrillDue(
                        SHOP,
                        PRIMARY,
                        DrillDue.Work.POINT_IN_TIME,
                        dueAt,
                        Instant.now().minusSeconds(1),
                        Optional.empty(),
                        Optional.empty());

        validation().run(late, facts::add);

        assertThat(skipped(0).reason()).contains("turn did not come");
    }

    @Test
    void backupsWhoseTurnItIsAreReadAgainAsManyAsTheDaysBytesAllow() throws Exception {
        Instant today = dueAt.truncatedTo(ChronoUnit.SECONDS);
        CommitObject older = backup(label(today, 60), SECONDARY);
        CommitObject newer = backup(label(today, 30), SECONDARY);
        backup(label(today, 31), SECONDARY);
        bytesPerDay = newer.bytesStored() + 1;

        run(SECONDARY, DrillDue.Work.REREAD);

        assertThat(facts).hasSize(2);
        assertThat(facts.getFirst())
                .isInstanceOfSatisfying(
                        DrillDue.class,
                        due -> {
                            assertThat(due.work()).isEqualTo(DrillDue.Work.VERIFY);
                            assertThat(due.label()).contains(newer.label());
                            assertThat(due.store()).isEqualTo(SECONDARY);
                        });
        assertThat(skipped(1).run()).isEqualTo(older.run());
        assertThat(skipped(1).reason()).contains("bytes are used up");

        DrillDue verification = (DrillDue) facts.getFirst();
        facts.clear();
        validation().run(verification, facts::add);
        assertThat(facts).singleElement().isInstanceOf(ValidationPassed.class);

        facts.clear();
        store(SECONDARY)
                .damage(
                        newer.index().key(),
                        bytes -> {
                            bytes[9] ^= 1;
                            return bytes;
                        });
        validation().run(verification, facts::add);
        assertThat(facts)
                .singleElement()
                .isInstanceOfSatisfying(
                        ValidationFailed.class,
                        failed -> assertThat(failed.object()).contains(newer.index().key()));
    }

    @Test
    void whatIsArchivedIsNotReadAgainAndNothingIsWrongWithIt() throws Exception {
        Instant today = dueAt.truncatedTo(ChronoUnit.SECONDS);
        CommitObject commit = backup(label(today, 30), SECONDARY);
        commit.archives().stream()
                .flatMap(archive -> archive.volumes().stream())
                .map(volume -> volume.object().key())
                .forEach(key -> store(SECONDARY).transition(key, StorageClass.DEEP_ARCHIVE));
        run(SECONDARY, DrillDue.Work.REREAD);
        DrillDue verification = (DrillDue) facts.removeFirst();

        validation().run(verification, facts::add);

        assertThat(facts).singleElement().isInstanceOf(DrillSkipped.class);
        assertThat(skipped(0).run()).isEqualTo(commit.run());
        assertThat(skipped(0).store()).isEqualTo(SECONDARY);
        assertThat(skipped(0).reason()).contains("is archived");
    }

    private static String label(Instant today, int daysBefore) {
        return BackupLabel.of(today.minus(Duration.ofDays(daysBefore)), BackupKind.FULL).value();
    }

    private CommitObject backup(String label, StoreName store) {
        return new SyntheticBackup()
                .labelled(label)
                .ofServerVersion(990_001)
                .storeIn(store(store), KEYS);
    }

    private FakeObjectStore store(StoreName name) {
        return stores.get(name);
    }

    private DrillSkipped skipped(int number) {
        return (DrillSkipped) facts.get(number);
    }

    private void run(StoreName store, DrillDue.Work work) throws InterruptedException {
        validation().run(due(store, work, dueAt), facts::add);
    }

    private static DrillDue due(StoreName store, DrillDue.Work work, Instant dueAt) {
        return new DrillDue(
                SHOP,
                store,
                work,
                dueAt,
                dueAt.plus(Duration.ofDays(1)),
                Optional.empty(),
                Optional.empty());
    }

    private DailyValidation validation() {
        Proof proof = TestProof.with(KEYS, directory.resolve("scratch"));
        return new DailyValidation(
                config,
                name -> new BackupReader(stores.get(name), KEYS.trustAnchor()),
                proof,
                new RereadSettings(Duration.ofDays(30), bytesPerDay),
                InstantSource.system());
    }
}
