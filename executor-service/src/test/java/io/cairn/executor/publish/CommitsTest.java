package io.cairn.executor.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Tier;
import io.cairn.model.Timeline;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectBody;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CommitsTest {

    private static final ClusterName SHOP = new ClusterName("shop");
    private static final BackupLabel LABEL = new BackupLabel("20261122T020000Z-F");

    private final FakeObjectStore store = FakeObjectStore.plain("primary");
    private final Commits commits = new Commits(store);

    @Test
    void findsABackupUnderWhateverSystemIdentifier() {
        put("shop/72/backups/20261120T020000Z-F/backup.json", new byte[1]);
        put("shop/720/keys/backups/20261121T020000Z-F/0123456789abcdef.cms", new byte[1]);
        CommitObject commit = commit(7_201, "0123456789abcdef");
        commits.commit(commit, content -> new byte[] {1}, () -> {});
        put("shop/9/backups/20261120T020000Z-F/backup.json", new byte[1]);

        Optional<CommittedBackup> found = commits.find(SHOP, List.of(LABEL));

        assertThat(found)
                .hasValueSatisfying(it -> {
                    assertThat(it.commit()).isEqualTo(commit);
                    assertThat(it.object().sha256()).isEqualTo(Sha256.of(commit.toJson()));
                    assertThat(it.store()).isEqualTo(store.name());
                });
    }

    @Test
    void findsNothingWhereNothingIs() {
        assertThat(commits.find(SHOP, List.of(LABEL))).isEmpty();
        put("shop/notes.txt", new byte[1]);
        put("shopping/72/backups/20261122T020000Z-F/backup.json", new byte[1]);
        put(
                "shop/72/backups/20261122T020000Z-F/0123456789abcdef/base.tar/000000.gz.cms",
                new byte[1]);
        assertThat(commits.find(SHOP, List.of(LABEL))).isEmpty();
    }

    @Test
    void passesOverACommitObjectThatRotted() {
        CommitObject commit = commit(72, "0123456789abcdef");
        commits.commit(commit, content -> new byte[] {1}, () -> {});
        put("shop/72/backups/20261121T020000Z-F/backup.json", new byte[1]);

        assertThat(
                        commits.between(
                                commit.layout().root(),
                                new BackupLabel("20261120T020000Z-F"),
                                new BackupLabel("20261123T020000Z-F")))
                .containsExactly(commit);
    }

    @Test
    void theFenceIsAskedBetweenTheSignatureAndTheCommitObject() {
        CommitObject commit = commit(72, "0123456789abcdef");

        assertThatThrownBy(() ->
                        commits.commit(
                                commit,
                                content -> new byte[] {1},
                                () -> {
                                    assertThat(store.keys())
                                            .containsExactly(
                                                    commit.layout().signature(commit.attempt()));
                                    throw new CairnException(ErrorCode.RUN_FENCED, "lost", "again");
                                }))
                .hasMessage("lost");
        assertThat(store.keys()).doesNotContain(commit.layout().commit());
    }

    @Test
    void theFirstCommitStays() {
        CommitObject first = commit(72, "0123456789abcdef");
        CommitObject second = commit(72, "fedcba9876543210");

        CommitOutcome won = commits.commit(first, content -> new byte[] {1}, () -> {});
        CommitOutcome lost = commits.commit(second, content -> new byte[] {2}, () -> {});

        assertThat(won).isInstanceOf(CommitOutcome.Won.class);
        assertThat(lost).isInstanceOf(CommitOutcome.Lost.class);
        assertThat(lost.backup()).isEqualTo(won.backup());
    }

    @Test
    void aCommitObjectThatIsNoneIsNotTakenForABackup() {
        put("shop/72/backups/20261122T020000Z-F/backup.json", "{}".getBytes());

        assertThatThrownBy(() -> commits.find(SHOP, List.of(LABEL)))
                .isInstanceOf(CairnException.class)
                .satisfies(e ->
                        assertThat(((CairnException) e).code())
                                .isEqualTo(ErrorCode.COMMIT_INVALID));
    }

    private void put(String key, byte[] bytes) {
        store.putIfAbsent(new ObjectKey(key), ObjectBody.of(bytes));
    }

    private static CommitObject commit(long system, String attempt) {
        StoredObject part = new StoredObject(new ObjectKey("a"), 1, Sha256.of(new byte[1]));
        return new CommitObject(
                CommitObject.FORMAT,
                SHOP,
                new SystemIdentifier(system),
                Tier.OLTP,
                LABEL,
                new AttemptId(attempt),
                0,
                Instant.EPOCH,
                Instant.EPOCH,
                new Timeline(1),
                new Lsn(1),
                new Lsn(2),
                Optional.empty(),
                180_006,
                1 << 24,
                true,
                6,
                "test",
                "00",
                part,
                part,
                part,
                List.of(),
                0,
                0,
                List.of(),
                Map.of());
    }
}
