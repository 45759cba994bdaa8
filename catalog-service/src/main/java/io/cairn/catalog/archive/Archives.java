package io.cairn.catalog.archive;

import io.cairn.config.CairnConfig;
import io.cairn.model.error.CairnException;
import io.cairn.service.storage.Stores;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.jboss.logging.Logger;

/** The archive of this catalog's backups. Blocking. */
@ApplicationScoped
public class Archives {

    private static final Logger LOG = Logger.getLogger(Archives.class);

    private final ArchiveRound round;

    @Inject
    Archives(CairnConfig config, Stores stores, DrilledCopies drilled) {
        this.round = new ArchiveRound(config.tiers().values(), stores::store, drilled);
    }

    /**
     * Lets go to the archive what was drilled.
     *
     * @throws CairnException the first failure of a store
     */
    public void release() {
        int tagged = round.run();
        if (tagged > 0) {
            LOG.infof("%d volumes of drilled backups may go to their archive class", tagged);
        }
    }
}
