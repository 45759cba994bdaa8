package io.cairn.validator.intake;

import io.cairn.archive.key.Certificates;
import io.cairn.config.CairnConfig;
import io.cairn.events.CairnEvent;
import io.cairn.events.ValidationFailed;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.identity.Identities;
import io.cairn.restore.key.KeyCheck;
import io.cairn.restore.key.KeyCheck.Finding;
import io.cairn.service.metrics.MetricNames;
import io.cairn.service.storage.Stores;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Whether this validator's private key opens what every cluster has stored last, in every store: a
 * key that was lost, or recipients without it, must be known before they are needed. Each validator
 * asks for itself, since each has a key of its own.
 */
@ApplicationScoped
class KeyWatch {

    private static final Logger LOG = Logger.getLogger(KeyWatch.class);

    private final CairnConfig config;
    private final Stores stores;
    private final MeterRegistry meters;
    private final InstantSource clock;
    private final Duration every;
    private final Map<ClusterName, Result> results = new ConcurrentHashMap<>();

    @Inject
    KeyWatch(
            CairnConfig config,
            Stores stores,
            MeterRegistry meters,
            InstantSource clock,
            ValidatorSettings settings) {
        this(config, stores, meters, clock, settings.keyCheck().every());
    }

    KeyWatch(
            CairnConfig config,
            Stores stores,
            MeterRegistry meters,
            InstantSource clock,
            Duration every) {
        this.config = config;
        this.stores = stores;
        this.meters = meters;
        this.clock = clock;
        this.every = every;
        config.clusters().keySet().forEach(this::measure);
    }

    private record Result(boolean usable, Instant at) {}

    /** What nobody could look at for two rounds is not known any more. */
    private void measure(ClusterName cluster) {
        Gauge.builder(
                        MetricNames.KEY_USABLE,
                        () ->
                                Optional.ofNullable(results.get(cluster))
                                        .filter(result ->
                                                result.at()
                                                        .plus(every.multipliedBy(2))
                                                        .isAfter(clock.instant()))
                                        .map(result -> result.usable() ? 1.0 : 0.0)
                                        .orElse(Double.NaN))
                .description("1 while this validator's private key opens the newest backups")
                .tag(MetricNames.CLUSTER, cluster.value())
                .register(meters);
    }

    /** Checks now and every so often, until the thread is interrupted. */
    void watch(Consumer<CairnEvent> told) {
        try {
            while (true) {
                try {
                    check(told);
                } catch (CairnException e) {
                    LOG.errorf(
                            "The key check was not done and is made again in %s: %s",
                            every, e.messageWithHint());
                }
                Thread.sleep(every);
            }
        } catch (InterruptedException _) {
            // The validator ends.
        }
    }

    /**
     * Looks at every cluster once. What cannot be looked at now is logged, and changes nothing.
     *
     * @param told gets a {@link ValidationFailed} for each copy that does not open
     */
    void check(Consumer<CairnEvent> told) {
        KeyCheck check = new KeyCheck(Identities.open(config.keys()));
        X509Certificate anchor = Certificates.read(config.keys().trustAnchor().orElseThrow());
        for (ClusterName cluster : config.clusters().keySet()) {
            Instant at = clock.instant();
            List<Finding> findings = new ArrayList<>();
            for (StoreName store : config.stores().keySet()) {
                check.check(cluster, new BackupReader(stores.store(store), anchor)).stream()
                        .filter(finding -> !shredded(finding))
                        .forEach(findings::add);
            }
            found(cluster, at, findings, told);
        }
    }

    private void found(
            ClusterName cluster, Instant at, List<Finding> findings, Consumer<CairnEvent> told) {
        for (Finding finding : findings) {
            finding.problem().ifPresent(cause -> log(finding, cause));
            if (finding.failed()) {
                finding.backup().ifPresent(backup -> told.accept(failed(finding, backup)));
            }
        }
        boolean failed = findings.stream().anyMatch(Finding::failed);
        boolean known = findings.stream().allMatch(finding -> finding.opens() || finding.failed());
        if (findings.isEmpty()) {
            // Nothing is stored, or its keys were shredded: no key has to open it.
            results.remove(cluster);
        } else if (failed || known) {
            results.put(cluster, new Result(!failed, at));
        }
    }

    /** What opens no more on purpose is no reason to wake anybody. */
    private static boolean shredded(Finding finding) {
        return finding.problem()
                .filter(cause -> cause.code() == ErrorCode.KEYS_SHREDDED)
                .isPresent();
    }

    private static void log(Finding finding, CairnException cause) {
        LOG.errorf(
                "Key check of %s in '%s': %s",
                finding.cluster(), finding.store(), cause.messageWithHint());
    }

    private ValidationFailed failed(Finding finding, CommitObject backup) {
        CairnException cause = finding.problem().orElseThrow();
        return new ValidationFailed(
                backup.run(),
                backup.attempt(),
                finding.store(),
                ValidationFailed.KEY,
                clock.instant(),
                cause.code(),
                cause.getMessage(),
                cause.hint(),
                finding.object());
    }
}
