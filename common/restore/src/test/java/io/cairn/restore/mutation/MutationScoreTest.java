package io.cairn.restore.mutation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.model.BackupLabel;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.Timeline;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.WalSegment;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.contents.ReadSettings;
import io.cairn.restore.fixture.SyntheticBackup;
import io.cairn.restore.fixture.SyntheticWal;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.restore.fixture.WalArchive;
import io.cairn.restore.verify.Verifier;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The validator's own test. The seed is in every failure's message. */
class MutationScoreTest {

    private static final TestKeys KEYS = TestKeys.create();
    private static final SegmentSize MEBIBYTE = new SegmentSize(1 << 20);
    private static final Timeline SECOND = new Timeline(2);
    private static final ClusterRoot ROOT =
            new ClusterRoot(SyntheticBackup.CLUSTER, SyntheticBackup.SYSTEM);
    private static final int FLIPS = 3;
    private final long seed = System.nanoTime();
    private final FakeObjectStore store = FakeObjectStore.plain("primary");
    private CommitObject full;
    private CommitObject log;

    /** A full backup, and after a promotion a log backup with its WAL. */
    @BeforeEach
    void fill() {
        full = new SyntheticBackup().withExecutorsManifest().storeIn(store, KEYS);
        log =
                new SyntheticBackup()
                        .labelled("20261122T021500Z-L")
                        .onTimeline(2)
                        .storeIn(store, KEYS);
        WalArchive wal = new WalArchive(store, KEYS, ROOT, MEBIBYTE, SECOND, Lsn.parse("0/200000"));
        WalSegment segment = new WalSegment(SECOND, 2, MEBIBYTE);
        wal.segment(segment, bytes(segment.range()));
        LsnRange begun = new LsnRange(Lsn.parse("0/300000"), Lsn.parse("0/3000A0"));
        LsnRange rest = new LsnRange(begun.end(), Lsn.parse("0/300200"));
        wal.piece(SECOND, begun, bytes(begun));
        wal.piece(SECOND, rest, bytes(rest));
        wal.history(SECOND, "1\t0/180000\tno reason\n".getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] bytes(LsnRange range) {
        return SyntheticWal.bytes(range, SyntheticBackup.SYSTEM, MEBIBYTE);
    }

    @Test
    void whateverIsChangedInAStoreIsFound() throws InterruptedException {
        Set<ObjectClass> there =
                store.keys().stream().map(ObjectClass::of).collect(Collectors.toSet());
        assertThat(there)
                .containsExactlyInAnyOrderElementsOf(
                        EnumSet.complementOf(EnumSet.of(ObjectClass.OTHER)));

        ClusterMutations mutations =
                new ClusterMutations(
                        store, verifier(), KEYS.trustAnchor(), FLIPS, new SplittableRandom(seed));

        MutationScore score =
                mutations
                        .ofBackup(full)
                        .and(mutations.ofWal(log, new LsnRange(log.startLsn(), log.stopLsn())));

        assertThat(score.missed()).as("seed %d: %s", seed, score).isEmpty();
        assertThat(score.value()).isEqualTo(1.0);
        assertThat(score.total()).isGreaterThan(100);
    }

    /** A validator that looks at lengths alone, as a listing tells them. */
    @Test
    void aValidatorThatComparesNoDigestsScoresLess() throws InterruptedException {
        MutationScore score =
                score(
                        this::isOfTheFull,
                        changed -> {
                            try {
                                new BackupReader(changed, KEYS.trustAnchor()).requireComplete(full);
                                return false;
                            } catch (CairnException e) {
                                return true;
                            }
                        });

        assertThat(score.value()).as("seed %d", seed).isBetween(0.1, 0.6);
        assertThat(score.missed()).anyMatch(line -> line.startsWith("Flipped"));
        assertThat(score.caught() + score.missed().size()).isEqualTo(score.total());
    }

    @Test
    void whatIsNotChangedIsNotFound() throws InterruptedException {
        MutationScore.Check check = check(full.label());
        ObjectKey key = full.index().key();
        Mutation.Stored sound = Mutation.Stored.read(key, store);
        Optional<Mutation.Stored> same = new Mutation.None().of(sound, store);

        assertThat(check.finds(MutatedStore.of(store, key, same))).isFalse();
        assertThatThrownBy(() -> score(this::isOfTheFull, _ -> true))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("in what is sound");
        ObjectStore without = MutatedStore.of(store, key, Optional.empty());
        assertThat(without.list(full.layout().prefix()).map(ObjectInfo::key)).doesNotContain(key);
        assertThat(store.head(key)).isPresent();
    }

    private boolean isOfTheFull(ObjectKey key) {
        return ClusterMutations.isOf(full, key);
    }

    private static MutationScore.Check check(BackupLabel label) {
        return new WholeCheck(ROOT, List.of(label), verifier(), KEYS.trustAnchor());
    }

    private MutationScore score(Predicate<ObjectKey> changed, MutationScore.Check check)
            throws InterruptedException {
        return MutationScore.of(
                store, ROOT.prefix(), changed, check, FLIPS, new SplittableRandom(seed));
    }

    private static Verifier verifier() {
        return new Verifier(
                KEYS.recipient(),
                new ReadSettings(2, 64 << 20, GzipCodec.best()),
                InstantSource.system());
    }
}
