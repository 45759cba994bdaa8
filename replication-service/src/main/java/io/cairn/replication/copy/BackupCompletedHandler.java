package io.cairn.replication.copy;

import io.cairn.events.BackupCompleted;
import io.cairn.events.EventEnvelope;
import io.cairn.replication.route.Routes;
import io.cairn.service.intake.Delivery;
import io.cairn.service.intake.Handler;
import io.cairn.service.intake.Outcome;

/** Makes the copy of a completed backup whole in one store, however long that store is away. */
final class BackupCompletedHandler implements Handler {

    private final Routes routes;
    private final CopyTarget target;

    BackupCompletedHandler(Routes routes, CopyTarget target) {
        this.routes = routes;
        this.target = target;
    }

    @Override
    public Outcome handle(EventEnvelope<?> event, Delivery delivery) throws InterruptedException {
        if (event.data() instanceof BackupCompleted completed
                && routes.wants(completed.tier(), completed.store(), target.name())) {
            return outcome(target.complete(completed, event));
        }
        return Outcome.done();
    }

    private static Outcome outcome(BackupCopy copy) {
        return switch (copy) {
            case BackupCopy.Complete _, BackupCopy.SourceGone _ -> Outcome.done();
            case BackupCopy.Refused refused ->
                    Outcome.reject(refused.why().code() + ": " + refused.why().messageWithHint());
        };
    }
}
