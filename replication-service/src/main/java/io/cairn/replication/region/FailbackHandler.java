package io.cairn.replication.region;

import io.cairn.events.EventEnvelope;
import io.cairn.events.FailbackRefused;
import io.cairn.events.FailbackRequested;
import io.cairn.events.RegionEvent;
import io.cairn.service.events.EventPublisher;
import io.cairn.service.intake.Delivery;
import io.cairn.service.intake.Handler;
import io.cairn.service.intake.Outcome;
import io.cairn.service.region.KnownRegions;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Answers requests for a failback. What else is on the topic is passed over. */
final class FailbackHandler implements Handler {

    private static final Logger LOG = Logger.getLogger(FailbackHandler.class);

    private final Failback failback;
    private final KnownRegions regions;
    private final EventPublisher events;

    FailbackHandler(Failback failback, KnownRegions regions, EventPublisher events) {
        this.failback = failback;
        this.regions = regions;
        this.events = events;
    }

    @Override
    public Outcome handle(EventEnvelope<?> event, Delivery delivery) throws InterruptedException {
        if (event.data() instanceof FailbackRequested request) {
            if (regions.facts().answer(request.store(), request.request()).isEmpty()) {
                answer(event, request);
            }
        }
        return Outcome.done();
    }

    private void answer(EventEnvelope<?> event, FailbackRequested request)
            throws InterruptedException {
        RegionEvent answer = failback.answer(request, regions.regions());
        if (answer instanceof FailbackRefused refused) {
            LOG.warnf("Store '%s' stays out of service: %s", refused.store(), refused.reason());
        } else {
            LOG.infof("Store '%s' is in service again", answer.store());
        }
        events.publish(answer, Optional.of(event));
    }
}
