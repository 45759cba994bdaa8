package io.cairn.executor.intake;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Optional;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * Ready while due events can be taken. Readiness only: how long a run lasts says nothing about this
 * process's health.
 */
@Readiness
@ApplicationScoped
class IntakeReady implements HealthCheck {

    private final DueIntake intake;

    @Inject
    IntakeReady(DueIntake intake) {
        this.intake = intake;
    }

    @Override
    public HealthCheckResponse call() {
        Optional<String> failure = intake.failure();
        return HealthCheckResponse.named("intake")
                .status(failure.isEmpty())
                .withData("failure", failure.orElse("none"))
                .build();
    }
}
