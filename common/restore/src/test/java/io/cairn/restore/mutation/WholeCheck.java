package io.cairn.restore.mutation;

import io.cairn.model.BackupLabel;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.verify.Verification;
import io.cairn.restore.verify.Verifier;
import io.cairn.storage.ObjectStore;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What a validator would find in a store: every backup that is known to be there is verified, log
 * backups with the WAL that they stand for.
 */
public record WholeCheck(
        ClusterRoot root, List<BackupLabel> known, Verifier verifier, X509Certificate trustAnchor)
        implements MutationScore.Check {

    @Override
    public boolean finds(ObjectStore store) throws InterruptedException {
        BackupReader reader = new BackupReader(store, trustAnchor);
        for (BackupLabel label : known) {
            BackupLayout layout = new BackupLayout(root, label);
            if (verifier.verify(reader, layout, _ -> {}) instanceof Verification.Failed) {
                return true;
            }
        }
        return false;
    }
}
