package io.cairn.service.config;

import io.cairn.config.CairnConfig;
import io.cairn.config.CairnConfigReader;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.quarkus.arc.DefaultBean;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The configuration file, the process's name, the clock and randomness as beans. A test replaces
 * any of them by producing its own.
 */
@ApplicationScoped
class ConfigProducer {

    /**
     * {@code cairn.config}, environment variable {@code CAIRN_CONFIG}: path of {@code cairn.yaml}.
     */
    static final String CONFIG_PATH = "cairn.config";

    @Produces
    @Singleton
    @DefaultBean
    CairnConfig config(
            @ConfigProperty(name = CONFIG_PATH, defaultValue = "cairn.yaml") String path) {
        CairnConfig config = CairnConfigReader.read(Path.of(path));
        if (config.stores().isEmpty() && !config.clusters().isEmpty()) {
            throw new CairnException(
                    ErrorCode.CONFIG_INVALID,
                    path + " names clusters and no store to keep their backups in",
                    "add stores:, as docs/configuration.md shows");
        }
        return config;
    }

    /** {@code cairn.instance}, environment variable {@code CAIRN_INSTANCE}. */
    @Produces
    @Singleton
    @DefaultBean
    InstanceName instance(@ConfigProperty(name = "cairn.instance") Optional<String> name) {
        return name.map(InstanceName::new).orElseGet(InstanceName::ofThisProcess);
    }

    @Produces
    @Singleton
    @DefaultBean
    InstantSource clock() {
        return InstantSource.system();
    }

    @Produces
    @Singleton
    @DefaultBean
    RandomGenerator random() {
        return new SecureRandom();
    }
}
