package io.cairn.validator.daily;

import io.cairn.model.RunId;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.restore.backup.CopyProblem;
import io.cairn.storage.ObjectStore;
import io.cairn.validator.proof.Subject;
import java.util.Optional;

/**
 * What a commit object that nobody vouches for says it is: enough to name it in the finding. No
 * more than its attempt and tier is taken from it.
 */
final class ClaimedBackup {

    /** A commit object of a hundred thousand volumes takes 25 MB. */
    private static final int COMMIT_BYTES_MAX = 64 << 20;

    private ClaimedBackup() {}

    /** Empty if it may be sound, or does not even say what it is. */
    static Optional<Subject> of(CopyProblem problem, ObjectStore store) {
        if (problem.layout().isEmpty() || problem.cause().category() == ErrorCategory.TRANSIENT) {
            return Optional.empty();
        }
        BackupLayout layout = problem.layout().get();
        try {
            byte[] json = store.read(layout.commit(), COMMIT_BYTES_MAX);
            CommitObject commit = CommitObject.fromJson(json, layout.commit().value());
            return Optional.of(
                    new Subject(
                            new RunId(layout.root().cluster(), layout.label()),
                            commit.tier(),
                            commit.attempt(),
                            problem.store(),
                            layout));
        } catch (CairnException e) {
            problem.cause().addSuppressed(e);
            return Optional.empty();
        }
    }
}
