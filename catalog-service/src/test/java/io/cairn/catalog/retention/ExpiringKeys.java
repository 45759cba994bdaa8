package io.cairn.catalog.retention;

import static io.cairn.catalog.retention.StoredCluster.CLUSTER;
import static io.cairn.catalog.retention.StoredCluster.segmentKey;
import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.catalog.retention.CleanUp.Applied;
import io.cairn.model.BackupKind;
import io.cairn.model.ObjectKey;
import io.cairn.model.policy.ObjectLockMode;
import io.cairn.model.policy.TierPolicy;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.Retention;
import java.time.Duration;
import java.util.Optional;

/**
 * What becomes of the keys of stream sessions, in whatever stores: two sessions on a first
 * timeline, the second of which stored the next one's history file, and one on that.
 */
final class ExpiringKeys {

    private static final TierPolicy POLICY = StoredCluster.policy(90, 30);

    private final StoredCluster cluster;
    private final ObjectKey first;
    private final ObjectKey second;
    private final ObjectKey third;

    ExpiringKeys(StoredCluster cluster) {
        this.cluster = cluster;
        first = cluster.session("1".repeat(32));
        cluster.backup(BackupKind.FULL, 2, Optional.empty());
        cluster.until(10);
        second = cluster.session("2".repeat(32));
        cluster.until(20);
        cluster.promote("2".repeat(32));
        third = cluster.session("3".repeat(32));
        for (int day : new int[] {50, 100, 140}) {
            cluster.until(day);
            cluster.prove(
                    cluster.backup(BackupKind.FULL, 2, Optional.empty()),
                    cluster.stores().getFirst());
        }
        cluster.until(141);
    }

    /** The last object of the first timeline is locked in one store. */
    void expire(ObjectStore locking) {
        ObjectKey last = segmentKey(19);
        locking.retain(
                last,
                new Retention(ObjectLockMode.COMPLIANCE, cluster.now.plus(Duration.ofDays(3))));

        Applied retaining = cleanUp();

        assertThat(retaining.expired()).hasSize(2);
        assertThat(retaining.retained())
                .singleElement()
                .satisfies(one -> assertThat(one.key()).isEqualTo(last));
        assertThereInAll(first, second, third);

        cluster.now = cluster.now.plus(Duration.ofDays(4));
        cleanUp();

        for (ObjectStore store : cluster.stores()) {
            assertThat(store.list(last.value())).isEmpty();
            assertThat(store.list(first.value())).as(store.name().value()).isEmpty();
        }
        assertThereInAll(second, third);
    }

    Applied cleanUp() {
        return (Applied) cluster.retention(1).cleanUp(CLUSTER, POLICY).getFirst();
    }

    private void assertThereInAll(ObjectKey... keys) {
        for (ObjectStore store : cluster.stores()) {
            for (ObjectKey key : keys) {
                assertThat(store.list(key.value())).as(key + " in " + store.name()).hasSize(1);
            }
        }
    }
}
