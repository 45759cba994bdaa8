package io.cairn.executor.intake;

import io.cairn.events.BackupDue;
import io.cairn.events.EventEnvelope;
import io.cairn.executor.basebackup.BackupRuns;
import io.cairn.executor.basebackup.RunOutcome;
import io.cairn.executor.publish.QueuedRunEvents;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.service.events.EventPublisher;
import io.cairn.service.intake.Delivery;
import io.cairn.service.intake.Handler;
import io.cairn.service.intake.Outcome;
import java.time.Duration;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Runs what a due event asks for. The record is done when the run has ended, however it ended, and
 * its end is told.
 */
final class DueHandler implements Handler {

    private static final Logger LOG = Logger.getLogger(DueHandler.class);

    private final BackupRuns runs;
    private final EventPublisher publisher;
    private final QueuedRunEvents.Limits limits;
    private final RunMetrics metrics;

    DueHandler(
            BackupRuns runs,
            EventPublisher publisher,
            QueuedRunEvents.Limits limits,
            RunMetrics metrics) {
        this.runs = runs;
        this.publisher = publisher;
        this.limits = limits;
        this.metrics = metrics;
    }

    @Override
    public Outcome handle(EventEnvelope<?> event, Delivery delivery) throws InterruptedException {
        if (event.data() instanceof BackupDue due) {
            run(event, due, delivery);
            return Outcome.done();
        }
        return Outcome.reject(event.data().type() + " is no due event of a backup");
    }

    private void run(EventEnvelope<?> event, BackupDue due, Delivery delivery)
            throws InterruptedException {
        LOG.infof("%s begins: %s backup of %s, %s", due.run(), due.kind(), due.cluster(), delivery);
        long begun = System.nanoTime();
        metrics.begun();
        try (QueuedRunEvents events =
                new QueuedRunEvents(
                        due.run().toString(),
                        fact -> publisher.publish(fact, Optional.of(event)),
                        limits)) {
            RunOutcome outcome = runs.run(due, events);
            Duration took = Duration.ofNanos(System.nanoTime() - begun);
            metrics.ended(due, outcome, took);
            log(due, outcome, took);
            metrics.dropped(events.dropped());
        } catch (InterruptedException e) {
            LOG.infof("%s is given to another executor: this one stops", due.run());
            throw e;
        } finally {
            metrics.left();
        }
    }

    private static void log(BackupDue due, RunOutcome outcome, Duration took) {
        switch (outcome) {
            case RunOutcome.Taken taken ->
                    LOG.infof(
                            "%s is complete in store '%s': attempt %s, %d files, %d bytes in, %d bytes stored, %s%s",
                            due.run(),
                            taken.backup().store(),
                            taken.backup().commit().attempt(),
                            taken.backup().commit().files(),
                            taken.backup().commit().bytesIn(),
                            taken.backup().commit().bytesStored(),
                            took,
                            taken.backup().commit().damaged()
                                    ? ", DAMAGED AT THE SOURCE: " + taken.backup().commit().damage()
                                    : "");
            case RunOutcome.Found found ->
                    LOG.infof(
                            "%s was complete already in store '%s': attempt %s",
                            due.run(), found.backup().store(), found.backup().commit().attempt());
            case RunOutcome.Skipped(String reason) ->
                    LOG.warnf("%s is skipped: %s", due.run(), reason);
            case RunOutcome.Failed(CairnException failure) ->
                    LOG.errorf(
                            failure.category() == ErrorCategory.BUG ? failure : null,
                            "%s failed: %s: %s",
                            due.run(),
                            failure.code(),
                            failure.messageWithHint());
        }
    }
}
