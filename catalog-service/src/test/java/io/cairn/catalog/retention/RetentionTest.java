package io.cairn.catalog.retention;

import static io.cairn.catalog.retention.StoredCluster.CLUSTER;
import static io.cairn.catalog.retention.StoredCluster.ROOT;
import static io.cairn.catalog.retention.StoredCluster.policy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.catalog.Fixtures;
import io.cairn.catalog.hold.LegalHolds;
import io.cairn.catalog.retention.CleanUp.Applied;
import io.cairn.catalog.retention.CleanUp.Held;
import io.cairn.catalog.retention.History.Fork;
import io.cairn.events.BackupExpired;
import io.cairn.events.RetentionHeld;
import io.cairn.events.WalExpired;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.StoreName;
import io.cairn.model.Timeline;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.ObjectLockMode;
import io.cairn.model.policy.TierPolicy;
import io.cairn.model.record.ExpiredWal;
import io.cairn.model.record.LegalHold;
import io.cairn.model.record.ReadLease;
import io.cairn.model.record.Tombstone;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.PutOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RetentionTest {

    private static final TierPolicy POLICY = policy(90, 30);

    private final StoredCluster cluster = new StoredCluster();
    private CommitObject full = chain(cluster);

    /**
     * A full with two incrementals on day 0, fulls on days 40, 85 and 100; the last is proven. On
     * day 101 the first chain is out of date, and recovery to day 71 begins on day 40.
     *
     * @return the oldest full
     */
    private static CommitObject chain(StoredCluster cluster) {
        CommitObject full = cluster.backup(BackupKind.FULL, 2, Optional.empty());
        CommitObject incremental = cluster.backup(BackupKind.INCREMENTAL, 3, Optional.of(full));
        cluster.backup(BackupKind.INCREMENTAL, 4, Optional.of(incremental));
        for (int day : List.of(40, 85, 100)) {
            cluster.until(day);
            CommitObject later = cluster.backup(BackupKind.FULL, 2, Optional.empty());
            if (day == 100) {
                cluster.prove(later);
            }
        }
        cluster.until(101);
        return full;
    }

    private CleanUp cleanUp(double share) {
        return cluster.retention(share).cleanUp(CLUSTER, POLICY).getFirst();
    }

    private static Set<BackupLabel> labels(String... labels) {
        return Stream.of(labels).map(BackupLabel::new).collect(Collectors.toSet());
    }

    @Test
    void aChainThatIsOutOfDateGoesEverywhereWithItsWalAndNothingElseDoes() {
        Set<String> before = StoredCluster.keys(cluster.primary);

        CleanUp done = cleanUp(0.9);

        Set<String> gone = new HashSet<>(before);
        gone.removeAll(StoredCluster.keys(cluster.primary));
        Set<String> expected =
                before.stream()
                        .filter(key ->
                                key.contains("20260101T020000Z-F")
                                        || key.contains("20260101T030000Z-I")
                                        || key.contains("20260101T040000Z-I"))
                        .collect(Collectors.toSet());
        IntStream.range(0, 40).forEach(day -> expected.add(StoredCluster.segmentKey(day).value()));
        assertThat(gone).isEqualTo(expected);
        assertThat(cluster.listed())
                .isEqualTo(
                        labels("20260210T020000Z-F", "20260327T020000Z-F", "20260411T020000Z-F"));
        Set<String> records =
                StoredCluster.keys(cluster.primary).stream()
                        .filter(key ->
                                key.contains("/records/") && !key.contains("/verifications/"))
                        .collect(Collectors.toSet());
        assertThat(StoredCluster.keys(cluster.secondary)).containsAll(records);
        assertThat(records)
                .contains(
                        Tombstone.key(ROOT, full.label()).value(),
                        ExpiredWal.prefix(ROOT) + "20260412T000000Z.json");
        assertThat(done)
                .isInstanceOfSatisfying(
                        Applied.class,
                        applied -> {
                            assertThat(applied.expired()).hasSize(3);
                            assertThat(applied.objects()).isEqualTo(2L * expected.size());
                            assertThat(applied.retained()).isEmpty();
                        });
        assertThat(cluster.events)
                .hasSize(4)
                .hasAtLeastOneElementOfType(BackupExpired.class)
                .hasAtLeastOneElementOfType(WalExpired.class);
    }

    @Test
    void aSecondCleanUpFindsNothingToDo() {
        cleanUp(0.9);
        cluster.events.clear();
        Set<String> after = StoredCluster.keys(cluster.primary);

        CleanUp second = cleanUp(0.9);

        assertThat(((Applied) second).objects()).isZero();
        assertThat(cluster.events).isEmpty();
        assertThat(StoredCluster.keys(cluster.primary)).isEqualTo(after);
    }

    @Test
    void interruptedAtAnyCallTheNextOneFinishesAndNothingBrokenIsEverListed() {
        cleanUp(0.9);
        Set<String> end = withoutTimes(cluster.primary);
        for (boolean first : List.of(true, false)) {
            int calls = Integer.MAX_VALUE;
            for (int call = 1; call <= calls; call++) {
                StoredCluster broken = new StoredCluster();
                chain(broken);
                FakeObjectStore store = first ? broken.primary : broken.secondary;
                int before = store.calls().size();
                // Reads are tried again a few times.
                for (int again = 0; again < 5; again++) {
                    store.failAt(call + again, ErrorCode.STORE_UNREACHABLE);
                }
                boolean interrupted = fails(broken);
                if (!interrupted) {
                    calls = store.calls().size() - before;
                }
                store.heal();
                assertNothingBrokenIsListed(broken);
                assertThat(broken.retention(0.9).cleanUp(CLUSTER, POLICY).getFirst())
                        .isInstanceOf(Applied.class);
                String at = "call " + call + " of " + store.name();
                assertThat(withoutTimes(broken.primary))
                        .as(at)
                        .containsExactlyInAnyOrderElementsOf(end);
                assertThat(withoutTimes(broken.secondary))
                        .as(at)
                        .containsExactlyInAnyOrderElementsOf(withoutTimes(cluster.secondary));
                assertThat(
                                broken.events.stream()
                                        .filter(BackupExpired.class::isInstance)
                                        .distinct())
                        .as(at)
                        .hasSize(3);
            }
            assertThat(calls).isGreaterThan(50);
        }
    }

    /** What a second clean-up says again, it says under its own time. */
    private static Set<String> withoutTimes(FakeObjectStore store) {
        return StoredCluster.keys(store).stream()
                .map(key -> key.replaceAll("/\\d{8}T\\d{6}Z\\.json$", "/<time>.json"))
                .collect(Collectors.toSet());
    }

    private static boolean fails(StoredCluster cluster) {
        try {
            cluster.retention(0.9).cleanUp(CLUSTER, POLICY);
            return false;
        } catch (CairnException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.STORE_UNREACHABLE);
            return true;
        }
    }

    private static void assertNothingBrokenIsListed(StoredCluster cluster) {
        Set<BackupLabel> listed = cluster.listed();
        for (FakeObjectStore store : List.of(cluster.primary, cluster.secondary)) {
            Set<String> there = StoredCluster.keys(store);
            for (BackupLabel label : listed) {
                String key = ROOT.backupsPrefix() + label + "/backup.json";
                CommitObject commit =
                        CommitObject.fromJson(store.read(new ObjectKey(key), 1 << 20), key);
                assertThat(there)
                        .containsAll(commit.parts().map(part -> part.key().value()).toList());
                commit.parent().ifPresent(parent -> assertThat(listed).contains(parent));
            }
        }
    }

    @Test
    void whileAStoreIsAwayNothingIsRemoved() {
        Set<String> before = StoredCluster.keys(cluster.primary);
        cluster.secondary.failAlways(ErrorCode.STORE_UNREACHABLE);

        assertThatThrownBy(() -> cleanUp(0.9)).isInstanceOf(CairnException.class);

        assertThat(StoredCluster.keys(cluster.primary)).isEqualTo(before);
    }

    @Test
    void moreThanAShareWaitsUntilExactlyThatIsConfirmed() {
        Set<String> before = StoredCluster.keys(cluster.primary);
        Retention retention = cluster.retention(0.05);

        CleanUp held = retention.cleanUp(CLUSTER, POLICY).getFirst();

        assertThat(held)
                .isInstanceOfSatisfying(Held.class, it -> assertThat(it.why()).isEqualTo("share"));
        assertThat(cluster.events).singleElement().isInstanceOf(RetentionHeld.class);
        assertThat(StoredCluster.keys(cluster.primary)).isEqualTo(before);
        Sha256 shown = Retention.digest(retention.propose(CLUSTER, POLICY));
        assertThatThrownBy(() -> retention.expire(CLUSTER, policy(50, 30), shown))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.PLAN_CHANGED));
        assertThat(retention.expire(CLUSTER, POLICY, shown, true).getFirst())
                .isInstanceOf(Held.class);
        assertThat(StoredCluster.keys(cluster.primary)).isEqualTo(before);

        assertThat(retention.expire(CLUSTER, POLICY, shown).getFirst()).isInstanceOf(Applied.class);

        assertThat(cluster.listed()).hasSize(3);
    }

    @Test
    void aChangedPolicyIsNotFollowedUnasked() {
        cleanUp(0.9);
        TierPolicy shorter = policy(50, 5);
        Retention retention = cluster.retention(0.9);

        CleanUp held = retention.cleanUp(CLUSTER, shorter).getFirst();

        assertThat(held)
                .isInstanceOfSatisfying(Held.class, it -> assertThat(it.why()).isEqualTo("policy"));
        assertThat(cluster.listed()).hasSize(3);
        retention.expire(CLUSTER, shorter, Retention.digest(retention.propose(CLUSTER, shorter)));
        assertThat(cluster.listed()).hasSize(2);
        cluster.events.clear();
        assertThat(retention.cleanUp(CLUSTER, shorter).getFirst()).isInstanceOf(Applied.class);
        assertThat(cluster.events).isEmpty();
    }

    @Test
    void aClockThatIsWrongRemovesNothing() {
        Set<String> before = StoredCluster.keys(cluster.primary);
        cluster.skew = Duration.ofDays(200);

        CleanUp held = cleanUp(0.9);

        assertThat(held)
                .isInstanceOfSatisfying(Held.class, it -> assertThat(it.why()).isEqualTo("clock"));
        assertThat(StoredCluster.keys(cluster.primary)).isEqualTo(before);
        Retention retention = cluster.retention(0.9);
        Sha256 shown = Retention.digest(retention.propose(CLUSTER, POLICY));
        assertThat(retention.expire(CLUSTER, POLICY, shown).getFirst()).isInstanceOf(Held.class);
    }

    @Test
    void aLockedCopyKeepsItsBackup() {
        cluster.secondary.retain(
                full.layout().commit(),
                new io.cairn.storage.Retention(
                        ObjectLockMode.COMPLIANCE, cluster.now.plus(Duration.ofDays(3))));

        cleanUp(0.9);

        assertThat(cluster.listed()).contains(full.label()).hasSize(4);
    }

    @Test
    void whatAStoreDoesNotLetGoIsReportedAndTakenNextTime() {
        ObjectKey volume = full.archives().getFirst().volumes().getFirst().object().key();
        Instant until = cluster.now.plus(Duration.ofDays(3));
        cluster.secondary.retain(
                volume, new io.cairn.storage.Retention(ObjectLockMode.COMPLIANCE, until));

        CleanUp done = cleanUp(0.9);

        assertThat(((Applied) done).retained())
                .singleElement()
                .satisfies(retained -> {
                    assertThat(retained.key()).isEqualTo(volume);
                    assertThat(retained.until()).contains(until);
                });
        assertThat(
                        cluster.secondary.calls().stream()
                                .filter(call ->
                                        call.method().equals("delete")
                                                && call.key().equals(volume.value())))
                .hasSize(1);
        assertThat(cluster.listed()).hasSize(3);
        cluster.now = until.plusSeconds(1);
        assertThat(((Applied) cleanUp(0.9)).expired()).contains(full.label());
        assertThat(StoredCluster.keys(cluster.secondary)).doesNotContain(volume.value());
    }

    @Test
    void aHoldKeepsTheWholeChainAndItsWal() {
        LegalHold hold =
                new LegalHold(
                        "a".repeat(32),
                        new BackupLabel("20260101T040000Z-I"),
                        "case 7",
                        "kim",
                        cluster.now);
        cluster.secondary.putIfAbsent(hold.key(ROOT), ObjectBody.of(hold.toJson())).orThrow();

        cleanUp(0.9);

        assertThat(cluster.listed()).hasSize(6);
        assertThat(StoredCluster.keys(cluster.primary))
                .contains(StoredCluster.segmentKey(0).value())
                .doesNotContain(StoredCluster.segmentKey(1).value());
    }

    /** What a store holds on to is nothing that the plan would remove, so no delete is refused. */
    @Test
    void aHoldThatIsPlacedOnTheObjectsIsNoHindranceAndItsReleaseLetsThemExpire() {
        SequencedMap<ClusterName, List<StoreName>> clusters = new LinkedHashMap<>();
        clusters.put(ROOT.cluster(), List.of(cluster.primary.name(), cluster.secondary.name()));
        LegalHolds holds =
                new LegalHolds(
                        clusters,
                        name ->
                                name.equals(cluster.primary.name())
                                        ? cluster.primary
                                        : cluster.secondary,
                        _ -> {},
                        () -> cluster.now,
                        1);
        String id = "b".repeat(32);
        holds.place(
                Optional.empty(), new BackupLabel("20260101T040000Z-I"), id, "case 7", "kim@desk");
        holds.round();
        assertThat(cluster.primary.held(full.layout().commit())).isTrue();

        CleanUp held = cleanUp(0.9);

        assertThat(((Applied) held).retained()).isEmpty();
        assertThat(cluster.listed()).contains(full.label()).hasSize(6);
        holds.release(id, "closed", "kim@desk");
        holds.round();
        cluster.now = cluster.now.plus(Duration.ofHours(1));
        CleanUp released = cleanUp(0.9);
        assertThat(((Applied) released).retained()).isEmpty();
        assertThat(((Applied) released).expired()).contains(full.label());
    }

    @Test
    void whatHasNotReachedEveryStoreIsKeptForAWeekThoughItExpired() {
        StoredCluster behind = new StoredCluster();
        TierPolicy day = policy(1, 1);
        CommitObject alone = behind.commit(BackupKind.FULL, 2, Optional.empty());
        Fixtures.store(alone, behind.primary);
        behind.until(1);
        CommitObject newer = behind.backup(BackupKind.FULL, 2, Optional.empty());
        behind.prove(newer);
        behind.until(3);

        assertThat(((Applied) behind.retention(0.9).cleanUp(CLUSTER, day).getFirst()).expired())
                .isEmpty();
        assertThat(behind.retention(0.9).propose(CLUSTER, day).getFirst().plan().decisions())
                .containsEntry(
                        alone.label(),
                        new Decision.Keep(List.of(new Reason.Busy(Reason.Work.COPYING))));

        behind.now = alone.completedAt().plus(Duration.ofDays(7));

        assertThat(((Applied) behind.retention(0.9).cleanUp(CLUSTER, day).getFirst()).expired())
                .containsExactly(alone.label());
        assertThat(behind.listed()).containsExactly(newer.label());
    }

    @Test
    void givenUpAttemptsGoAfterAWeekUnlessTheirRunGoesOn() {
        CommitObject dead = cluster.commit(BackupKind.FULL, 5, Optional.empty());
        Fixtures.put(cluster.primary, dead.manifest().key(), new byte[] {1});
        Fixtures.put(cluster.primary, dead.key().key(), new byte[] {1});
        cluster.now = cluster.now.plus(Duration.ofDays(6));
        cleanUp(0.9);
        assertThat(StoredCluster.keys(cluster.primary)).contains(dead.manifest().key().value());
        cluster.now = cluster.now.plus(Duration.ofDays(2));
        KnownWork running =
                new KnownWork() {
                    @Override
                    public Map<BackupLabel, Set<Reason.Work>> busy(ClusterName name) {
                        return Map.of(dead.label(), Set.of(Reason.Work.RUNNING));
                    }

                    @Override
                    public Map<Timeline, Fork> forks(ClusterRoot root) {
                        return Map.of();
                    }
                };
        cluster.retention(0.9, running).cleanUp(CLUSTER, POLICY);
        assertThat(StoredCluster.keys(cluster.primary)).contains(dead.manifest().key().value());

        cleanUp(0.9);

        assertThat(StoredCluster.keys(cluster.primary))
                .doesNotContain(dead.manifest().key().value(), dead.key().key().value());
    }

    @Test
    void aPieceGoesWhenItsSegmentIsInEveryStore() {
        ObjectKey covered = cluster.piece(cluster.primary, cluster.secondary);
        cluster.until(102);
        ObjectKey alone = cluster.piece(cluster.primary, cluster.secondary);
        cluster.until(103);
        cluster.secondary.lose(StoredCluster.segmentKey(102));
        ObjectKey other = cluster.piece(cluster.primary, cluster.secondary);
        cluster.until(104);
        cluster.secondary.lose(StoredCluster.segmentKey(103));
        StoredCluster.put(
                cluster.secondary,
                StoredCluster.segmentKey(103),
                PutOptions.NONE.withMetadata(Map.of("plain-sha256", "0".repeat(64))));
        cluster.until(106);

        cleanUp(0.9);

        assertThat(StoredCluster.keys(cluster.primary))
                .doesNotContain(covered.value())
                .contains(alone.value(), other.value());
    }

    @Test
    void aSessionsKeyGoesWhenNothingIsLeftInAnyStoreThatItOpens() {
        StoredCluster streamed = new StoredCluster();
        new ExpiringKeys(streamed).expire(streamed.secondary);
    }

    @Test
    void aHistoryFileThatDoesNotSayWhatOpensItKeepsAllKeys() {
        StoredCluster streamed = new StoredCluster();
        ObjectKey key = streamed.session("1".repeat(32));
        ExpiringKeys keys = new ExpiringKeys(streamed);
        ObjectKey history = StoredCluster.historyKey(3);
        StoredCluster.put(streamed.secondary, history, PutOptions.NONE);

        keys.cleanUp();
        keys.cleanUp();

        assertThat(StoredCluster.keys(streamed.primary))
                .contains(key.value())
                .doesNotContain(StoredCluster.segmentKey(19).value());
    }

    @Test
    void whatIsBeingReadStaysWithItsWal() {
        ReadLease lease = lease(full, Optional.of(StoredCluster.segment(30).start()));
        cluster.lease(lease);

        cleanUp(0.9);

        assertThat(cluster.listed()).contains(full.label()).hasSize(4);
        assertThat(StoredCluster.keys(cluster.primary))
                .contains(StoredCluster.segmentKey(0).value(), StoredCluster.segmentKey(30).value())
                .doesNotContain(StoredCluster.segmentKey(29).value());

        cluster.now = cluster.now.plus(ReadLease.TERM);
        assertThat(((Applied) cleanUp(0.9)).expired()).containsExactly(full.label());
    }

    @Test
    void aCopyOfALeaseHoldsForNoLonger() {
        ReadLease lease = lease(full, Optional.empty());
        cluster.lease(lease);
        cluster.now = cluster.now.plus(ReadLease.TERM);
        cluster.secondary.putIfAbsent(lease.key(ROOT), ObjectBody.of(lease.toJson())).orThrow();

        assertThat(((Applied) cleanUp(0.9)).expired()).contains(full.label());
    }

    @Test
    void aLeaseThatCannotBeReadKeepsEverything() {
        ReadLease lease = lease(full, Optional.empty());
        cluster.primary.putIfAbsent(lease.key(ROOT), ObjectBody.of(new byte[] {'?'})).orThrow();

        assertThatThrownBy(() -> cleanUp(0.9))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.RECORD_INVALID));

        assertThat(cluster.listed()).hasSize(6);
    }

    /** The reader has looked for a tombstone after its lease, so it will read to the end. */
    @Test
    void whoseReadingBeginsWhileACleanUpIsUnderWayKeepsTheBytes() {
        ReadLease lease = lease(full, Optional.of(full.startLsn()));
        ObjectKey volume = full.archives().getFirst().volumes().getFirst().object().key();
        cluster.events(event -> {
            if (event instanceof BackupExpired expired && expired.run().equals(full.run())) {
                cluster.lease(lease);
            }
        });

        CleanUp interrupted = cleanUp(0.9);

        assertThat(((Applied) interrupted).expired()).contains(full.label());
        assertThat(StoredCluster.keys(cluster.primary))
                .contains(volume.value(), StoredCluster.segmentKey(0).value());
        assertThat(cluster.listed()).hasSize(3);

        cluster.now = cluster.now.plus(ReadLease.TERM);
        cleanUp(0.9);
        assertThat(StoredCluster.keys(cluster.primary))
                .doesNotContain(volume.value(), StoredCluster.segmentKey(0).value());
    }

    private ReadLease lease(CommitObject backup, Optional<Lsn> walFrom) {
        return new ReadLease(
                new AttemptId("0123456789abcdef"),
                cluster.now,
                ReadLease.Purpose.RESTORE,
                "kim@desk",
                List.of(backup.label()),
                walFrom);
    }

    @Test
    void withoutAnyProofNothingExpires() {
        StoredCluster unproven = new StoredCluster();
        unproven.backup(BackupKind.FULL, 2, Optional.empty());
        unproven.until(200);
        unproven.backup(BackupKind.FULL, 2, Optional.empty());
        unproven.until(201);

        unproven.retention(0.9).cleanUp(CLUSTER, POLICY);

        assertThat(unproven.listed()).hasSize(2);
    }
}
