package io.cairn.bench.month;

import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.error.CairnException;
import io.cairn.replication.copy.BackupCopier;
import io.cairn.replication.copy.BackupCopy;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What the replication service does when it compares by listing: copies whatever one lacks. */
final class Copies {

    private static final int PARALLEL = 4;

    private final Collection<ObjectStore> stores;

    Copies(Collection<ObjectStore> stores) {
        this.stores = stores;
    }

    /** One round in every direction; what became of it in a few words. */
    String round() throws InterruptedException {
        Map<String, Integer> outcomes = new TreeMap<>();
        for (ObjectStore source : stores) {
            for (ObjectStore target : stores) {
                if (source != target) {
                    for (String outcome : copy(source, target)) {
                        outcomes.merge(outcome, 1, Integer::sum);
                    }
                }
            }
        }
        return "copied: " + outcomes;
    }

    /**
     * Copies a backup as soon as it is told of, into every other store.
     *
     * @return how long it took; empty if it could not be copied now
     */
    Optional<Duration> follow(ObjectKey commit, StoreName from) throws InterruptedException {
        long begin = System.nanoTime();
        ObjectStore source =
                stores.stream()
                        .filter(store -> store.name().equals(from))
                        .findFirst()
                        .orElseThrow();
        try {
            for (ObjectStore target : stores) {
                if (target != source
                        && !(BackupCopier.into(target, PARALLEL).copy(commit, source)
                                instanceof BackupCopy.Complete)) {
                    return Optional.empty();
                }
            }
            return Optional.of(Duration.ofNanos(System.nanoTime() - begin));
        } catch (CairnException e) {
            return Optional.empty();
        }
    }

    private static List<String> copy(ObjectStore source, ObjectStore target)
            throws InterruptedException {
        List<String> outcomes = new ArrayList<>();
        try {
            List<ObjectKey> commits;
            try (Stream<ObjectInfo> all = source.list(Source.CLUSTER + "/")) {
                commits =
                        all.map(ObjectInfo::key)
                                .filter(key -> BackupLayout.ofCommit(key).isPresent())
                                .toList()
                                .reversed();
            }
            BackupCopier copier = BackupCopier.into(target, PARALLEL);
            for (ObjectKey commit : commits) {
                BackupCopy outcome = copier.copy(commit, source);
                outcomes.add(outcome.getClass().getSimpleName());
            }
        } catch (CairnException e) {
            outcomes.add(e.code().toString());
        }
        return outcomes;
    }
}
