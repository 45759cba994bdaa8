package io.cairn.catalog.monitoring;

import io.cairn.catalog.cluster.ClusterStanding;
import io.cairn.catalog.cluster.Standings;
import io.cairn.config.CairnConfig;
import io.cairn.config.ClusterConfig;
import io.cairn.events.CairnEvent;
import io.cairn.events.EventEnvelope;
import io.cairn.events.MonitoringCheckDue;
import io.cairn.model.ClusterName;
import io.cairn.service.events.EventPublisher;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Checks every configured cluster and publishes what it finds. Blocking; thread-safe. */
@ApplicationScoped
public class MonitoringCheck {

    private static final Logger LOG = Logger.getLogger(MonitoringCheck.class);

    private final CairnConfig config;
    private final Standings standings;
    private final EventPublisher publisher;
    private final InstantSource clock;

    @Inject
    MonitoringCheck(
            CairnConfig config,
            Standings standings,
            EventPublisher publisher,
            InstantSource clock) {
        this.config = config;
        this.standings = standings;
        this.publisher = publisher;
        this.clock = clock;
    }

    /**
     * Does what {@code due} asks for, unless its start deadline has passed: the next check is then
     * not far.
     */
    void run(MonitoringCheckDue due, EventEnvelope<?> cause) {
        Instant now = clock.instant();
        if (now.isAfter(due.startDeadline())) {
            LOG.warnf(
                    "The monitoring check due at %s is skipped: it had to start before %s",
                    due.dueAt(), due.startDeadline());
            return;
        }
        Map<ClusterName, ClusterStanding> known = standings.all();
        for (ClusterConfig cluster : config.clusters().values()) {
            ClusterStanding standing =
                    known.getOrDefault(cluster.name(), ClusterStanding.unknown(cluster.name()));
            for (CairnEvent fact :
                    new ObjectiveCheck(standing, config.policy(cluster.tier()), now).events()) {
                publisher.publish(fact, Optional.of(cause));
            }
        }
    }
}
