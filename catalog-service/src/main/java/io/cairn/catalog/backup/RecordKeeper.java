package io.cairn.catalog.backup;

import io.cairn.catalog.backup.PendingRecords.Pending;
import io.cairn.config.CairnConfig;
import io.cairn.model.StoreName;
import io.cairn.service.storage.Stores;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.PutOutcome;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Writes records as objects into the active store of the backup's tier, so that a catalog rebuilt
 * from the buckets has them. Behind the projection and not in it: a store that is away holds up no
 * event, and what is not written is written later. Blocking; thread-safe.
 */
@ApplicationScoped
public class RecordKeeper {

    private static final Logger LOG = Logger.getLogger(RecordKeeper.class);

    /** Records of one round; the next follows while there are more. */
    private static final int ROUND = 100;

    private final PendingRecords records;
    private final RequiredCopies copies;
    private final Stores stores;

    @Inject
    RecordKeeper(PendingRecords records, Stores stores, CairnConfig config) {
        this.records = records;
        this.copies = RequiredCopies.of(config);
        this.stores = stores;
    }

    /**
     * Writes what is not written yet.
     *
     * @return how many
     * @throws io.cairn.model.error.CairnException one of the {@code STORE_…} codes; what was
     *     written before it stays written
     */
    public int keep() {
        int kept = 0;
        List<Pending> round = records.pending(ROUND);
        while (!round.isEmpty()) {
            for (Pending pending : round) {
                write(pending);
                // One by one: a store that breaks down in between must not make the rest be written
                // again.
                records.stored(List.of(pending.record()));
                kept++;
            }
            round = round.size() < ROUND ? List.of() : records.pending(ROUND);
        }
        return kept;
    }

    private void write(Pending pending) {
        Backup backup = pending.backup();
        StoreName active = copies.of(backup.tier()).getFirst();
        PutOutcome outcome =
                stores.store(active)
                        .putIfAbsent(
                                pending.record().key(backup.layout().root()),
                                ObjectBody.of(pending.record().object().toJson()));
        if (outcome instanceof PutOutcome.Different different) {
            // The key is made of the fact's id: whoever wrote it told the same fact, in another
            // release's words.
            LOG.infof(
                    "%s in store '%s' is worded differently; it was left as it is",
                    different.info().key(), active);
        }
    }
}
