package io.cairn.replication.copy;

import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.PutOutcome;
import org.jboss.logging.Logger;

/**
 * Two attempts at one run were committed, each in a store of its own, while their writers disagreed
 * about which store is active. The {@linkplain CommitObject#FIRST first} of them keeps the name
 * {@code backup.json} in every store; the other is kept in every store as well, as {@code
 * backup.<attempt>.json}.
 *
 * <p>The name is exchanged last, conditionally, and only where it is the second that has it: when
 * both backups with all their parts, and the second's commit object under its other name, lie in
 * both stores. Whatever dies in between is begun again and ends the same.
 */
final class CommitMerge {

    private static final Logger LOG = Logger.getLogger(CommitMerge.class);

    private final WholeBackups whole;
    private final int parallel;

    CommitMerge(WholeBackups whole, int parallel) {
        this.whole = whole;
        this.parallel = parallel;
    }

    sealed interface Outcome {
        /**
         * @param written the commit object that now has the name
         * @param bytes what had to be moved
         */
        record Merged(ObjectInfo written, long bytes) implements Outcome {}

        record Refused(BackupCopy.Refused refusal) implements Outcome {}

        /** Somebody else changed a commit object meanwhile. */
        record Changed() implements Outcome {}
    }

    /**
     * @param copies into the store of {@code there}
     * @throws CairnException a {@code STORE_…} code, if a store cannot be used now
     */
    Outcome merge(Committed here, Committed there, ObjectCopies copies)
            throws InterruptedException {
        boolean isFirst = CommitObject.FIRST.compare(here.commit(), there.commit()) < 0;
        Committed first = isFirst ? here : there;
        Committed second = isFirst ? there : here;

        WholeBackups.Result forth = whole.withoutCommit(second, into(first.store(), copies));
        if (forth.refusal().isPresent()) {
            return new Outcome.Refused(forth.refusal().get());
        }
        WholeBackups.Result back = whole.withoutCommit(first, into(second.store(), copies));
        if (back.refusal().isPresent()) {
            return new Outcome.Refused(back.refusal().get());
        }
        for (ObjectStore store : new ObjectStore[] {first.store(), second.store()}) {
            PutOutcome put = second.putInto(store, second.secondKey());
            if (put instanceof PutOutcome.Different) {
                return new Outcome.Refused(
                        Committed.refused(
                                store,
                                second.secondKey(),
                                ErrorCode.STORE_OBJECT_DIFFERS,
                                "is not the commit object of its attempt"));
            }
        }
        PutOutcome exchanged;
        try {
            exchanged = second.store().replace(second.info(), first.body(), first.options());
        } catch (CairnException e) {
            if (e.code() == ErrorCode.STORE_OBJECT_MISSING) {
                return new Outcome.Changed();
            }
            throw e;
        }
        if (exchanged instanceof PutOutcome.Different) {
            return new Outcome.Changed();
        }
        LOG.warnf(
                "%s was committed twice, by attempt %s in store '%s' and by attempt %s in store '%s'; the second is kept as %s",
                first.commit().run(),
                first.commit().attempt(),
                first.store().name(),
                second.commit().attempt(),
                second.store().name(),
                second.secondKey());
        ObjectInfo written = isFirst ? exchanged.info() : there.info();
        return new Outcome.Merged(written, forth.bytes() + back.bytes());
    }

    private ObjectCopies into(ObjectStore store, ObjectCopies copies) {
        return store.name().equals(copies.target().name())
                ? copies
                : new ObjectCopies(store, parallel);
    }
}
