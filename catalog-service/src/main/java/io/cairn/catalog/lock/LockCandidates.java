package io.cairn.catalog.lock;

import io.cairn.catalog.backup.CopyLock;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.backup.BackupLayout;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The backups that may have to be locked. Blocking; thread-safe. */
public interface LockCandidates {

    /**
     * A committed backup.
     *
     * @param copies the stores that hold a complete copy, with the lock that was read back there
     */
    record Candidate(
            BackupLayout layout,
            AttemptId attempt,
            Optional<BackupLabel> parent,
            Map<StoreName, Optional<CopyLock>> copies) {

        public Candidate {
            copies = Map.copyOf(copies);
        }

        BackupLabel label() {
            return layout.label();
        }
    }

    /** All of a tier, those too whose locks are as long as they must be. */
    List<Candidate> of(Tier tier);
}
