package io.cairn.replication.copy;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * Ready while work can be taken. A store that is away is told by the lag, not here: it is waited
 * for.
 */
@Readiness
@ApplicationScoped
class CopyReady implements HealthCheck {

    private final CopyTargets targets;

    @Inject
    CopyReady(CopyTargets targets) {
        this.targets = targets;
    }

    @Override
    public HealthCheckResponse call() {
        Optional<String> failure = targets.failure();
        List<String> names =
                targets.targets().stream().map(target -> target.name().value()).toList();
        return HealthCheckResponse.named("copies")
                .status(failure.isEmpty())
                .withData("targets", String.join(" ", names))
                .withData("failure", failure.orElse(""))
                .build();
    }
}
