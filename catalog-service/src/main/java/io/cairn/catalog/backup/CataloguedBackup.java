package io.cairn.catalog.backup;

import io.cairn.model.StoreName;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A backup with what is known of each of its copies.
 *
 * @param copies sorted by store
 */
public record CataloguedBackup(Backup backup, List<Copy> copies) {

    public CataloguedBackup {
        copies = copies.stream().sorted(Comparator.comparing(Copy::store)).toList();
    }

    public Optional<Copy> copy(StoreName store) {
        return copies.stream().filter(copy -> copy.store().equals(store)).findFirst();
    }

    /**
     * @param required the stores that the tier's policy names
     */
    public BackupState state(Collection<StoreName> required) {
        if (backup.damaged()) {
            return BackupState.DAMAGED;
        }
        if (copies.stream().anyMatch(copy -> copy.standingFailure().isPresent())) {
            return BackupState.INVALID;
        }
        if (copies.stream().noneMatch(Copy::verified)) {
            return BackupState.COMPLETE;
        }
        boolean everywhere =
                required.stream()
                        .allMatch(store -> copy(store).flatMap(Copy::completeAt).isPresent());
        return everywhere ? BackupState.PROTECTED : BackupState.VERIFIED;
    }
}
