package io.cairn.catalog.retention;

import io.cairn.catalog.paging.PageRequest;
import io.cairn.catalog.retention.History.Fork;
import io.cairn.catalog.run.RunFilter;
import io.cairn.catalog.run.Runs;
import io.cairn.config.CairnConfig;
import io.cairn.events.CairnEvent;
import io.cairn.events.EventEnvelope;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Sha256;
import io.cairn.model.Timeline;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.TierPolicy;
import io.cairn.service.events.EventPublisher;
import io.cairn.service.storage.Stores;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/** The retention of the configured clusters, one clean-up at a time. Blocking; thread-safe. */
@ApplicationScoped
public class ClusterRetention {

    private static final Logger LOG = Logger.getLogger(ClusterRetention.class);

    private static final String EXPIRED = "cairn_retention_expired_total";
    private static final String DELETED_BYTES = "cairn_retention_deleted_bytes_total";
    private static final String FAILURES = "cairn_retention_failures_total";
    private static final String HELD = "cairn_retention_held";
    private static final String RETAINED = "cairn_retention_retained_objects";
    private static final String LAST_SUCCESS = "cairn_retention_last_success_timestamp_seconds";

    private final CairnConfig config;
    private final Stores stores;
    private final Runs runs;
    private final Forks forks;
    private final EventPublisher publisher;
    private final InstantSource clock;
    private final RetentionGuards guards;
    private final MeterRegistry meters;
    private final ReentrantLock one = new ReentrantLock();
    private final Map<ClusterName, Last> last = new ConcurrentHashMap<>();

    @Inject
    ClusterRetention(
            CairnConfig config,
            Stores stores,
            Runs runs,
            Forks forks,
            EventPublisher publisher,
            InstantSource clock,
            RetentionSettings settings,
            MeterRegistry meters) {
        this.config = config;
        this.stores = stores;
        this.runs = runs;
        this.forks = forks;
        this.publisher = publisher;
        this.clock = clock;
        this.guards = settings.guards();
        this.meters = meters;
        config.clusters().keySet().forEach(this::measure);
    }

    /** What the last clean-up of a cluster since the start came to. */
    private record Last(Optional<Instant> success, boolean held, long retained) {

        static final Last NONE = new Last(Optional.empty(), false, 0);
    }

    private void measure(ClusterName cluster) {
        Gauge.builder(HELD, () -> last(cluster).held() ? 1 : 0)
                .description("1 while a clean-up waits to be confirmed")
                .tag("cluster", cluster.value())
                .register(meters);
        Gauge.builder(RETAINED, () -> last(cluster).retained())
                .description("Objects that a lock kept from the last clean-up")
                .tag("cluster", cluster.value())
                .register(meters);
        Gauge.builder(
                        LAST_SUCCESS,
                        () ->
                                last(cluster)
                                        .success()
                                        .map(at -> (double) at.getEpochSecond())
                                        .orElse(Double.NaN))
                .description("When a clean-up was last carried out")
                .tag("cluster", cluster.value())
                .register(meters);
    }

    private Last last(ClusterName cluster) {
        return last.getOrDefault(cluster, Last.NONE);
    }

    /**
     * What a clean-up would do now.
     *
     * @throws CairnException {@link ErrorCode#CLUSTER_UNKNOWN}; as {@link Retention#propose}
     */
    public List<Proposal> propose(ClusterName cluster) {
        return propose(cluster, policy(cluster));
    }

    /** What it would do under another policy. */
    public List<Proposal> propose(ClusterName cluster, TierPolicy policy) {
        config.cluster(cluster);
        return retention(Optional.empty()).propose(cluster, policy);
    }

    private TierPolicy policy(ClusterName cluster) {
        return config.policy(config.cluster(cluster).tier());
    }

