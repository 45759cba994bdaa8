package io.cairn.replication.copy;

import io.cairn.events.EventEnvelope;
import io.cairn.events.ObjectStored;
import io.cairn.model.backup.BackupLayout;
import io.cairn.replication.route.Routes;
import io.cairn.service.intake.Delivery;
import io.cairn.service.intake.Handler;
import io.cairn.service.intake.Outcome;
import java.util.List;

/** Hands every stored object to the stores that want a copy of it. */
final class ObjectStoredHandler implements Handler {

    private final Routes routes;
    private final List<CopyTarget> targets;

    ObjectStoredHandler(Routes routes, List<CopyTarget> targets) {
        this.routes = routes;
        this.targets = List.copyOf(targets);
    }

    @Override
    public Outcome handle(EventEnvelope<?> event, Delivery delivery) {
        if (event.data() instanceof ObjectStored stored && !isCommit(stored)) {
            targets.stream()
                    .filter(target -> routes.wants(stored.tier(), stored.store(), target.name()))
                    .forEach(target -> target.eager().offer(Hint.of(stored)));
        }
        return Outcome.done();
    }

    /** The commit object comes last, whatever an event says. */
    private static boolean isCommit(ObjectStored stored) {
        return BackupLayout.ofCommit(stored.object().key()).isPresent();
    }
}
