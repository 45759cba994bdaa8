package io.cairn.catalog.sql;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Limits on the catalog's database. Where it is, the {@code quarkus.datasource} settings tell. */
@ConfigMapping(prefix = "cairn.catalog.database")
interface DatabaseSettings {

    /** How long a transaction may take. */
    @WithDefault("30s")
    Duration timeout();

    /** How long a rebuild from the buckets may take. */
    @WithDefault("1h")
    Duration rebuildTimeout();
}
