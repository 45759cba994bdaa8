package io.cairn.restore.backup;

import io.cairn.model.AttemptId;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.CommitObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A backup with the copies of it that were found, in the order of the stores. While two attempts at
 * its run lie under its name, each in a store of its own, the copies of the one that will keep the
 * name come first.
 *
 * @param copies proven copies, at least one
 * @param problems stores that have something under the label that cannot be used
 */
public record ListedBackup(
        BackupLayout layout, List<StoredBackup> copies, List<CopyProblem> problems) {

    public ListedBackup {
        copies = List.copyOf(copies);
        problems = List.copyOf(problems);
    }

    /** What the first copy says. */
    public CommitObject commit() {
        return copies.getFirst().commit();
    }

    /** What was committed under the name: one attempt, or for a while two. */
    public List<CommitObject> attempts() {
        Map<AttemptId, CommitObject> attempts = new LinkedHashMap<>();
        copies.forEach(copy -> attempts.putIfAbsent(copy.commit().attempt(), copy.commit()));
        return List.copyOf(attempts.values());
    }

    /** The copies of one of the attempts. */
    public List<StoredBackup> copiesOf(AttemptId attempt) {
        return copies.stream().filter(copy -> copy.commit().attempt().equals(attempt)).toList();
    }
}
