package io.cairn.replication.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.backup.BackupLayout;
import io.cairn.replication.StoredBackup;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommitListingTest {

    private static final ClusterName SHOP = new ClusterName("shop");

    private final FakeObjectStore store = FakeObjectStore.plain("primary");

    @Test
    void findsEveryCommitObjectOfTheClusterAndNothingElse() {
        List<ObjectKey> commits = new ArrayList<>();
        for (String label :
                List.of("20261120T020000Z-F", "20261121T020000Z-F", "20261122T020000Z-F")) {
            commits.add(StoredBackup.of("shop", label, 40, 10).putInto(store).commitKey());
        }
        StoredBackup.of("shopping", "20261122T020000Z-F").putInto(store);
        StoredBackup.of("a", "20261122T020000Z-F").putInto(store);
        put("shop/7300000000000000001/wal/00000001/000000010000000000000001");
        put("shop/7300000000000000001/records/verifications/20261122T020000Z-F/x.json");
        put(
                "shop/7300000000000000001/backups/20261122T030000Z-F/0123456789abcdef/base.tar/000000.gz.cms");
        put("shop/other.txt");

        List<ObjectInfo> found =
                new CommitListing(store)
                        .of(SHOP).stream()
                                .filter(info -> !info.key().value().endsWith(".sig"))
                                .toList();

        assertThat(found).extracting(ObjectInfo::key).isEqualTo(commits);
        assertThat(found)
                .extracting(ObjectInfo::key)
                .containsExactlyElementsOf(
                        store.list("shop/")
                                .map(ObjectInfo::key)
                                .filter(key -> BackupLayout.ofCommit(key).isPresent())
                                .toList());
    }

    @Test
    void finds90DaysOfBackupsOfTwoIncarnationsWithTwoRequestsEach() {
        List<ObjectKey> commits = new ArrayList<>();
        for (String system : List.of("7300000000000000001", "7300000000000000002")) {
            for (int day = 0; day < 90; day++) {
                BackupLabel label =
                        BackupLabel.of(
                                Instant.parse("2026-08-01T02:00:00Z").plus(Duration.ofDays(day)),
                                BackupKind.FULL);
                String folder = "shop/" + system + "/backups/" + label + "/";
                put(folder + "0123456789abcdef/base.tar/000000.gz.cms");
                put(folder + "f123456789abcdef/base.tar/000000.gz.cms");
                commits.add(put(folder + "backup.json"));
            }
        }
        int before = store.calls().size();

        assertThat(new CommitListing(store).of(SHOP))
                .extracting(ObjectInfo::key)
                .isEqualTo(commits);

        assertThat(store.calls().size() - before).isLessThanOrEqualTo(2 * 180 + 1);
    }

    @Test
    void findsNothingInAnEmptyStore() {
        assertThat(new CommitListing(store).of(SHOP)).isEmpty();
    }

    private ObjectKey put(String name) {
        ObjectKey key = new ObjectKey(name);
        store.putIfAbsent(key, ObjectBody.of(new byte[] {1}));
        return key;
    }
}
