package io.cairn.catalog.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.catalog.archive.DrilledCopies.DrilledCopy;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Tier;
import io.cairn.model.archival.ArchiveMoment;
import io.cairn.model.archival.ArchiveRule;
import io.cairn.model.archival.StorageClass;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.RunPolicy;
import io.cairn.model.policy.TierPolicy;
import io.cairn.model.policy.WalPolicy;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.lifecycle.VolumeTags;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ArchiveRoundTest {

    private static final ClusterRoot ROOT =
            new ClusterRoot(new ClusterName("lake"), SystemIdentifier.parse("7412345678901234567"));
    private static final AttemptId ATTEMPT = new AttemptId("0123456789abcdef");
    private static final DrilledCopy SNAPSHOT = copy("20261122T060000Z-S");
    private static final DrilledCopy FULL = copy("20261122T040000Z-F");

    private final FakeObjectStore store = FakeObjectStore.plain("archive");
    private List<DrilledCopy> drilled = List.of(SNAPSHOT, FULL);
    private final ArchiveRound round =
            new ArchiveRound(List.of(olap()), _ -> store, (_, _) -> drilled);

    @Test
    void theVolumesOfADrilledSnapshotGetTheTagAndNothingElseDoes() {
        List<ObjectKey> snapshot = stored(SNAPSHOT);
        List<ObjectKey> full = stored(FULL);

        assertThat(round.run()).isEqualTo(2);

        for (ObjectKey volume : snapshot.subList(0, 2)) {
            assertThat(store.tags(volume))
                    .isEqualTo(VolumeTags.drilled(Tier.OLAP, BackupKind.SNAPSHOT))
                    .containsEntry("cairn-drilled", "true");
        }
        assertThat(store.tags(snapshot.get(2))).isEmpty();
        assertThat(store.tags(snapshot.get(3))).isEmpty();
        assertThat(full).allSatisfy(key -> assertThat(store.tags(key)).isEmpty());
    }

    @Test
    void whatWasNotDrilledStaysWhereItIs() {
        List<ObjectKey> snapshot = stored(SNAPSHOT);
        drilled = List.of();

        assertThat(round.run()).isZero();

        assertThat(snapshot).allSatisfy(key -> assertThat(store.tags(key)).isEmpty());
    }

    @Test
    void anInterruptedRoundIsFinishedByTheNext() {
        stored(SNAPSHOT);
        store.failAt(4, ErrorCode.STORE_UNREACHABLE);

        assertThatThrownBy(round::run).isInstanceOf(CairnException.class);
        assertThat(round.run()).isEqualTo(1);
        int calls = store.calls().size();
        assertThat(round.run()).isZero();
        assertThat(store.calls()).hasSize(calls);
    }

    private List<ObjectKey> stored(DrilledCopy copy) {
        List<ObjectKey> keys =
                List.of(
                        copy.layout().volume(ATTEMPT, "base.tar", 0),
                        copy.layout().volume(ATTEMPT, "base.tar", 1),
                        copy.layout().manifest(ATTEMPT),
                        copy.layout().index(ATTEMPT));
        keys.forEach(key -> store.putIfAbsent(key, ObjectBody.of(new byte[1])).orThrow());
        return keys;
    }

    private static DrilledCopy copy(String label) {
        return new DrilledCopy(new BackupLayout(ROOT, new BackupLabel(label)), ATTEMPT);
    }

    private static TierPolicy olap() {
        StoreName archive = new StoreName("archive");
        return new TierPolicy(
                Tier.OLAP,
                Duration.ofDays(14),
                new RunPolicy(
                        Duration.ofDays(365),
                        Duration.ofHours(2),
                        Duration.ofHours(24),
                        List.of(new StoreName("primary"), archive),
                        6,
                        RunPolicy.VOLUME_BYTES_DEFAULT),
                List.of(),
                WalPolicy.of(Tier.OLAP),
                Optional.empty(),
                List.of(
                        new ArchiveRule(
                                archive,
                                Set.of(BackupKind.SNAPSHOT),
                                StorageClass.DEEP_ARCHIVE,
                                new ArchiveMoment.Drill())));
    }
}
