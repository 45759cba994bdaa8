package io.cairn.catalog.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.catalog.Fixtures;
import io.cairn.catalog.Histories;
import io.cairn.model.AttemptId;
import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.RunId;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Tier;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectInfo;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BucketWalkTest {

    private static final Instant T = Instant.parse("2026-11-22T02:10:00Z");

    private final FakeObjectStore store = FakeObjectStore.plain("primary");
    private final BucketWalk walk = new BucketWalk(store);

    @Test
    void anEmptyBucketHasNoRoots() {
        assertThat(walk.roots()).isEmpty();
    }

    @Test
    void findsClustersWhoseNamesBeginAlikeAndClustersCreatedAnew() {
        put(
                "shop-a/1/backups/x",
                "shop/1/keys/x",
                "shop/1/backups/y",
                "shop/12/keys/x",
                "shop/2/wal/x");

        assertThat(walk.roots())
                .containsExactlyInAnyOrder(
                        root("shop-a", "1"),
                        root("shop", "1"),
                        root("shop", "12"),
                        root("shop", "2"));
    }

    @Test
    void passesOverWhatIsNotCairns() {
        put("README.md", "Backups/1/x/y", "shop/notes/x/y", "shop/1-a", "zoo/7/backups/x");

        assertThat(walk.roots()).containsExactly(root("zoo", "7"));
    }

    @Test
    void findsEveryCommitObjectAndNoOrphanedAttempt() {
        commit("shop:20261121T020000Z-F");
        commit("shop:20261122T020000Z-F");
        commit("shop-a:20261122T020000Z-F");
        put(
                "shop/7301234567890123456/backups/20261123T020000Z-F/00000000000000bb/base.tar/000000.gz.cms");
        put("shop/7301234567890123456/backups/notes/backup.json");

        assertThat(walk.commits(root("shop", "7301234567890123456")))
                .extracting(ObjectInfo::key)
                .extracting(ObjectKey::value)
                .containsExactly(
                        "shop/7301234567890123456/backups/20261121T020000Z-F/backup.json",
                        "shop/7301234567890123456/backups/20261122T020000Z-F/backup.json");
    }

    @Test
    void aCommitObjectWithATombstoneIsNone() {
        commit("shop:20261121T020000Z-F");
        commit("shop:20261122T020000Z-F");
        put(
                "shop/7301234567890123456/records/tombstones/20261121T020000Z-F.json",
                "shop/7301234567890123456/records/tombstones/notes");

        assertThat(walk.commits(root("shop", "7301234567890123456")))
                .extracting(ObjectInfo::key)
                .extracting(ObjectKey::value)
                .containsExactly("shop/7301234567890123456/backups/20261122T020000Z-F/backup.json");
    }

    @Test
    void asksNoMoreOfALargeBackupThanOfASmallOne() {
        commit("shop:20261122T020000Z-F");
        int before = requests();
        String attempt =
                "shop/7301234567890123456/backups/20261122T020000Z-F/00000000000000aa/base.tar/";
        for (int i = 1; i < 500; i++) {
            put(attempt + "%06d.gz.cms".formatted(i));
        }

        assertThat(requests()).isEqualTo(before);
    }

    private int requests() {
        int before = store.calls().size();
        walk.roots().forEach(walk::commits);
        return store.calls().size() - before;
    }

    private void commit(String run) {
        Fixtures.store(
                Histories.commit(
                        RunId.parse(run), Tier.OLTP, new AttemptId("00000000000000aa"), T, false),
                store);
    }

    private void put(String... keys) {
        Stream.of(keys).forEach(key -> Fixtures.put(store, new ObjectKey(key), new byte[] {1}));
    }

    private static ClusterRoot root(String cluster, String system) {
        return new ClusterRoot(new ClusterName(cluster), SystemIdentifier.parse(system));
    }
}
