package io.cairn.executor.intake;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.config.CairnConfig;
import io.cairn.events.Topics;
import io.cairn.executor.basebackup.BackupKeys;
import io.cairn.executor.basebackup.BackupRuns;
import io.cairn.executor.basebackup.RunClock;
import io.cairn.executor.basebackup.RunEnvironment;
import io.cairn.executor.basebackup.postgres.PostgresSource;
import io.cairn.executor.region.WatchedStores;
import io.cairn.executor.wal.WalMemory;
import io.cairn.model.Tier;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.service.config.InstanceName;
import io.cairn.service.events.EventPublisher;
import io.cairn.service.intake.IntakeMetrics;
import io.cairn.service.intake.IntakeSettings;
import io.cairn.service.intake.ShareGroupIntake;
import io.cairn.service.kafka.KafkaSettings;
import io.cairn.service.kafka.TopicProvisioner;
import io.cairn.service.region.KnownRegions;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.CommonClientConfigs;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Takes the due events of this executor's tiers, a share group for each, from start to stop. */
@ApplicationScoped
class DueIntake {

    private static final Logger LOG = Logger.getLogger(DueIntake.class);

    private static final Duration TOPICS_PAUSE = Duration.ofSeconds(5);

    private final Set<Tier> tiers;
    private final ExecutorSettings settings;
    private final CairnConfig config;
    private final KafkaSettings kafka;
    private final TopicProvisioner topics;
    private final WalMemory wal;
    private final InstanceName instance;
    private final MeterRegistry meters;
    private final DueHandler handler;
    private final List<ShareGroupIntake> intakes = new CopyOnWriteArrayList<>();
    private final Thread beginning = Thread.ofVirtual().name("begin intake").unstarted(this::begin);

    @Inject
    DueIntake(
            @ConfigProperty(name = "cairn.tiers") List<String> tiers,
            ExecutorSettings settings,
            CairnConfig config,
            KafkaSettings kafka,
            TopicProvisioner topics,
            WalMemory wal,
            WatchedStores stores,
            KnownRegions regions,
            EventPublisher publisher,
            RunMetrics metrics,
            InstanceName instance,
            InstantSource clock,
            RandomGenerator random,
            MeterRegistry meters) {
        this.tiers = parse(tiers);
        this.settings = settings;
        this.config = config;
        this.kafka = kafka;
        this.topics = topics;
        this.wal = wal;
        this.instance = instance;
        this.meters = meters;
        BackupRuns runs =
                new BackupRuns(
                        config,
                        stores::store,
                        PostgresSource::new,
                        settings.toRunSettings(),
                        settings.toPipelineSettings(),
                        new RunEnvironment(instance.value(), RunClock.of(clock), random, metrics),
                        regions::regions);
        this.handler = new DueHandler(runs, publisher, settings.toEventLimits(), metrics);
    }

    private static Set<Tier> parse(List<String> ids) {
        Set<Tier> tiers = EnumSet.noneOf(Tier.class);
        ids.forEach(id -> tiers.add(Tier.parse(id.strip())));
        if (tiers.isEmpty()) {
            throw new CairnException(
                    ErrorCode.CONFIG_INVALID,
                    "CAIRN_TIERS names no tier",
                    "write CAIRN_TIERS=oltp,content,queue,olap or some of them");
        }
        return tiers;
    }

    void onStart(@Observes StartupEvent event) {
        // What every run will need is asked for now, so that a mistake is seen at the start and not
        // at 02:00.
        BackupKeys.read(config.keys());
        HeapNeed need = HeapNeed.of(tiers, config, settings, wal);
        long heap = Runtime.getRuntime().maxMemory();
        need.requireFits(heap);
        need.shortage(heap).ifPresent(LOG::warn);
        beginning.start();
    }

    /** As soon as there is a broker that has the topics: WAL is streamed without. */
    private void begin() {
        try {
            while (!topicsAreThere()) {
                Thread.sleep(TOPICS_PAUSE);
            }
            takeDueEvents();
        } catch (InterruptedException e) {
            // onStop(): nobody waits any more.
            Thread.currentThread().interrupt();
        }
    }

    private boolean topicsAreThere() {
        try {
            topics.provision();
            return true;
        } catch (CairnException e) {
            if (!Thread.currentThread().isInterrupted()) {
                LOG.errorf("Takes no due events yet: %s", e.messageWithHint());
            }
            return false;
        }
    }

    private void takeDueEvents() {
        for (Tier tier : tiers) {
            ShareGroupIntake intake = ShareGroupIntake.start(intake(tier), handler);
            intakes.add(intake);
            IntakeMetrics.bind(intake, meters);
        }
        LOG.infof(
                "Takes due events of %s as %s, %d at once for each; gzip by %s",
                tiers, instance, settings.runs(), GzipCodec.best().name());
    }

    private IntakeSettings intake(Tier tier) {
        return new IntakeSettings(
                client(),
                "cairn-executor-" + tier.id(),
                List.of(Topics.due(tier)),
                settings.runs(),
                IntakeSettings.Lease.ofLock(settings.intake().lock()),
                new IntakeSettings.Redelivery(
                        settings.intake().deliveries(),
                        Duration.ofSeconds(1),
                        Duration.ofMinutes(1)),
                settings.drainTimeout());
    }

    private Map<String, Object> client() {
        Map<String, Object> client = new HashMap<>(kafka.client());
        client.put(CommonClientConfigs.CLIENT_ID_CONFIG, instance.value());
        return client;
    }

    /** Why a tier's events cannot be taken now, if so. */
    Optional<String> failure() {
        return intakes.stream()
                .map(ShareGroupIntake::failure)
                .flatMap(Optional::stream)
                .findFirst();
    }

    /** Drains all tiers at once. */
    void onStop(@Observes ShutdownEvent event) throws InterruptedException {
        beginning.interrupt();
        beginning.join();
        LOG.infof(
                "Stops: takes no more, %d run(s) may go on for %s",
                intakes.stream().mapToInt(ShareGroupIntake::running).sum(),
                settings.drainTimeout());
        List<Thread> closing =
                intakes.stream().map(intake -> Thread.ofVirtual().start(intake::close)).toList();
        for (Thread thread : closing) {
            thread.join();
        }
    }
}
