package io.cairn.replication.copy;

import io.cairn.config.CairnConfig;
import io.cairn.events.Topics;
import io.cairn.replication.lag.LagTracker;
import io.cairn.replication.route.Routes;
import io.cairn.service.events.EventPublisher;
import io.cairn.service.intake.IntakeMetrics;
import io.cairn.service.intake.IntakeSettings;
import io.cairn.service.intake.ShareGroupIntake;
import io.cairn.service.kafka.KafkaSettings;
import io.cairn.service.storage.Stores;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Every store that holds copies, and the intakes that feed them.
 *
 * <p>Completed backups have a share group per store, so that a store that is away holds up nothing
 * but itself; each record is held until its copy is whole. Stored objects have one group for all:
 * they only go into the backlogs.
 */
@ApplicationScoped
public class CopyTargets {

    private static final Logger LOG = Logger.getLogger(CopyTargets.class);
    private static final String GROUP = "cairn-replication-";

    /**
     * What is interrupted goes on in another process or after the restart: there is nothing to wait
     * for.
     */
    private static final Duration DRAIN = Duration.ofSeconds(3);

    private final Routes routes;
    private final CopySettings settings;
    private final KafkaSettings kafka;
    private final MeterRegistry meters;
    private final List<CopyTarget> targets;
    private final List<ShareGroupIntake> intakes = new ArrayList<>();

    @Inject
    CopyTargets(
            CairnConfig config,
            CopySettings settings,
            Bandwidths bandwidths,
            KafkaSettings kafka,
            Stores stores,
            EventPublisher events,
            LagTracker lag,
            MeterRegistry meters,
            InstantSource clock) {
        this.routes = new Routes(config);
        this.settings = settings.checked();
        this.kafka = kafka;
        this.meters = meters;
        this.targets =
                routes.targets().stream()
                        .map(name ->
                                target(
                                        stores,
                                        new Transfers(
                                                stores.store(name),
                                                bandwidths.into(name),
                                                settings.parallel()),
                                        new CopyTarget.Telling(
                                                events, lag, new CopyMeters(meters, name), clock)))
                        .toList();
    }

    private CopyTarget target(Stores stores, Transfers transfers, CopyTarget.Telling telling) {
        Patience patience = new Patience(settings.firstPause(), settings.longestPause());
        ObjectCopies copies = new ObjectCopies(transfers);
        EagerCopies eager =
                new EagerCopies(
                        copies,
                        stores,
                        new Backlog(settings.backlog()),
                        telling.lag(),
                        patience,
                        telling.meters());
        return new CopyTarget(
                transfers.target().name(),
                stores,
                eager,
                new BackupCopier(copies, settings.parallel()),
                patience,
                telling);
    }

    public List<CopyTarget> targets() {
        return targets;
    }

    void onStart(@Observes StartupEvent event) {
        if (targets.isEmpty()) {
            LOG.info("No cluster's tier names a second store: there is nothing to copy");
            return;
        }
        for (CopyTarget target : targets) {
            target.eager().start(settings.parallel());
            intakes.add(
                    ShareGroupIntake.start(
                            intake(
                                    GROUP + "to-" + target.name(),
                                    Topics.LIFECYCLE,
                                    settings.backups()),
                            new BackupCompletedHandler(routes, target)));
        }
        intakes.add(
                ShareGroupIntake.start(
                        intake(GROUP + "objects", Topics.OBJECTS, 1),
                        new ObjectStoredHandler(routes, targets)));
        intakes.forEach(intake -> IntakeMetrics.bind(intake, meters));
    }

    private IntakeSettings intake(String group, String topic, int workers) {
        return IntakeSettings.of(kafka.bootstrapServers(), group, List.of(topic), workers)
                .withClient(kafka.client())
                .withDrainLimit(DRAIN);
    }

    /** Why no work can be taken now, if so. */
    public Optional<String> failure() {
        return intakes.stream()
                .map(ShareGroupIntake::failure)
                .flatMap(Optional::stream)
                .findFirst();
    }

    void onStop(@Observes ShutdownEvent event) {
        intakes.parallelStream().forEach(ShareGroupIntake::close);
        targets.forEach(target -> target.eager().close());
    }
}
