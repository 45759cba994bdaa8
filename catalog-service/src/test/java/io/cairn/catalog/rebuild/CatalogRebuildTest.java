package io.cairn.catalog.rebuild;

import static io.cairn.catalog.Histories.PRIMARY;
import static io.cairn.catalog.Histories.SECONDARY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.catalog.Fixtures;
import io.cairn.catalog.Histories;
import io.cairn.catalog.backup.Backup;
import io.cairn.catalog.backup.BackupState;
import io.cairn.catalog.backup.CataloguedBackup;
import io.cairn.catalog.backup.Copy;
import io.cairn.catalog.projection.FactSet;
import io.cairn.catalog.projection.MemoryFactStore;
import io.cairn.catalog.projection.Projection;
import io.cairn.catalog.wal.ArchivedRange;
import io.cairn.catalog.wal.ArchivedWal;
import io.cairn.events.BackupReplicated;
import io.cairn.events.CairnEvent;
import io.cairn.events.Topics;
import io.cairn.events.ValidationPassed;
import io.cairn.events.WalArchived;
import io.cairn.model.AttemptId;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.Timeline;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.WalFolder;
import io.cairn.model.wal.WalLayout;
import io.cairn.storage.FakeObjectStore;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class CatalogRebuildTest {

    private static final Instant NOW = Instant.parse("2026-12-01T00:00:00Z");
    private static final Instant COMPLETED = Instant.parse("2026-11-22T02:10:00Z");
    private static final Timeline FIRST = new Timeline(1);
    private static final RunId RUN = RunId.parse("c-oltp:20261122T020000Z-F");
    private static final AttemptId ATTEMPT = new AttemptId("00000000000000aa");
    private static final CommitObject COMMIT =
            Histories.commit(RUN, Tier.OLTP, ATTEMPT, COMPLETED, false);
    private static final ValidationPassed PASSED =
            new ValidationPassed(
                    RUN, ATTEMPT, PRIMARY, COMPLETED, COMPLETED.plusSeconds(60), 4, 1000, 90);
    private static final BackupReplicated REPLICATED =
            new BackupReplicated(
                    RUN,
                    ATTEMPT,
                    PRIMARY,
                    SECONDARY,
                    COMPLETED.plusSeconds(20),
                    Duration.ofSeconds(20),
                    5,
                    1000);

    private final FakeObjectStore primary = FakeObjectStore.plain("primary");
    private final FakeObjectStore secondary = FakeObjectStore.plain("secondary");
    private final MemoryFactStore facts = new MemoryFactStore();
    private final RebuildProgress progress = new RebuildProgress();

    @Property(tries = 40)
    void theBucketsAloneGiveTheRowsThatTheEventsGave(@ForAll long seed) {
        FakeObjectStore one = FakeObjectStore.plain("primary");
        FakeObjectStore other = FakeObjectStore.plain("secondary");
        MemoryFactStore store = new MemoryFactStore();
        Histories.History history = Histories.of(new Random(seed), 12);
        // Of WAL the buckets have what was stored, and not what was told of it; it has tests of its
        // own.
        history.events().stream()
                .filter(event -> !Topics.of(event).equals(Topics.WAL))
                .forEach(event -> store.join(Projection.of(event), Map.of()));
        FactSet told = store.rows();
        Fixtures.store(history, one, other);

        rebuild(store, one, other).run(progress);

        assertThat(store.rows()).isEqualTo(told);
    }

    @Test
    void aCatalogThatKnowsNothingLearnsBackupsChainsKeysAndHistory() {
        Fixtures.store(COMMIT, primary);
        Fixtures.store(COMMIT, secondary);
        storeRecord(PASSED);
        storeRecord(REPLICATED);

        CatalogRebuild.Report report = rebuild().run(progress);

        assertThat(report).isEqualTo(new CatalogRebuild.Report(1, 2, List.of(), List.of()));
        assertThat(progress.objectsFound()).as("two commit objects, two records").isEqualTo(4);
        assertThat(progress.objectsRead()).isEqualTo(4);
        assertThat(state()).isEqualTo(BackupState.PROTECTED);
        assertThat(backup().keyId()).contains("00ff00ff");
        assertThat(backup().wrappedKey()).isEqualTo(COMMIT.key().key());
        assertThat(copy(SECONDARY).arrival().lag()).contains(Duration.ofSeconds(20));
        assertThat(facts.rows().runs().byId()).containsOnlyKeys(RUN.toString());
    }

    @Test
    void whatWalIsStoredIsLearnedFromTheListingAndTheNewestObjectsTime() {
        Instant sent = COMPLETED.plusSeconds(600);
        Fixtures.store(COMMIT, primary);
        Fixtures.storeSegments(COMMIT, primary, 2, 3, sent.minusSeconds(30));
        Fixtures.storeSegments(COMMIT, primary, 6, 6, sent.minusSeconds(20));
        WalLayout layout = new WalLayout(COMMIT.layout().root());
        Fixtures.storeWal(primary, layout.piece(FIRST, range("0/6800000", "0/7000200")), sent);
        Fixtures.storeWal(
                primary,
                WalFolder.of(layout, FIRST)
                        .diverged("0123456789abcdef0123456789abcdef")
                        .piece(range("0/1000000", "0/1000200")),
                sent);

        CatalogRebuild.Report report = rebuild().run(progress);

        assertThat(report.unreadable()).isEmpty();
        assertThat(facts.rows().wal().archived().byId()).hasSize(2);
        assertThat(wal().ranges())
                .containsExactly(
                        new ArchivedRange(
                                Lsn.parse("0/2000000"), Lsn.parse("0/4000000"), Optional.empty()),
                        new ArchivedRange(
                                Lsn.parse("0/6000000"), Lsn.parse("0/7000200"), Optional.of(sent)));
    }

    @Test
    void whatOnlyKeepalivesToldStaysKnownAndWhatIsGoneDoesNot() {
        Instant sent = COMPLETED.plusSeconds(600);
        Instant keptAlive = COMPLETED.plusSeconds(6000);
        Fixtures.store(COMMIT, primary);
        Fixtures.storeSegments(COMMIT, primary, 3, 4, sent);
        facts.join(
                Projection.of(
                        new WalArchived(
                                RUN.cluster(),
                                Tier.OLTP,
                                COMMIT.systemIdentifier(),
                                FIRST,
                                Optional.empty(),
                                PRIMARY,
                                Lsn.parse("0/2000000"),
                                Lsn.parse("0/5000000"),
                                Optional.of(keptAlive),
                                keptAlive)),
                Map.of());

        rebuild().run(progress);

        assertThat(wal().ranges())
                .containsExactly(
                        new ArchivedRange(
                                Lsn.parse("0/3000000"),
                                Lsn.parse("0/5000000"),
                                Optional.of(keptAlive)));
    }

    private ArchivedWal wal() {
        return facts.rows().wal().archived().byId().values().stream()
                .filter(wal -> wal.divergence().isEmpty())
                .findFirst()
                .orElseThrow();
    }

    private static LsnRange range(String start, String end) {
        return new LsnRange(Lsn.parse(start), Lsn.parse(end));
    }

    @Test
    void aCopyThatNoRecordTellsOfIsACopyNevertheless() {
        Fixtures.store(COMMIT, primary);
        Fixtures.store(COMMIT, secondary);

        rebuild().run(progress);

        assertThat(copy(PRIMARY).arrival().lag()).contains(Duration.ZERO);
        assertThat(copy(SECONDARY).completeAt()).isPresent();
        assertThat(copy(SECONDARY).arrival().committedAt()).isEmpty();
        assertThat(facts.rows().records().isEmpty()).isTrue();
    }

    @Test
    void aMissingPartMakesTheCopyInvalid() {
        Fixtures.store(COMMIT, primary);
        Fixtures.store(COMMIT, secondary);
        storeRecord(PASSED);
        storeRecord(REPLICATED);
        secondary.delete(COMMIT.archives().getFirst().volumes().getFirst().object().key());

        CatalogRebuild.Report report = rebuild().run(progress);

        assertThat(report.incomplete())
                .containsExactly(new CatalogRebuild.Incomplete(SECONDARY, RUN.toString(), 1));
        assertThat(state()).isEqualTo(BackupState.INVALID);
        assertThat(copy(SECONDARY).standingFailure())
                .hasValueSatisfying(finding ->
                        assertThat(finding.message())
                                .isEqualTo("1 of 4 parts are missing in store 'secondary'"));
    }

    @Test
    void aMissingKeyMakesTheCopyInvalidAsWell() {
        Fixtures.store(COMMIT, primary);
        primary.delete(COMMIT.key().key());

        rebuild().run(progress);

        assertThat(copy(PRIMARY).standingFailure()).isPresent();
    }

    @Test
    void aCopyWhoseCommitObjectIsGoneIsNotTakenForComplete() {
        Fixtures.store(COMMIT, primary);
        storeRecord(PASSED);
        storeRecord(REPLICATED);

        rebuild().run(progress);

        assertThat(state()).isEqualTo(BackupState.INVALID);
        assertThat(copy(SECONDARY).standingFailure())
                .hasValueSatisfying(finding ->
                        assertThat(finding.code()).isEqualTo(ErrorCode.STORE_OBJECT_MISSING));
    }

    @Test
    void recordsOfABackupThatIsGoneAreLeftOut() {
        storeRecord(PASSED);

        rebuild().run(progress);

        assertThat(facts.rows()).isEqualTo(FactSet.EMPTY);
    }

    @Test
    void oneObjectThatCannotBeReadHidesNoOther() {
        Fixtures.store(COMMIT, primary);
        RunId other = RunId.parse("c-oltp:20261123T020000Z-F");
        ObjectKey broken =
                Histories.commit(other, Tier.OLTP, ATTEMPT, COMPLETED, false).layout().commit();
        Fixtures.put(primary, broken, "{".getBytes(StandardCharsets.UTF_8));
        ObjectKey moved =
                new ObjectKey("c-oltp/7301234567890123456/backups/20261124T020000Z-F/backup.json");
        Fixtures.put(primary, moved, COMMIT.toJson());
        ObjectKey noRecord =
                new ObjectKey(
                        "c-oltp/7301234567890123456/records/verifications/20261122T020000Z-F/00.json");
        Fixtures.put(primary, noRecord, "{}".getBytes(StandardCharsets.UTF_8));

        CatalogRebuild.Report report = rebuild().run(progress);

        assertThat(report.backups()).isOne();
        assertThat(report.unreadable())
                .extracting(Unreadable::key)
                .containsExactlyInAnyOrder(broken, moved, noRecord);
    }

    @Test
    void halfABucketDoesNotPassForAWholeOne() {
        Fixtures.store(COMMIT, primary);
        facts.join(Projection.of(PASSED), Map.of());
        FactSet before = facts.rows();
        secondary.failAlways(ErrorCode.STORE_UNREACHABLE);

        assertThatThrownBy(() -> rebuild().run(progress))
                .hasFieldOrPropertyWithValue("code", ErrorCode.STORE_UNREACHABLE);
        assertThat(facts.rows()).isEqualTo(before);
    }

    private CatalogRebuild rebuild() {
        return rebuild(facts, primary, secondary);
    }

    private static CatalogRebuild rebuild(MemoryFactStore facts, FakeObjectStore... stores) {
        return new CatalogRebuild(
                Fixtures.config(),
                Fixtures.stores(stores),
                facts,
                InstantSource.fixed(NOW),
                new FixedRebuildSettings());
    }

    private void storeRecord(CairnEvent event) {
        Projection.of(event)
                .records()
                .byId()
                .values()
                .forEach(record -> Fixtures.storeRecord(record, primary));
    }

    private Backup backup() {
        return facts.rows().backups().byId().get(Backup.id(RUN, ATTEMPT));
    }

    private Copy copy(StoreName store) {
        return facts.rows().copies().byId().get(Backup.id(RUN, ATTEMPT) + ":" + store);
    }

    private BackupState state() {
        return new CataloguedBackup(backup(), List.of(copy(PRIMARY), copy(SECONDARY)))
                .state(List.of(PRIMARY, SECONDARY));
    }
}
