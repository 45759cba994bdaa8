package io.cairn.scheduler.dispatch;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/**
 * Ready while the loop ticks and the clock is not behind what was already considered: until it is
 * past that, no due time can come.
 */
@Readiness
@ApplicationScoped
class DispatchReady implements HealthCheck {

    private final DispatchStatus status;

    @Inject
    DispatchReady(DispatchStatus status) {
        this.status = status;
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder response =
                HealthCheckResponse.named("schedule")
                        .status(status.isTicking() && !status.isClockBehind())
                        .withData("clockBehind", status.isClockBehind());
        status.lastTick().ifPresent(tick -> response.withData("lastTick", tick.toString()));
        status.failure().ifPresent(failure -> response.withData("failure", failure));
        return response.build();
    }
}
