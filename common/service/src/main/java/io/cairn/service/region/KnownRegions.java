package io.cairn.service.region;

import io.cairn.config.CairnConfig;
import io.cairn.events.region.RegionFacts;
import io.cairn.events.region.Regions;
import io.cairn.model.StoreName;
import io.cairn.service.kafka.KafkaSettings;
import io.cairn.service.metrics.MetricNames;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;

/**
 * What this process knows of the stores: {@code cairn.regions}, read since it was first asked for.
 * Thread-safe.
 */
@ApplicationScoped
public class KnownRegions {

    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final RegionReader reader;

    @Inject
    KnownRegions(KafkaSettings kafka, CairnConfig config, MeterRegistry meters) {
        this.reader = RegionReader.start(kafka.client(), PAUSE);
        for (StoreName store : config.stores().keySet()) {
            Gauge.builder(MetricNames.REGION_ACTIVE, reader, it -> inService(it, store))
                    .description("1 while the store is in service, 0 after it was failed over")
                    .tag(MetricNames.STORE, store.value())
                    .register(meters);
        }
        Gauge.builder(MetricNames.REGION_EPOCH, reader, it -> it.facts().regions().epoch())
                .description("Decisions on which stores are in service that this process has read")
                .register(meters);
    }

    private static double inService(RegionReader reader, StoreName store) {
        return reader.facts().regions().inService(store) ? 1 : 0;
    }

    /** Which stores are in service, as far as is known. */
    public Regions regions() {
        return reader.facts().regions();
    }

    public RegionFacts facts() {
        return reader.facts();
    }

    /** Whether everything that was ever told has been read once. */
    public boolean isCurrent() {
        return reader.isCurrent();
    }

    /** Calls when what is known has changed: be quick. */
    public void onChange(Runnable listener) {
        reader.onChange(listener);
    }

    @PreDestroy
    void close() {
        reader.close();
    }
}
