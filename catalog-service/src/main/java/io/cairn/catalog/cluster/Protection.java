package io.cairn.catalog.cluster;

import io.cairn.catalog.backup.CataloguedBackup;
import io.cairn.model.BackupLabel;
import io.cairn.model.StoreName;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Whether a cluster is protected: a backup of it is complete, verified, not known to be wrong, and
 * complete in every copy of its tier's policy.
 */
public sealed interface Protection {

    /**
     * @param by the newest backup that protects it
     */
    record Protected(BackupLabel by) implements Protection {}

    /**
     * @param reason in words that a tired person understands
     */
    record Unprotected(String reason) implements Protection {}

    static Protection of(ClusterStanding standing, List<StoreName> required) {
        return standing.lastProtected()
                .<Protection>map(backup -> new Protected(backup.backup().label()))
                .orElseGet(() -> new Unprotected(reason(standing, required)));
    }

    private static String reason(ClusterStanding standing, List<StoreName> required) {
        if (standing.last().isEmpty()) {
            return "there is no backup yet";
        }
        if (standing.lastRestorable().isEmpty()) {
            return "every backup is damaged or was found invalid";
        }
        return standing.lastVerified()
                .map(verified ->
                        "backup %s is verified, but not complete in: %s"
                                .formatted(verified.backup().label(), missing(verified, required)))
                .orElse("no backup is verified yet");
    }

    private static String missing(CataloguedBackup backup, List<StoreName> required) {
        return required.stream()
                .filter(store -> backup.copy(store).flatMap(copy -> copy.completeAt()).isEmpty())
                .map(StoreName::value)
                .collect(Collectors.joining(", "));
    }
}
