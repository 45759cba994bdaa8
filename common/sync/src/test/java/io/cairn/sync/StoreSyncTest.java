package io.cairn.sync;

import static io.cairn.sync.StoredCluster.FOLDER;
import static io.cairn.sync.StoredCluster.LABEL;
import static io.cairn.sync.StoredCluster.ROOT;
import static io.cairn.sync.StoredCluster.SHOP;
import static io.cairn.sync.StoredCluster.segment;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.Timeline;
import io.cairn.model.archival.StorageClass;
import io.cairn.model.archival.VolumeKey;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.ObjectLockMode;
import io.cairn.model.record.ExpiredWal;
import io.cairn.model.record.Tombstone;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.PutOptions;
import io.cairn.storage.Retention;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StoreSyncTest {

    private static final SyncLimits LIMITS =
            new SyncLimits(1, 3, Duration.ofMillis(1), Duration.ofMinutes(10));

    private static final StoredCluster CLUSTER = new StoredCluster();

    private Instant now = Instant.parse("2026-11-22T03:00:00Z");
    private FakeObjectStore one = FakeObjectStore.plain("primary");
    private FakeObjectStore other = FakeObjectStore.plain("secondary");

    /** New stores, with everything in both, a day ago. */
    private void stores() {
        now = Instant.parse("2026-11-22T03:00:00Z");
        one = FakeObjectStore.locking("primary", () -> now);
        other = FakeObjectStore.locking("secondary", () -> now);
        CLUSTER.putInto(one, other);
        now = now.plus(Duration.ofDays(1));
    }

    @Test
    void storesThatHoldTheSameAreLeftAlone() throws Exception {
        stores();

        SyncReport report = repair(Depth.EVERYTHING);

        assertThat(report.same()).isTrue();
        assertThat(report.objects()).isEqualTo(CLUSTER.keys().size());
        assertThat(report.bytesCompared()).isEqualTo(CLUSTER.length());
        assertThat(report.bytesRead()).isEqualTo(2 * CLUSTER.length());
        assertThat(writes()).isEmpty();
    }

    @Test
    void whatIsMissingInEitherStoreIsCopiedFromTheOtherWhateverItIs() throws Exception {
        for (ObjectKey key : CLUSTER.keys()) {
            for (boolean first : new boolean[] {true, false}) {
                stores();
                (first ? one : other).lose(key);

                SyncReport report = repair(Depth.LISTING);

                assertThat(report.differences())
                        .as("%s", key)
                        .singleElement()
                        .satisfies(found -> {
                            assertThat(found.kind()).isEqualTo(Difference.Kind.MISSING);
                            assertThat(found.key()).isEqualTo(key);
                            assertThat(found.repaired()).isTrue();
                        });
                assertThat(report.clean()).isTrue();
                assertWhole();
            }
        }
    }

    @Test
    void bitRotInEitherStoreIsFoundByReadingAndRepairedWhateverItIsIn() throws Exception {
        for (ObjectKey key : CLUSTER.keys()) {
            for (boolean first : new boolean[] {true, false}) {
                stores();
                (first ? one : other).damage(key, StoreSyncTest::flip);

                SyncReport report = repair(Depth.EVERYTHING);

                assertThat(report.damaged()).as("%s", key).isEqualTo(1);
                assertThat(report.repaired()).as("%s", key).isEqualTo(1);
                assertWhole();
                assertThat(repair(Depth.EVERYTHING).same()).isTrue();
            }
        }
    }

    @Test
    void anArchivedVolumeIsLeftAloneAndIsNoSourceOfARepair() throws Exception {
        stores();
        ObjectKey volume =
                CLUSTER.keys().stream()
                        .filter(key -> VolumeKey.parse(key).isPresent())
                        .findFirst()
                        .orElseThrow();
        other.transition(volume, StorageClass.DEEP_ARCHIVE);

        SyncReport archived = repair(Depth.EVERYTHING);
        one.lose(volume);
        SyncReport gone = repair(Depth.EVERYTHING);

        assertThat(archived.same()).isTrue();
        assertThat(writes()).isEmpty();
        assertThat(gone.differences())
                .singleElement()
                .satisfies(found -> {
                    assertThat(found.kind()).isEqualTo(Difference.Kind.MISSING);
                    assertThat(found.key()).isEqualTo(volume);
                    assertThat(found.repaired()).isFalse();
                });
    }

    @Test
    void whatIsRepairedIsLockedLikeTheCopyItComesFrom() throws Exception {
        Retention lock =
                new Retention(ObjectLockMode.GOVERNANCE, Instant.parse("2027-02-01T00:00:00Z"));
        for (boolean gone : new boolean[] {true, false}) {
            stores();
            ObjectKey key = CLUSTER.keys().getFirst();
            one.retain(key, lock);
            other.retain(key, lock);
            if (gone) {
                other.lose(key);
            } else {
                other.damage(key, StoreSyncTest::flip);
            }

            assertThat(repair(Depth.EVERYTHING).repaired()).isEqualTo(1);

            assertThat(other.head(key).orElseThrow().retention()).contains(lock);
        }
    }

    @Test
    void whatWasLostIsLockedForAsLongAsTheRestOfItsCopy() throws Exception {
        Retention told =
                new Retention(ObjectLockMode.GOVERNANCE, Instant.parse("2027-02-01T00:00:00Z"));
        Retention shorter =
                new Retention(ObjectLockMode.GOVERNANCE, Instant.parse("2027-01-20T00:00:00Z"));
        for (boolean commit : new boolean[] {true, false}) {
            stores();
            for (ObjectKey key : CLUSTER.keys()) {
                one.retain(key, shorter);
                other.retain(key, told);
            }
            ObjectKey lost =
                    CLUSTER.keys().stream()
                            .filter(key -> BackupLayout.ofCommit(key).isPresent() == commit)
                            .filter(key -> key.value().contains("/backups/"))
                            .findFirst()
                            .orElseThrow();
            other.lose(lost);

            assertThat(repair(Depth.EVERYTHING).repaired()).isEqualTo(1);

            assertThat(other.head(lost).orElseThrow().retention()).as(lost.value()).contains(told);
        }
    }

    @Test
    void whatIsRepairedIsHeldAsItWasAndAsTheCopyItComesFrom() throws Exception {
        for (boolean gone : new boolean[] {true, false}) {
            stores();
            ObjectKey key = CLUSTER.keys().getFirst();
            (gone ? one : other).hold(key, true);
            if (gone) {
                other.lose(key);
            } else {
                other.damage(key, StoreSyncTest::flip);
            }

            assertThat(repair(Depth.EVERYTHING).repaired()).isEqualTo(1);

            assertThat(other.head(key).orElseThrow().legalHold()).as("gone: %s", gone).isTrue();
        }
    }

    @Test
    void aBucketWithoutObjectLockIsRepairedAllTheSame() throws Exception {
        stores();
        other = FakeObjectStore.plain("secondary");
        CLUSTER.putInto(other);
        ObjectKey key = CLUSTER.keys().getFirst();
        one.retain(
                key,
                new Retention(ObjectLockMode.GOVERNANCE, Instant.parse("2027-02-01T00:00:00Z")));
        other.lose(key);

        assertThat(repair(Depth.LISTING).repaired()).isEqualTo(1);
    }

    @Test
    void whatIsCutOffIsFoundByItsLengthAlone() throws Exception {
        for (ObjectKey key : CLUSTER.keys()) {
            stores();
            other.damage(key, bytes -> Arrays.copyOf(bytes, bytes.length / 2));

            SyncReport report = repair(Depth.LISTING);

            assertThat(report.damaged()).as("%s", key).isEqualTo(1);
            assertThat(report.clean()).isTrue();
            assertWhole();
        }
    }

    @Test
    void anotherDigestInTheMetadataIsFoundWithoutReadingEverything() throws Exception {
        stores();
        ObjectKey volume = CLUSTER.commit.parts().findFirst().orElseThrow().key();
        byte[] swapped = flip(CLUSTER.bytes(volume));
        other.lose(volume);
        other.putIfAbsent(volume, ObjectBody.of(swapped));

        SyncReport report = repair(Depth.DIGESTS);

        assertThat(report.damaged()).isEqualTo(1);
        assertThat(report.bytesRead()).isLessThan(4L * swapped.length);
        assertWhole();
    }

    @Test
    void whatIsBadInBothStoresIsLostAndLeftAsItIs() throws Exception {
        for (ObjectKey key : CLUSTER.keys()) {
            stores();
            one.damage(key, StoreSyncTest::flip);
            other.damage(key, bytes -> new byte[bytes.length]);
            Map<ObjectKey, byte[]> before = contents(one);

            SyncReport report = repair(Depth.EVERYTHING);

            assertThat(report.lost()).as("%s", key).isEqualTo(1);
            assertThat(report.clean()).isFalse();
            assertThat(report.differences())
                    .extracting(Difference::kind)
                    .containsOnly(Difference.Kind.LOST);
            assertThat(writes()).isEmpty();
            assertThat(contents(one)).usingRecursiveComparison().isEqualTo(before);
        }
    }

    @Test
    void whatIsMissingInOneStoreAndDamagedInTheOtherIsLostToo() throws Exception {
        for (ObjectKey key : CLUSTER.keys()) {
            stores();
            one.lose(key);
            other.damage(key, StoreSyncTest::flip);

            SyncReport report = repair(Depth.LISTING);

            assertThat(report.lost()).as("%s", key).isEqualTo(1);
            assertThat(one.keys()).doesNotContain(key);
        }
    }

    @Test
    void aCommitObjectIsNotCreatedWhereAPartOfItIsLost() throws Exception {
        stores();
        ObjectKey volume = CLUSTER.commit.parts().findFirst().orElseThrow().key();
        ObjectKey commit = CLUSTER.commit.layout().commit();
        other.lose(commit);
        other.lose(volume);
        one.damage(volume, StoreSyncTest::flip);

        SyncReport report = repair(Depth.LISTING);

        assertThat(report.lost()).isEqualTo(1);
        assertThat(other.keys()).doesNotContain(commit, volume);
    }

    @Test
    void aThirdStoreIsEnoughToRepairTwo() throws Exception {
        stores();
        FakeObjectStore third = FakeObjectStore.locking("archive", () -> now);
        CLUSTER.putInto(third);
        now = now.plus(Duration.ofDays(1));
        ObjectKey key = FOLDER.segment(segment(2));
        one.damage(key, StoreSyncTest::flip);
        other.lose(key);

        SyncReport report =
                new StoreSync(List.of(one, other, third), true, LIMITS, () -> now)
                        .compare(SHOP, Depth.EVERYTHING);

        assertThat(report.repaired()).isEqualTo(2);
        assertThat(report.lost()).isZero();
        assertWhole();
    }

    @Test
    void tellingOnlyWritesNothing() throws Exception {
        stores();
        one.damage(FOLDER.segment(segment(2)), StoreSyncTest::flip);
        other.lose(FOLDER.segment(segment(3)));

        SyncReport report =
                new StoreSync(List.of(one, other), false, LIMITS, () -> now)
                        .compare(SHOP, Depth.EVERYTHING);

        assertThat(report.damaged()).isEqualTo(1);
        assertThat(report.missing()).isEqualTo(1);
        assertThat(report.repaired()).isZero();
        assertThat(writes()).isEmpty();
    }

    @Test
    void whatHasExpiredIsNeverRepairedBack() throws Exception {
        stores();
        Tombstone tombstone = new Tombstone(LABEL, now, "test", Sha256.of(new byte[] {1}));
        ExpiredWal expired =
                new ExpiredWal(
                        now,
                        Sha256.of(new byte[] {1}),
                        List.of(
                                new ExpiredWal.Kept(
                                        new Timeline(1),
                                        List.of(
                                                new ExpiredWal.Wanted(
                                                        Lsn.parse("0/3000000"),
                                                        Optional.empty())))));
        one.putIfAbsent(tombstone.key(ROOT), ObjectBody.of(tombstone.toJson()));
        one.putIfAbsent(expired.key(ROOT), ObjectBody.of(expired.toJson()));
        CLUSTER.commit.parts().forEach(part -> other.lose(part.key()));
        other.lose(CLUSTER.commit.layout().commit());
        other.lose(FOLDER.segment(segment(2)));
        other.lose(FOLDER.segment(segment(3)));

        SyncReport report = repair(Depth.EVERYTHING);

        assertThat(report.differences())
                .extracting(Difference::key)
                .containsExactly(FOLDER.segment(segment(3)));
        assertThat(other.keys())
                .contains(FOLDER.segment(segment(3)))
                .doesNotContain(FOLDER.segment(segment(2)), CLUSTER.commit.layout().commit());
    }

    @Test
    void aTombstoneThatComesWhileStoresAreComparedIsSeenBeforeAnythingIsCreated() throws Exception {
        stores();
        Tombstone tombstone = new Tombstone(LABEL, now, "test", Sha256.of(new byte[] {1}));
        ObjectKey volume = CLUSTER.commit.parts().findFirst().orElseThrow().key();
        other.lose(volume);
        Depth late =
                new Depth(
                        key -> {
                            one.putIfAbsent(tombstone.key(ROOT), ObjectBody.of(tombstone.toJson()));
                            return true;
                        },
                        _ -> false);

        repair(late);

        assertThat(other.keys()).doesNotContain(volume);
    }

    @Test
    void keysThatWereDestroyedOnPurposeStayDestroyed() throws Exception {
        stores();
        List<ObjectKey> keys =
                CLUSTER.keys().stream().filter(key -> key.value().contains("/keys/")).toList();
        keys.forEach(other::lose);
        one.putIfAbsent(
                new ObjectKey(ROOT.recordsPrefix() + "shredded.json"),
                ObjectBody.of(new byte[] {1}));

        SyncReport report = repair(Depth.LISTING);

        assertThat(report.same()).isTrue();
        assertThat(other.keys()).doesNotContainAnyElementsOf(keys);
    }

    @Test
    void aStoreThatHasAnyWrapOfAKeyLacksNone() throws Exception {
        stores();
        String first = CLUSTER.commit.key().key().value();
        ObjectKey rotated = new ObjectKey(first.replace(".cms", ".0011223344556677.cms"));
        one.putIfAbsent(rotated, ObjectBody.of(new byte[] {1, 2}));
        other.putIfAbsent(rotated, ObjectBody.of(new byte[] {1, 2}));
        other.lose(CLUSTER.commit.key().key());
        now = now.plus(Duration.ofDays(1));

        assertThat(repair(Depth.EVERYTHING).same()).isTrue();
        assertThat(other.keys()).doesNotContain(CLUSTER.commit.key().key());
    }

    @Test
    void aPieceIsNotMissingWhereItsSegmentIs() throws Exception {
        stores();
        other.lose(StoredCluster.piece());
        StoredCluster.put(one, FOLDER.segment(segment(4)), new byte[] {4});
        StoredCluster.put(other, FOLDER.segment(segment(4)), new byte[] {4});

        assertThat(repair(Depth.LISTING).same()).isTrue();
    }

    @Test
    void theSameWalUnderAnotherKeyIsNoDifferenceAndOtherWalIsLeftToPeople() throws Exception {
        stores();
        ObjectKey key = FOLDER.segment(segment(3));
        other.lose(key);
        StoredCluster.put(other, key, new byte[] {1, 2, 3});
        assertThat(repair(Depth.EVERYTHING).same()).isTrue();
        other.lose(key);
        other.putIfAbsent(
                key,
                ObjectBody.of(new byte[] {1, 2, 3}),
                PutOptions.NONE.withMetadata(
                        Map.of("plain-sha256", Sha256.of(new byte[] {9}).toString())));

        SyncReport report = repair(Depth.EVERYTHING);

        assertThat(report.undecided()).isEqualTo(1);
        assertThat(other.read(key, 3)).isEqualTo(new byte[] {1, 2, 3});
    }

    @Test
    void whatIsOnItsWayIsNotMissing() throws Exception {
        stores();
        StoredCluster.put(one, FOLDER.segment(segment(4)), new byte[] {4});

        SyncReport report = repair(Depth.LISTING);

        assertThat(report.same()).isTrue();
        assertThat(report.pending()).isEqualTo(1);
        now = now.plus(Duration.ofMinutes(11));
        assertThat(repair(Depth.LISTING).missing()).isEqualTo(1);
    }

    @Test
    void attemptsWithoutACommitObjectAreNotCompared() throws Exception {
        stores();
        one.putIfAbsent(
                new ObjectKey(ROOT.backupsPrefix() + "20261101T020000Z-F/0011223344556677/x"),
                ObjectBody.of(new byte[] {1}));
        now = now.plus(Duration.ofDays(1));

        assertThat(repair(Depth.EVERYTHING).same()).isTrue();
    }

    @Test
    void whateverFailsOnceTheStoresAreWholeInTheEndAndNothingGoodWasOverwritten() throws Exception {
        for (Fault fault : Fault.values()) {
            for (boolean first : new boolean[] {true, false}) {
                int call = 1;
                boolean more = true;
                while (more) {
                    more = failOnce(fault, first, call);
                    call += 3;
                }
            }
        }
    }

    private enum Fault {
        RESET,
        SERVER_ERROR,
        DENIED,
        ANSWER_LOST,
        CUT_OFF,
        STALE
    }

    /** Whether the call was made at all. */
    private boolean failOnce(Fault fault, boolean first, int call) throws Exception {
        stores();
        one.damage(CLUSTER.commit.parts().findFirst().orElseThrow().key(), StoreSyncTest::flip);
        one.lose(CLUSTER.commit.layout().commit());
        other.damage(FOLDER.segment(segment(2)), StoreSyncTest::flip);
        other.lose(FOLDER.segment(segment(3)));
        FakeObjectStore failing = first ? one : other;
        int before = failing.calls().size();
        switch (fault) {
            case RESET -> failing.failAt(call, ErrorCode.STORE_UNREACHABLE);
            case SERVER_ERROR -> failing.failAt(call, ErrorCode.STORE_UNAVAILABLE);
            case DENIED -> failing.failAt(call, ErrorCode.STORE_ACCESS_DENIED);
            case ANSWER_LOST -> failing.loseAnswerAt(call);
            case CUT_OFF -> failing.truncateReads(1, call % 50);
            case STALE -> failing.staleReads(1);
        }
        try {
            repair(Depth.EVERYTHING);
        } catch (CairnException e) {
            assertThat(e.code().name()).startsWith("STORE_");
            assertThat(e.category())
                    .isIn(ErrorCategory.TRANSIENT, ErrorCategory.PERMANENT, ErrorCategory.CONFIG);
        }
        boolean made = failing.calls().size() - before >= call && call < 400;
        one.heal();
        other.heal();
        SyncReport again = repair(Depth.EVERYTHING);
        assertThat(again.clean()).as("%s at %d: %s", fault, call, again).isTrue();
        assertWhole();
        return made && fault != Fault.STALE;
    }

    @Test
    void aStoreThatIsAwayEndsItAndSaysWhich() {
        stores();
        other.failAlways(ErrorCode.STORE_UNREACHABLE);

        assertThatExceptionOfType(CairnException.class)
                .isThrownBy(() -> repair(Depth.LISTING))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_UNREACHABLE));
    }

    @Test
    void everyByteIsReadOnceInTheDaysThatTheBudgetNames() throws Exception {
        stores();
        LocalDate first = LocalDate.of(2026, 11, 23);
        long read = 0;
        for (int day = 0; day < 12; day += 3) {
            SyncReport report =
                    repair(
                            Depth.of(
                                    _ -> false,
                                    new Turns(12, first.plusDays(day), first.plusDays(day + 2))));
            assertThat(report.same()).isTrue();
            read += report.bytesRead();
        }

        assertThat(read).isEqualTo(2 * CLUSTER.length());
    }

    private SyncReport repair(Depth depth) throws InterruptedException {
        return new StoreSync(List.of(one, other), true, LIMITS, () -> now).compare(SHOP, depth);
    }

    private void assertWhole() {
        for (FakeObjectStore store : List.of(one, other)) {
            assertThat(store.keys()).containsExactlyInAnyOrderElementsOf(CLUSTER.keys());
            CLUSTER.keys()
                    .forEach(key ->
                            assertThat(store.read(key, 1 << 20))
                                    .as("%s in %s", key, store.name())
                                    .isEqualTo(CLUSTER.bytes(key)));
        }
    }

    private List<String> writes() {
        List<String> writes = new ArrayList<>();
        for (FakeObjectStore store : List.of(one, other)) {
            store.calls().stream()
                    .skip(CLUSTER.keys().size())
                    .map(FakeObjectStore.Call::method)
                    .filter(method -> !List.of("head", "get", "list").contains(method))
                    .forEach(writes::add);
        }
        return writes;
    }

    private static Map<ObjectKey, byte[]> contents(ObjectStore store) {
        Map<ObjectKey, byte[]> contents = new HashMap<>();
        store.list("")
                .map(ObjectInfo::key)
                .forEach(key -> contents.put(key, store.read(key, 1 << 20)));
        return contents;
    }

    private static byte[] flip(byte[] bytes) {
        bytes[bytes.length / 2] ^= 1;
        return bytes;
    }
}
