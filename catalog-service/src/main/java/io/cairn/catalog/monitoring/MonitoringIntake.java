package io.cairn.catalog.monitoring;

import io.cairn.events.EventEnvelope;
import io.cairn.events.MonitoringCheckDue;
import io.cairn.events.Topics;
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
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes monitoring checks; of several catalogs one does each. Maintenance for other services is
 * none of its business.
 */
@ApplicationScoped
class MonitoringIntake {

    private static final String GROUP = "cairn-monitoring";

    private final KafkaSettings kafka;
    private final MonitoringCheck check;
    private final MeterRegistry meters;
    private @Nullable ShareGroupIntake intake;

    @Inject
    MonitoringIntake(KafkaSettings kafka, MonitoringCheck check, MeterRegistry meters) {
        this.kafka = kafka;
        this.check = check;
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

    Outcome handle(EventEnvelope<?> event) {
        if (event.data() instanceof MonitoringCheckDue due) {
            check.run(due, event);
        }
        return Outcome.done();
    }

    void onStop(@Observes ShutdownEvent event) {
        if (intake != null) {
            intake.close();
        }
    }
}
