package io.cairn.catalog.hold;

import io.cairn.config.CairnConfig;
import io.cairn.config.ClusterConfig;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.model.error.CairnException;
import io.cairn.service.events.EventPublisher;
import io.cairn.service.storage.Stores;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/** The legal holds of this catalog's clusters: makes the rounds and measures what is left. */
@ApplicationScoped
public class Holds {

    private static final String PENDING = "cairn_hold_pending";

    private final LegalHolds holds;
    private volatile int pending;

    @Inject
    Holds(
            CairnConfig config,
            Stores stores,
            EventPublisher events,
            MeterRegistry meters,
            InstantSource clock,
            HoldSettings settings) {
        this.holds =
                new LegalHolds(
                        clusters(config),
                        stores::store,
                        events::publish,
                        clock,
                        settings.parallel());
        Gauge.builder(PENDING, () -> pending)
                .description("Legal holds that are not yet placed, or released, in every store")
                .register(meters);
    }

    private static SequencedMap<ClusterName, List<StoreName>> clusters(CairnConfig config) {
        SequencedMap<ClusterName, List<StoreName>> clusters = new LinkedHashMap<>();
        for (ClusterConfig cluster : config.clusters().values()) {
            clusters.put(cluster.name(), config.policy(cluster.tier()).run().copies());
        }
        return clusters;
    }

    /** As {@link LegalHolds#place}. */
    public HoldStatus place(
            Optional<ClusterName> cluster, BackupLabel label, String id, String reason, String by) {
        return holds.place(cluster, label, id, reason, by);
    }

    /** As {@link LegalHolds#release}. */
    public HoldStatus release(String id, String reason, String by) {
        return holds.release(id, reason, by);
    }

    /** As {@link LegalHolds#list}. */
    public List<HoldStatus> list(Optional<ClusterName> cluster) {
        return holds.list(cluster);
    }

    /**
     * Brings holds and releases into all stores.
     *
     * @throws CairnException the first failure of a store; the others' part was done
     */
    public void bring() {
        LegalHolds.Report report = holds.round();
        pending = report.pending();
        if (!report.failures().isEmpty()) {
            CairnException first = report.failures().getFirst();
            report.failures().stream()
                    .skip(1)
                    .filter(failure -> failure != first)
                    .forEach(first::addSuppressed);
            throw first;
        }
    }
}
