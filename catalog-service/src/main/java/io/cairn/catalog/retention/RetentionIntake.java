package io.cairn.catalog.retention;

import io.cairn.events.EventEnvelope;
import io.cairn.events.RetentionCleanupDue;
import io.cairn.events.Topics;
import io.cairn.model.ClusterName;
import io.cairn.service.intake.IntakeMetrics;
import io.cairn.service.intake.IntakeSettings;
import io.cairn.service.intake.Outcome;
import io.cairn.service.intake.ShareGroupIntake;
import io.cairn.service.kafka.KafkaSettings;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Takes clean-ups; of several catalogs one does each. Maintenance for other services is none of its
 * business.
 */
@ApplicationScoped
class RetentionIntake {

    private static final Logger LOG = Logger.getLogger(RetentionIntake.class);
    private static final String GROUP = "cairn-retention";

    private final KafkaSettings kafka;
    private final ClusterRetention retention;
    private final RetentionSettings retentionSettings;
    private final InstantSource clock;
    private final MeterRegistry meters;
    private @Nullable ShareGroupIntake intake;

    @Inject
    RetentionIntake(
            KafkaSettings kafka,
            ClusterRetention retention,
            RetentionSettings retentionSettings,
            InstantSource clock,
            MeterRegistry meters) {
        this.kafka = kafka;
        this.retention = retention;
        this.retentionSettings = retentionSettings;
        this.clock = clock;
        this.meters = meters;
    }

    void onStart(@Observes StartupEvent event) {
        IntakeSettings settings =
                IntakeSettings.of(
                                kafka.bootstrapServers(), GROUP, List.of(Topics.DUE_MAINTENANCE), 1)
                        .withClient(kafka.client());
        intake = ShareGroupIntake.start(settings, (due, _) -> handle(due));
        IntakeMetrics.bind(intake, meters);
    }

    Outcome handle(EventEnvelope<?> event) throws InterruptedException {
        if (event.data() instanceof RetentionCleanupDue due) {
            Set<ClusterName> left =
                    new CleanUpRounds(
                                    clusters -> retention.cleanUp(clusters, event),
                                    retentionSettings.retryPause(),
                                    clock,
                                    Thread::sleep)
                            .run(retention.clusters(), due.startDeadline());
            if (!left.isEmpty()) {
                LOG.errorf(
                        "The clean-up due at %s was not done for %s: it had to start before %s",
                        due.dueAt(), left, due.startDeadline());
            }
        }
        return Outcome.done();
    }

    void onStop(@Observes ShutdownEvent event) {
        if (intake != null) {
            intake.close();
        }
    }
}
