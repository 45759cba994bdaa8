package io.cairn.replication.copy;

import io.cairn.model.RunId;
import io.cairn.model.error.CairnException;
import io.cairn.replication.lag.LagTracker;
import io.cairn.replication.route.Copy;
import io.cairn.service.storage.Stores;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Copies parts into one store while their backups still run. All of it is work ahead: the
 * completion of a backup looks at every part, so nothing here has to survive the process, and a
 * part that cannot be copied is left to that.
 *
 * <p>Never copies a commit object, which would list a copy whose parts are missing. Thread-safe.
 */
final class EagerCopies implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(EagerCopies.class);
    private static final Duration END_MAX = Duration.ofSeconds(5);

    private final ObjectCopies copies;
    private final Stores stores;
    private final Backlog backlog;
    private final LagTracker lag;
    private final Patience patience;
    private final CopyMeters meters;
    private final List<Thread> workers = new ArrayList<>();

    EagerCopies(
            ObjectCopies copies,
            Stores stores,
            Backlog backlog,
            LagTracker lag,
            Patience patience,
            CopyMeters meters) {
        this.copies = copies;
        this.stores = stores;
        this.backlog = backlog;
        this.lag = lag;
        this.patience = patience;
        this.meters = meters;
        meters.watch(backlog);
    }

    void start(int parallel) {
        for (int number = 0; number < parallel; number++) {
            workers.add(
                    Thread.ofVirtual()
                            .name("copy-" + copies.target().name() + "-" + number)
                            .start(this::work));
        }
    }

    /** Never waits. */
    void offer(Hint hint) {
        lag.missing(copy(hint), hint.object().key(), hint.storedAt());
        backlog.add(hint)
                .ifPresent(dropped -> {
                    lag.unlisted(copy(dropped), dropped.object().key(), dropped.storedAt());
                    meters.hintDropped();
                });
    }

    /** The run's copy is whole, or will never be. */
    void ended(RunId run) {
        backlog.remove(run).forEach(this::settle);
    }

    private void work() {
        try {
            while (true) {
                Hint hint = backlog.take();
                try {
                    copy(
                            hint,
                            patience.untilDone(
                                    "Copying " + hint.object().key(),
                                    () -> copies.copy(hint.object(), stores.store(hint.source()))));
                } catch (RuntimeException e) {
                    LOG.errorf(e, "%s is left to the end of its backup", hint.object().key());
                }
                settle(hint);
            }
        } catch (InterruptedException e) {
            // This process was told to stop.
            Thread.currentThread().interrupt();
        }
    }

    private void copy(Hint hint, CopyOutcome outcome) {
        switch (outcome) {
            case CopyOutcome.Copied copied -> meters.copied(copied.bytes());
            case CopyOutcome.Present _ -> {}
            // What an attempt that failed left behind may be gone by now.
            case CopyOutcome.Missing missing ->
                    LOG.infof("Not copied: %s", missing.why().getMessage());
            case CopyOutcome.SourceDamaged damaged -> refuse(hint, damaged.why());
            case CopyOutcome.TargetDiffers differs -> refuse(hint, differs.why());
        }
    }

    private void refuse(Hint hint, CairnException why) {
        LOG.errorf("Not copied, part of %s: %s: %s", hint.run(), why.code(), why.messageWithHint());
        meters.refused(why);
    }

    private void settle(Hint hint) {
        lag.settled(copy(hint), hint.object().key());
    }

    private Copy copy(Hint hint) {
        return hint.copy(copies.target().name());
    }

    @Override
    public void close() {
        workers.forEach(Thread::interrupt);
        try {
            for (Thread worker : workers) {
                worker.join(END_MAX);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
