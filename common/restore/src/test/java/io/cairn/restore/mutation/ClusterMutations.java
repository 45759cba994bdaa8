package io.cairn.restore.mutation;

import io.cairn.model.ObjectKey;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.wal.LsnRange;
import io.cairn.restore.verify.Verifier;
import io.cairn.storage.ObjectStore;
import java.security.cert.X509Certificate;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Scores a validator on a cluster in a store: what is changed of a backup has to be found by
 * verifying that backup, what is changed of WAL by verifying the range.
 *
 * @param sound is only read
 * @param flips of each object that is changed
 */
public record ClusterMutations(
        ObjectStore sound,
        Verifier verifier,
        X509Certificate trustAnchor,
        int flips,
        RandomGenerator random) {

    private static final Set<ObjectClass> WAL =
            EnumSet.of(
                    ObjectClass.SEGMENT,
                    ObjectClass.PIECE,
                    ObjectClass.HISTORY,
                    ObjectClass.WAL_KEY);

    /** Of all classes of objects of a backup. */
    public MutationScore ofBackup(CommitObject backup) throws InterruptedException {
        ClusterRoot root = backup.layout().root();
        return MutationScore.of(
                sound,
                root.prefix(),
                key -> isOf(backup, key),
                new WholeCheck(root, List.of(backup.label()), verifier, trustAnchor),
                flips,
                random);
    }

    static boolean isOf(CommitObject backup, ObjectKey key) {
        return key.value().startsWith(backup.layout().prefix())
                || key.value().startsWith(backup.layout().wrapsPrefix(backup.attempt()));
    }

    /**
     * Of all classes of objects of WAL.
     *
     * @param backup on whose timeline it ends
     * @param range all that is stored, of which the last byte is known
     */
    public MutationScore ofWal(CommitObject backup, LsnRange range) throws InterruptedException {
        return MutationScore.of(
                sound,
                backup.layout().root().prefix(),
                key -> WAL.contains(ObjectClass.of(key)),
                changed -> verifier.verifyWal(changed, backup, range, _ -> {}).isPresent(),
                flips,
                random);
    }
}
