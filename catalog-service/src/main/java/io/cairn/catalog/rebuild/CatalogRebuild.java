package io.cairn.catalog.rebuild;

import io.cairn.catalog.backup.RequiredCopies;
import io.cairn.catalog.projection.FactSet;
import io.cairn.catalog.projection.FactStore;
import io.cairn.config.CairnConfig;
import io.cairn.model.StoreName;
import io.cairn.model.error.CairnException;
import io.cairn.service.storage.Stores;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;

/**
 * Reproduces backups, chains, keys and the history of copies from the buckets alone. All or
 * nothing: while a store does not answer the old rows stay. Blocking; thread-safe.
 */
@ApplicationScoped
public class CatalogRebuild {

    private static final Logger LOG = Logger.getLogger(CatalogRebuild.class);

    private final CairnConfig config;
    private final Stores stores;
    private final FactStore facts;
    private final InstantSource clock;
    private final Parallel parallel;

    @Inject
    CatalogRebuild(
            CairnConfig config,
            Stores stores,
            FactStore facts,
            InstantSource clock,
            RebuildSettings settings) {
        this.config = config;
        this.stores = stores;
        this.facts = facts;
        this.clock = clock;
        this.parallel = new Parallel(settings.parallel());
    }

    /**
     * What was found.
     *
     * @param incomplete copies whose commit object is there and some parts are not
     */
    public record Report(
            int backups, int records, List<Incomplete> incomplete, List<Unreadable> unreadable) {}

    public record Incomplete(StoreName store, String run, int missing) {}

    /**
     * @throws CairnException one of the {@code STORE_…} codes, or {@link
     *     io.cairn.model.error.ErrorCode#SERVICE_UNREACHABLE} if the database does not answer
     */
    Report run(RebuildProgress progress) {
        AtomicReference<Report> report = new AtomicReference<>();
        facts.replaceBackups(() -> read(report, progress));
        Report found = report.get();
        LOG.infof(
                "Rebuilt from the buckets: %d backups, %d records, %d incomplete copies, %d unreadable objects",
                found.backups(),
                found.records(),
                found.incomplete().size(),
                found.unreadable().size());
        return found;
    }

    private FactSet read(AtomicReference<Report> report, RebuildProgress progress) {
        List<StoreContents> contents =
                config.stores().keySet().stream()
                        .map(name -> new StoreReader(stores.store(name), parallel, progress).read())
                        .toList();
        Inventory inventory = new Inventory(contents, RequiredCopies.of(config), clock.instant());
        FactSet found = inventory.facts();
        report.set(
                new Report(
                        found.backups().byId().size(),
                        found.records().byId().size(),
                        inventory.incomplete().stream()
                                .map(copy ->
                                        new Incomplete(
                                                copy.store(),
                                                copy.commit().run().toString(),
                                                copy.missing().size()))
                                .toList(),
                        contents.stream().flatMap(store -> store.unreadable().stream()).toList()));
        return found;
    }
}
