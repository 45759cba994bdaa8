package io.cairn.bench.month;

import io.cairn.bench.Installation;
import io.cairn.model.BackupKind;
import io.cairn.model.StoreName;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;
import io.cairn.restore.backup.BackupListing;
import io.cairn.restore.backup.StoredBackup;
import io.cairn.restore.mutation.ClusterMutations;
import io.cairn.restore.mutation.MutationScore;
import io.cairn.restore.verify.Verifier;
import io.cairn.storage.ObjectStore;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

/** What the validator finds when backups of the month are changed: all of it, or it is blind. */
final class ValidatorScore {

    private final List<Region> regions;
    private final Map<StoreName, ObjectStore> stores;
    private final Installation installation;
    private final Ledger ledger;
    private final SimulatedClock clock;

    ValidatorScore(
            List<Region> regions,
            Map<StoreName, ObjectStore> stores,
            Installation installation,
            Ledger ledger,
            SimulatedClock clock) {
        this.regions = regions;
        this.stores = stores;
        this.installation = installation;
        this.ledger = ledger;
        this.clock = clock;
    }

    /** Of the newest full and the newest incremental that are sound. */
    MutationScore of(BackupListing listing, int flips, Random random) throws InterruptedException {
        MutationScore score = new MutationScore(0, 0, List.of());
        for (BackupKind kind : List.of(BackupKind.FULL, BackupKind.INCREMENTAL)) {
            Optional<StoredBackup> newest =
                    listing.backups().stream()
                            .filter(backup -> backup.commit().kind() == kind)
                            .flatMap(backup -> backup.copies().stream())
                            .filter(this::isSound)
                            .reduce((_, last) -> last);
            if (newest.isPresent()) {
                score = score.and(of(newest.get(), flips, random));
            }
        }
        return score;
    }

    private boolean isSound(StoredBackup copy) {
        CommitObject commit = copy.commit();
        Region region =
                regions.stream()
                        .filter(each -> each.name().equals(copy.store()))
                        .findFirst()
                        .orElseThrow();
        return isAlone(commit, region)
                && Stream.concat(
                                Stream.of(
                                        commit.layout().commit(),
                                        commit.layout().signature(commit.attempt())),
                                commit.parts().map(StoredObject::key))
                        .allMatch(key ->
                                region.bucket().bytes(key.value()).isPresent()
                                        && ledger.damage(region.name(), key.value()).isEmpty());
    }

    /** Without a second attempt, and with one wrap of its key: whatever is changed is its own. */
    private static boolean isAlone(CommitObject commit, Region region) {
        String wraps = commit.layout().wrapsPrefix(commit.attempt());
        String seconds = commit.layout().prefix() + "backup.";
        return region.bucket().keys().stream().filter(key -> key.startsWith(wraps)).count() == 1
                && region.bucket().keys().stream()
                                .filter(key -> key.startsWith(seconds) && key.endsWith(".json"))
                                .count()
                        == 1;
    }

    private MutationScore of(StoredBackup copy, int flips, Random random)
            throws InterruptedException {
        ObjectStore store = stores.get(copy.store());
        if (store == null) {
            throw new IllegalArgumentException("no store " + copy.store());
        }
        return new ClusterMutations(
                        store,
                        new Verifier(installation.identity(), Validator.READING, clock),
                        installation.trustAnchor(),
                        flips,
                        random)
                .ofBackup(copy.commit());
    }
}
