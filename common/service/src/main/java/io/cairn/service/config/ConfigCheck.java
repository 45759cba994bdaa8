package io.cairn.service.config;

import io.cairn.config.CairnConfig;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.interceptor.Interceptor;
import org.jboss.logging.Logger;

/**
 * Reads the configuration file before anything else starts, so that a mistake in it ends the start
 * at once.
 */
@ApplicationScoped
class ConfigCheck {

    private static final Logger LOG = Logger.getLogger(ConfigCheck.class);

    private final Instance<CairnConfig> config;

    @Inject
    ConfigCheck(Instance<CairnConfig> config) {
        this.config = config;
    }

    void onStart(@Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE) StartupEvent event) {
        CairnConfig read = config.get();
        LOG.infof(
                "Configured: clusters %s, stores %s",
                read.clusters().keySet(), read.stores().keySet());
    }
}
