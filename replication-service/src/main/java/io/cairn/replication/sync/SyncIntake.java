package io.cairn.replication.sync;

import io.cairn.config.CairnConfig;
import io.cairn.config.ClusterConfig;
import io.cairn.events.EventEnvelope;
import io.cairn.events.SyncValidationDue;
import io.cairn.events.Topics;
import io.cairn.model.error.CairnException;
import io.cairn.replication.copy.CopySettings;
import io.cairn.replication.copy.Patience;
import io.cairn.service.events.EventPublisher;
import io.cairn.service.intake.IntakeMetrics;
import io.cairn.service.intake.IntakeSettings;
import io.cairn.service.intake.Outcome;
import io.cairn.service.intake.ShareGroupIntake;
import io.cairn.service.kafka.KafkaSettings;
import io.cairn.service.storage.Stores;
import io.cairn.sync.SyncLimits;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Takes the comparisons that are due; of several instances one does each. */
@ApplicationScoped
class SyncIntake {

    private static final Logger LOG = Logger.getLogger(SyncIntake.class);
    private static final String GROUP = "cairn-replication-sync";
    private static final Duration PAUSE = Duration.ofSeconds(2);

    /** What was repaired stays so; the rest is done again by whoever takes the event next. */
    private static final Duration DRAIN = Duration.ofSeconds(3);

    private final KafkaSettings kafka;
    private final SyncSettings settings;
    private final CopySettings copying;
    private final SyncValidation validation;
    private final SyncMeters meters;
    private final MeterRegistry registry;
    private final InstantSource clock;
    private @Nullable ShareGroupIntake intake;

    @Inject
    SyncIntake(
            CairnConfig config,
            KafkaSettings kafka,
            SyncSettings settings,
            CopySettings copying,
            Stores stores,
            EventPublisher events,
            MeterRegistry registry,
            InstantSource clock) {
        this.kafka = kafka;
        this.settings = settings.checked();
        this.copying = copying;
        this.registry = registry;
        this.clock = clock;
        this.validation =
                new SyncValidation(
                        config,
                        stores,
                        events,
                        SyncValidation.Schedule.of(settings),
                        new SyncLimits(
                                settings.parallel(),
                                SyncLimits.DEFAULT.attempts(),
                                PAUSE,
                                settings.settle()),
                        clock);
        this.meters = new SyncMeters(registry);
    }

    void onStart(@Observes StartupEvent event) {
        if (validation.clusters().isEmpty()) {
            return;
        }
        intake =
                ShareGroupIntake.start(
                        IntakeSettings.of(
                                        kafka.bootstrapServers(),
                                        GROUP,
                                        List.of(Topics.DUE_MAINTENANCE),
                                        1)
                                .withClient(kafka.client())
                                .withDrainLimit(DRAIN),
                        (taken, _) -> handle(taken));
        IntakeMetrics.bind(intake, registry);
    }

    private Outcome handle(EventEnvelope<?> event) throws InterruptedException {
        return event.data() instanceof SyncValidationDue due
                ? compareAll(due, event)
                : Outcome.done();
    }

    /** One cluster after the other; those of a store that is away once more later. */
    private Outcome compareAll(SyncValidationDue due, EventEnvelope<?> cause)
            throws InterruptedException {
        Queue<ClusterConfig> waiting = new ArrayDeque<>(validation.clusters());
        Instant end = clock.instant().plus(settings.giveUp());
        while (!waiting.isEmpty()) {
            List<ClusterConfig> again = new ArrayList<>();
            Optional<CairnException> problem = Optional.empty();
            for (ClusterConfig cluster : waiting) {
                try {
                    meters.compared(validation.compare(cluster, due.dueAt(), Optional.of(cause)));
                } catch (CairnException e) {
                    if (Thread.interrupted()) {
                        throw new InterruptedException();
                    }
                    LOG.warnf(
                            "The stores of '%s' could not be compared: %s: %s",
                            cluster.name(), e.code(), e.messageWithHint());
                    problem = Optional.of(e);
                    if (Patience.mayPass(e)) {
                        again.add(cluster);
                    }
                }
            }
            if (problem.isPresent() && (again.isEmpty() || !clock.instant().isBefore(end))) {
                return Outcome.reject(
                        problem.get().code() + ": " + problem.get().messageWithHint());
            }
            waiting = new ArrayDeque<>(again);
            if (!waiting.isEmpty()) {
                TimeUnit.NANOSECONDS.sleep(copying.longestPause().toNanos());
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
