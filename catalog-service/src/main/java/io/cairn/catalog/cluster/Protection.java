package io.cairn.catalog.cluster;

import io.cairn.catalog.backup.Backup;
import io.cairn.catalog.backup.CataloguedBackup;
import io.cairn.model.BackupLabel;
import io.cairn.model.StoreName;
import io.cairn.model.record.Shredded;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
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

    /**
     * @param shredded says of a backup whether its keys were shredded
     */
    static Protection of(
            ClusterStanding standing,
            List<StoreName> required,
            Function<Backup, Optional<Shredded>> shredded) {
        // What is newer than a shredded backup counts, what is older was shredded with it.
        Optional<Shredded> gone =
                standing.lastProtected()
                        .or(standing::last)
                        .flatMap(backup -> shredded.apply(backup.backup()));
        if (gone.isPresent()) {
            return new Unprotected(
                    "its keys were shredded on purpose at %s by %s: nothing of before opens"
                            .formatted(gone.get().at(), gone.get().by()));
        }
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
