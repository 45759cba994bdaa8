package io.cairn.catalog.rebuild;

import static io.cairn.catalog.Histories.PRIMARY;
import static io.cairn.catalog.Histories.SECONDARY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.catalog.Fixtures;
import io.cairn.catalog.Histories;
import io.cairn.catalog.backup.Backup;
import io.cairn.catalog.backup.BackupFilter;
import io.cairn.catalog.backup.BackupRecord;
import io.cairn.catalog.backup.Backups;
import io.cairn.catalog.backup.CataloguedBackup;
import io.cairn.catalog.cluster.ClusterStanding;
import io.cairn.catalog.cluster.StoredWal;
import io.cairn.catalog.paging.Page;
import io.cairn.catalog.paging.PageRequest;
import io.cairn.catalog.projection.CatchUp;
import io.cairn.catalog.wal.ArchivedWal;
import io.cairn.events.BackupCompleted;
import io.cairn.events.WalArchived;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.RunId;
import io.cairn.model.Tier;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.storage.FakeObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ReconciliationTest {

    private static final Instant SENT = Instant.parse("2026-11-22T03:00:00.123456Z");
    private static final RunId RUN = RunId.parse("c-oltp:20261122T020000Z-F");
    private static final CommitObject COMMIT =
            Histories.commit(
                    RUN,
                    Tier.OLTP,
                    new AttemptId("00000000000000aa"),
                    Instant.parse("2026-11-22T02:10:00Z"),
                    false);

    private final FakeObjectStore primary = FakeObjectStore.plain("primary");
    private final FakeObjectStore secondary = FakeObjectStore.plain("secondary");
    private final Fixtures.Published published = new Fixtures.Published();
    private final Set<RunId> known = new HashSet<>();
    private List<ArchivedWal> wal = List.of();
    private Duration ahead = Duration.ofMinutes(10);
    private CatchUp catchUp = _ -> {};

    @Test
    void tellsOfACommitThatNoEventToldOf() {
        Fixtures.store(COMMIT, primary);

        assertThat(reconciliation().run()).isOne();

        assertThat(published.facts())
                .containsExactly(BackupCompleted.of(COMMIT, Histories.object(COMMIT), PRIMARY));
    }

    @Test
    void saysNothingOfWhatIsKnown() {
        Fixtures.store(COMMIT, primary);
        known.add(RUN);

        assertThat(reconciliation().run()).isZero();
        assertThat(published.facts()).isEmpty();
    }

    @Test
    void leavesAYoungCommitToItsExecutor() {
        Fixtures.store(COMMIT, primary);
        ahead = Duration.ofSeconds(10);

        assertThat(reconciliation().run()).isZero();
    }

    @Test
    void tellsOnceOfABackupThatLiesInSeveralStores() {
        Fixtures.store(COMMIT, primary);
        Fixtures.store(COMMIT, secondary);

        assertThat(reconciliation().run()).isOne();
    }

    @Test
    void aBackupThatLiesOnlyInTheOtherRegionWasCommittedThere() {
        Fixtures.store(COMMIT, secondary);

        reconciliation().run();

        assertThat(published.facts())
                .containsExactly(BackupCompleted.of(COMMIT, Histories.object(COMMIT), SECONDARY));
    }

    @Test
    void aCatalogThatIsStillReadingTheLogTellsNothing() {
        Fixtures.store(COMMIT, primary);
        catchUp =
                _ -> {
                    throw new CairnException(ErrorCode.RUN_STALLED, "still reading", null);
                };

        assertThatThrownBy(() -> reconciliation().run()).hasMessage("still reading");
        assertThat(published.facts()).isEmpty();
    }

    @Test
    void whatBecomesKnownWhileTheLogIsReadIsNotToldAgain() {
        Fixtures.store(COMMIT, primary);
        catchUp = _ -> known.add(RUN);

        assertThat(reconciliation().run()).isZero();
    }

    @Test
    void aStoreThatDoesNotAnswerKeepsItNotFromTheOthers() {
        Fixtures.store(COMMIT, secondary);
        primary.failAlways(ErrorCode.STORE_ACCESS_DENIED);

        // The commit is read from the second store, but whether the first has it too cannot be
        // known: told next time.
        assertThatThrownBy(() -> reconciliation().run())
                .hasFieldOrPropertyWithValue("code", ErrorCode.STORE_ACCESS_DENIED);
        primary.heal();
        assertThat(reconciliation().run()).isOne();
    }

    @Test
    void aBrokerThatIsAwayIsAnError() {
        Fixtures.store(COMMIT, primary);
        published.fail(new CairnException(ErrorCode.BROKER_UNREACHABLE, "no broker", null));

        assertThatThrownBy(() -> reconciliation().run())
                .hasFieldOrPropertyWithValue("code", ErrorCode.BROKER_UNREACHABLE);
    }

    @Test
    void aBrokenCommitObjectIsPassedOver() {
        Fixtures.put(primary, COMMIT.layout().commit(), new byte[] {'{'});
        Fixtures.store(
                Histories.commit(
                        RunId.parse("c-oltp:20261123T020000Z-F"),
                        Tier.OLTP,
                        COMMIT.attempt(),
                        COMMIT.completedAt(),
                        false),
                primary);

        assertThat(reconciliation().run()).isOne();
        assertThat(primary.keys()).contains(new ObjectKey(COMMIT.layout().commit().value()));
    }

    private Reconciliation reconciliation() {
        return new Reconciliation(
                Fixtures.config(),
                Fixtures.stores(primary, secondary),
                new KnownBackups(),
                this::standings,
                catchUp,
                published,
                InstantSource.fixed(InstantSource.system().instant().plus(ahead)),
                new FixedRebuildSettings());
    }

    @Test
    void tellsOfWalThatNoEventToldOf() {
        Fixtures.store(COMMIT, primary);
        known.add(RUN);
        Fixtures.storeSegments(COMMIT, primary, 2, 4, SENT);

        assertThat(reconciliation().run()).isZero();

        assertThat(published.facts())
                .singleElement()
                .isInstanceOfSatisfying(
                        WalArchived.class,
                        told -> {
                            assertThat(told.start()).isEqualTo(Lsn.parse("0/2000000"));
                            assertThat(told.end()).isEqualTo(Lsn.parse("0/5000000"));
                            assertThat(told.recoverableUntil()).contains(SENT);
                            assertThat(told.tier()).isEqualTo(Tier.OLTP);
                        });
    }

    @Test
    void saysNothingOfWalThatTheStreamToldOf() {
        Fixtures.store(COMMIT, primary);
        known.add(RUN);
        Fixtures.storeSegments(COMMIT, primary, 2, 4, SENT);
        reconciliation().run();
        WalArchived told = (WalArchived) published.facts().removeFirst();
        wal = List.of(ArchivedWal.of(told));

        reconciliation().run();

        assertThat(published.facts()).isEmpty();
    }

    private SortedMap<ClusterName, ClusterStanding> standings() {
        ClusterName cluster = RUN.cluster();
        ClusterStanding unknown = ClusterStanding.unknown(cluster);
        return new TreeMap<>(
                Map.of(
                        cluster,
                        new ClusterStanding(
                                cluster,
                                unknown.lastTier(),
                                unknown.last(),
                                unknown.lastRestorable(),
                                unknown.lastVerified(),
                                unknown.lastProtected(),
                                unknown.lastDrilled(),
                                unknown.fulls(),
                                unknown.lags(),
                                unknown.assessments(),
                                new StoredWal(List.of(), wal, List.of()))));
    }

    /** Answers only what is known. */
    private final class KnownBackups implements Backups {

        @Override
        public Page<CataloguedBackup> find(BackupFilter filter, PageRequest page) {
            throw new AssertionError("not asked for");
        }

        @Override
        public List<CataloguedBackup> named(BackupLabel label, Optional<ClusterName> cluster) {
            throw new AssertionError("not asked for");
        }

        @Override
        public List<BackupRecord> history(Backup backup) {
            throw new AssertionError("not asked for");
        }

        @Override
        public Set<RunId> known() {
            return known;
        }
    }
}
