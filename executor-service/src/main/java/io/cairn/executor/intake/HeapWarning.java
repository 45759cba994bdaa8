package io.cairn.executor.intake;

import io.cairn.config.CairnConfig;
import io.cairn.executor.wal.WalMemory;
import io.cairn.model.Tier;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Says at the start when the heap is too small for the runs and all WAL streams at once. */
@ApplicationScoped
class HeapWarning {

    private static final Logger LOG = Logger.getLogger(HeapWarning.class);

    void onStart(
            @Observes StartupEvent event,
            @ConfigProperty(name = "cairn.tiers") List<String> names,
            CairnConfig config,
            ExecutorSettings settings,
            WalMemory wal) {
        Set<Tier> tiers =
                names.stream().map(String::strip).map(Tier::parse).collect(Collectors.toSet());
        HeapNeed.of(tiers, config, settings)
                .withStreams(tiers, config, wal)
                .shortage(Runtime.getRuntime().maxMemory())
                .ifPresent(LOG::warn);
    }
}
