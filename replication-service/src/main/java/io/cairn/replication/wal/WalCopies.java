package io.cairn.replication.wal;

import io.cairn.config.CairnConfig;
import io.cairn.events.Topics;
import io.cairn.model.StoreName;
import io.cairn.replication.copy.Bandwidths;
import io.cairn.replication.copy.CopyMeters;
import io.cairn.replication.copy.CopySettings;
import io.cairn.replication.copy.Patience;
import io.cairn.replication.copy.Transfers;
import io.cairn.replication.lag.WalLags;
import io.cairn.replication.route.Routes;
import io.cairn.replication.route.StorePair;
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
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Every two stores that hold a cluster's WAL, each with a thread of its own, and the events that
 * wake them. Copies of backups have threads and transfers of their own: neither waits for the
 * other.
 */
@ApplicationScoped
class WalCopies {

    private static final Duration DRAIN = Duration.ofSeconds(3);

    private final KafkaSettings kafka;
    private final MeterRegistry meters;
    private final List<PairCopies> pairs;
    private final List<Thread> threads = new ArrayList<>();
    private @Nullable ShareGroupIntake intake;

    @Inject
    WalCopies(
            CairnConfig config,
            WalCopySettings settings,
            CopySettings copying,
            Bandwidths bandwidths,
            KafkaSettings kafka,
            Stores stores,
            EventPublisher events,
            WalLags lags,
            MeterRegistry meters,
            InstantSource clock) {
        this.kafka = kafka;
        this.meters = meters;
        WalCopySettings limits = settings.checked();
        Patience patience = new Patience(copying.firstPause(), copying.longestPause());
        Map<StoreName, RootCopies.Way> ways = new HashMap<>();
        Function<StoreName, RootCopies.Way> into =
                name ->
                        new RootCopies.Way(
                                new WalObjects(
                                        new Transfers(
                                                stores.store(name),
                                                bandwidths.into(name),
                                                limits.parallel())),
                                new CopyMeters(meters, name));
        List<PairCopies> made = new ArrayList<>();
        for (StorePair pair : new Routes(config).pairs()) {
            made.add(
                    new PairCopies(
                            pair,
                            new RootCopies.Ways(
                                    ways.computeIfAbsent(pair.first(), into),
                                    ways.computeIfAbsent(pair.second(), into),
                                    limits.parallel()),
                            patience,
                            limits,
                            new PairCopies.Telling(events, lags.of(pair), clock)));
        }
        this.pairs = List.copyOf(made);
    }

    void onStart(@Observes StartupEvent event) {
        if (pairs.isEmpty()) {
            return;
        }
        for (PairCopies copies : pairs) {
            threads.add(Thread.ofVirtual().name("copy " + copies.pair()).start(copies));
        }
        ShareGroupIntake started =
                ShareGroupIntake.start(
                        IntakeSettings.of(
                                        kafka.bootstrapServers(),
                                        "cairn-replication-wal",
                                        List.of(Topics.WAL),
                                        1)
                                .withClient(kafka.client())
                                .withDrainLimit(DRAIN),
                        new WalEventHandler(pairs));
        IntakeMetrics.bind(started, meters);
        intake = started;
    }

    /** Of what is under way nothing is lost: it is found again. */
    void onStop(@Observes ShutdownEvent event) throws InterruptedException {
        if (intake != null) {
            intake.close();
        }
        threads.forEach(Thread::interrupt);
        Instant end = Instant.now().plus(DRAIN);
        for (Thread thread : threads) {
            Duration left = Duration.between(Instant.now(), end);
            if (left.isNegative() || !thread.join(left)) {
                return;
            }
        }
    }
}
