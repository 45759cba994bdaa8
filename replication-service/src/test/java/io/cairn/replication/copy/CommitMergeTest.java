package io.cairn.replication.copy;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.model.ObjectKey;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.replication.StoredBackup;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectBody;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CommitMergeTest {

    private static final StoredBackup FIRST = StoredBackup.of("shop", "20261122T020000Z-F");
    private static final StoredBackup SECOND = FIRST.again(1);

    /** What both stores hold in the end, whatever happened on the way there. */
    private static final List<ObjectKey> MERGED =
            Stream.concat(
                            FIRST.keys().stream(),
                            Stream.concat(
                                    SECOND.keysBeforeCommit().stream(),
                                    Stream.of(SECOND.secondKey())))
                    .sorted()
                    .toList();

    private final FakeObjectStore here = FakeObjectStore.plain("primary");
    private final FakeObjectStore there = FakeObjectStore.plain("secondary");

    @Test
    void theFirstKeepsTheNameInBothStoresWhicheverOfThemItIsCopiedFrom() throws Exception {
        for (boolean firstHere : new boolean[] {true, false}) {
            FakeObjectStore one = FakeObjectStore.plain("primary");
            FakeObjectStore other = FakeObjectStore.plain("secondary");
            (firstHere ? FIRST : SECOND).putInto(one);
            (firstHere ? SECOND : FIRST).putInto(other);

            assertThat(copy(one, other)).isInstanceOf(BackupCopy.Complete.class);

            assertMerged(one);
            assertMerged(other);
        }
    }

    @Test
    void mergingOnceMoreChangesNothing() throws Exception {
        FIRST.putInto(here);
        SECOND.putInto(there);
        copy(here, there);
        int puts = puts(here) + puts(there);

        assertThat(copy(here, there)).isInstanceOf(BackupCopy.Complete.class);
        assertThat(copy(there, here)).isInstanceOf(BackupCopy.Complete.class);

        assertThat(puts(here) + puts(there)).isEqualTo(puts);
    }

    @Test
    void theEventOfTheSecondFindsItUnderItsOtherNameAndCopiesItToAThirdStore() throws Exception {
        FIRST.putInto(here);
        SECOND.putInto(there);
        copy(here, there);
        FakeObjectStore third = FakeObjectStore.plain("archive");

        BackupCopy copied =
                copier(third).copy(SECOND.commitStored(), SECOND.commit().attempt(), there);

        assertThat(copied).isInstanceOf(BackupCopy.Complete.class);
        assertThat(third.keys()).contains(SECOND.secondKey()).doesNotContain(SECOND.commitKey());
        assertThat(third.keys()).containsAll(SECOND.keysBeforeCommit());
    }

    @Test
    void endsTheSameWhereverItDies() throws Exception {
        FIRST.putInto(here);
        SECOND.putInto(there);
        int stored = here.calls().size();
        int storedThere = there.calls().size();
        copy(here, there);
        int calls = Math.max(here.calls().size() - stored, there.calls().size() - storedThere);
        for (boolean firstHere : new boolean[] {true, false}) {
            for (boolean atTarget : new boolean[] {true, false}) {
                for (boolean answerLost : new boolean[] {true, false}) {
                    for (int call = 1; call <= calls; call++) {
                        dieAndTryAgain(firstHere, atTarget, answerLost, call);
                    }
                }
            }
        }
    }

    private static void dieAndTryAgain(
            boolean firstHere, boolean atTarget, boolean answerLost, int call) throws Exception {
        FakeObjectStore one = FakeObjectStore.plain("primary");
        FakeObjectStore other = FakeObjectStore.plain("secondary");
        (firstHere ? FIRST : SECOND).putInto(one);
        (firstHere ? SECOND : FIRST).putInto(other);
        FakeObjectStore failing = atTarget ? other : one;
        if (answerLost) {
            failing.loseAnswerAt(call);
        } else {
            failing.failAt(call, ErrorCode.STORE_ACCESS_DENIED);
        }

        try {
            copy(one, other);
        } catch (CairnException e) {
            assertThat(Patience.mayPass(e)).isTrue();
        }
        assertNothingIsListedWithoutItsParts(one);
        assertNothingIsListedWithoutItsParts(other);
        one.heal();
        other.heal();

        assertThat(copy(one, other)).isInstanceOf(BackupCopy.Complete.class);
        assertMerged(one);
        assertMerged(other);
    }

    @Test
    void nothingIsExchangedWhereAPartOfTheSecondIsDamaged() throws Exception {
        FIRST.putInto(here);
        SECOND.putInto(there);
        there.damage(SECOND.keysBeforeCommit().getFirst(), bytes -> new byte[bytes.length]);

        assertThat(copy(here, there)).isInstanceOf(BackupCopy.Refused.class);

        assertThat(there.read(SECOND.commitKey(), 1 << 20))
                .isEqualTo(SECOND.bytes(SECOND.commitKey()));
    }

    @Test
    void whatIsNoCommitObjectIsLeftAlone() throws Exception {
        FIRST.putInto(here);
        there.putIfAbsent(FIRST.commitKey(), ObjectBody.of("{}".getBytes()));

        assertThat(copy(here, there)).isInstanceOf(BackupCopy.Refused.class);

        assertThat(there.read(FIRST.commitKey(), 100)).isEqualTo("{}".getBytes());
    }

    private static BackupCopy copy(FakeObjectStore from, FakeObjectStore to) throws Exception {
        return copier(to).copy(FIRST.commitKey(), from);
    }

    private static BackupCopier copier(FakeObjectStore to) {
        return new BackupCopier(new ObjectCopies(to, 1), 1);
    }

    private static void assertMerged(FakeObjectStore store) {
        assertThat(store.keys()).isEqualTo(MERGED);
        assertThat(store.read(FIRST.commitKey(), 1 << 20))
                .isEqualTo(FIRST.bytes(FIRST.commitKey()));
        assertThat(store.read(SECOND.secondKey(), 1 << 20))
                .isEqualTo(SECOND.bytes(SECOND.commitKey()));
        for (StoredBackup backup : List.of(FIRST, SECOND)) {
            backup.keysBeforeCommit()
                    .forEach(key ->
                            assertThat(store.read(key, 1 << 20)).isEqualTo(backup.bytes(key)));
        }
    }

    /** Whatever has the name, or the other one, has all its parts. */
    private static void assertNothingIsListedWithoutItsParts(FakeObjectStore store) {
        store.heal();
        List<byte[]> commits = new ArrayList<>();
        for (ObjectKey key : List.of(FIRST.commitKey(), SECOND.secondKey())) {
            if (store.keys().contains(key)) {
                commits.add(store.read(key, 1 << 20));
            }
        }
        for (StoredBackup backup : List.of(FIRST, SECOND)) {
            byte[] json = backup.bytes(backup.commitKey());
            if (commits.stream().anyMatch(commit -> Arrays.equals(commit, json))) {
                assertThat(store.keys()).containsAll(backup.keysBeforeCommit());
            }
        }
    }

    private static int puts(FakeObjectStore store) {
        return (int)
                store.calls().stream()
                        .filter(call -> !call.method().equals("head"))
                        .filter(call ->
                                call.method().startsWith("put") || call.method().equals("replace"))
                        .count();
    }
}
