package io.cairn.validator.intake;

import io.cairn.events.BackupCompleted;
import io.cairn.events.DrillDue;
import io.cairn.events.EventEnvelope;
import io.cairn.events.Topics;
import io.cairn.events.ValidationDue;
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
import java.util.Optional;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.jspecify.annotations.Nullable;

/**
 * Takes completed backups and what is due of the validation; of several validators one does each.
 */
@Readiness
@ApplicationScoped
class ProofIntake implements HealthCheck {

    private static final String GROUP = "cairn-validator";

    private final KafkaSettings kafka;
    private final ValidatorSettings settings;
    private final Proofs proofs;
    private final KeyWatch keys;
    private final MeterRegistry meters;
    private @Nullable ShareGroupIntake intake;
    private @Nullable Thread keyWatch;

    @Inject
    ProofIntake(
            KafkaSettings kafka,
            ValidatorSettings settings,
            Proofs proofs,
            KeyWatch keys,
            MeterRegistry meters) {
        this.kafka = kafka;
        this.settings = settings;
        this.proofs = proofs;
        this.keys = keys;
        this.meters = meters;
    }

    void onStart(@Observes StartupEvent event) {
        proofs.requireReady();
        IntakeSettings taking =
                IntakeSettings.of(
                                kafka.bootstrapServers(),
                                GROUP,
                                List.of(
                                        Topics.LIFECYCLE,
                                        Topics.DUE_MAINTENANCE,
                                        Topics.DUE_DRILLS),
                                settings.proofs())
                        .withClient(kafka.client())
                        .withDrainLimit(settings.drainTimeout());
        intake = ShareGroupIntake.start(taking, (taken, _) -> handle(taken));
        IntakeMetrics.bind(intake, meters);
        // Neither a store nor a broker that is away keeps a validator from starting.
        keyWatch = Thread.ofVirtual().name("key-check").start(() -> keys.watch(proofs::tell));
    }

    /** What is none of these is of no concern here. */
    private Outcome handle(EventEnvelope<?> event) throws InterruptedException {
        switch (event.data()) {
            case BackupCompleted completed -> proofs.prove(completed, event);
            case ValidationDue due -> proofs.share(due, event);
            case DrillDue due -> proofs.prove(due, event);
            default -> {}
        }
        return Outcome.done();
    }

    void onStop(@Observes ShutdownEvent event) {
        if (keyWatch != null) {
            keyWatch.interrupt();
        }
        if (intake != null) {
            intake.close();
        }
    }

    @Override
    public HealthCheckResponse call() {
        Optional<String> failure = Optional.ofNullable(intake).flatMap(ShareGroupIntake::failure);
        return HealthCheckResponse.named("intake")
                .status(failure.isEmpty())
                .withData("failure", failure.orElse("none"))
                .build();
    }
}