    /**
     * Carries out what was shown.
     *
     * @param confirmed {@link Retention#digest} of it
     * @param guarded whether what a clean-up would not do unasked is held all the same
     * @throws CairnException {@link ErrorCode#PLAN_CHANGED}; as {@link Retention#expire}
     */
    public List<CleanUp> expire(ClusterName cluster, Sha256 confirmed, boolean guarded) {
        TierPolicy policy = policy(cluster);
        one.lock();
        try {
            return noted(
                    cluster,
                    retention(Optional.empty()).expire(cluster, policy, confirmed, guarded));
        } finally {
            one.unlock();
        }
    }

    /** Those that are configured. */
    public Set<ClusterName> clusters() {
        return config.clusters().keySet();
    }

    /**
     * Cleans up some clusters. One that fails is told and keeps nobody else from it.
     *
     * @return those that a store kept from it which may be there again soon
     */
    Set<ClusterName> cleanUp(Set<ClusterName> clusters, EventEnvelope<?> cause) {
        Set<ClusterName> again = new LinkedHashSet<>();
        for (ClusterName cluster : clusters) {
            one.lock();
            try {
                noted(cluster, retention(Optional.of(cause)).cleanUp(cluster, policy(cluster)));
            } catch (CairnException e) {
                meters.counter(FAILURES, "cluster", cluster.value(), "code", e.code().name())
                        .increment();
                boolean passes = e.category() == ErrorCategory.TRANSIENT;
                LOG.errorf(
                        "Nothing more of %s expires %s: %s: %s",
                        cluster,
                        passes ? "until its stores answer" : "until the next clean-up",
                        e.code(),
                        e.messageWithHint());
                if (passes) {
                    again.add(cluster);
                }
            } finally {
                one.unlock();
            }
        }
        return again;
    }

    private Retention retention(Optional<EventEnvelope<?>> cause) {
        Consumer<CairnEvent> events = fact -> publisher.publish(fact, cause);
        return new Retention(
                config.stores().keySet().stream().map(stores::store).toList(),
                new RecordedWork(runs, forks),
                guards,
                clock,
                events);
    }

    private List<CleanUp> noted(ClusterName cluster, List<CleanUp> done) {
        boolean held = false;
        long retained = 0;
        for (CleanUp each : done) {
            switch (each) {
                case CleanUp.Held waits -> {
                    held = true;
                    LOG.warnf("%s hint: %s", waits.message(), waits.hint());
                }
                case CleanUp.Applied applied -> {
                    retained += applied.retained().size();
                    count(cluster, applied);
                }
            }
        }
        last.put(
                cluster,
                new Last(
                        held ? last(cluster).success() : Optional.of(clock.instant()),
                        held,
                        retained));
        return done;
    }

    private void count(ClusterName cluster, CleanUp.Applied applied) {
        meters.counter(EXPIRED, "cluster", cluster.value()).increment(applied.expired().size());
        meters.counter(DELETED_BYTES, "cluster", cluster.value()).increment(applied.bytes());
        if (applied.objects() > 0) {
            LOG.infof(
                    "%d backups of %s expired; %d objects of %d bytes were deleted",
                    applied.expired().size(), cluster, applied.objects(), applied.bytes());
        }
        applied.retained()
                .forEach(retained ->
                        LOG.infof(
                                "%s in store '%s' is retained%s",
                                retained.key(),
                                retained.store(),
                                retained.until().map(until -> " until " + until).orElse("")));
    }

    /** What the catalog's rows know. */
    private record RecordedWork(Runs runs, Forks forks) implements KnownWork {

        @Override
        public Map<BackupLabel, Set<Reason.Work>> busy(ClusterName cluster) {
            RunFilter active =
                    new RunFilter(
                            Optional.of(cluster),
                            Optional.empty(),
                            Optional.empty(),
                            RunFilter.ACTIVE);
            return runs
                    .find(active, new PageRequest(Optional.empty(), PageRequest.LIMIT_MAX))
                    .items()
                    .stream()
                    .collect(
                            Collectors.toMap(
                                    run -> run.run().run().label(),
                                    _ -> Set.of(Reason.Work.RUNNING),
                                    (first, _) -> first));
        }

        @Override
        public Map<Timeline, Fork> forks(ClusterRoot root) {
            return forks.of(root);
        }
    }
}
